"""Who is measured: ours, the limit that no ledger can pass, and the peers.

Each file here is one of them, made to do the same work by its own recommended way.
"""
