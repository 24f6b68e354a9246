"""The domain as pure functions, and the ledger that keeps what they decide."""
