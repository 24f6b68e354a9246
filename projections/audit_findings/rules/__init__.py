"""The rules, one room a family. Each reads the state as it was before the fact at hand."""
