"""The keys that sign the log: how one takes over from another, told in the log itself."""
