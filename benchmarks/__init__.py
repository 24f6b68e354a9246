"""The ledger measured beside its peers and beside what the machine can do at most.

Everything runs on one machine in one run, in turns, so that what counts is a ratio.
"""
