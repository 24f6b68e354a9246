"""Which keys a table may hold, in two megabytes however many they are: a Bloom filter.

Most rows that a fold asks for are new. Each would cost a question to the database whose answer
is no; a filter is never wrong about a key that it lacks, so it is asked first.
B. H. Bloom, "Space/time trade-offs in hash coding with allowable errors" (1970).
"""

from __future__ import annotations

from collections.abc import Iterable

_BITS = 24
_MASK = (1 << _BITS) - 1


class Keys:
    """A set that may say yes for what it lacks, and never no for what it has.

    With a million keys it is wrong about one in seventy; with ten million about one in two,
    and then serves nobody, but does no harm.
    """

    __slots__ = ("_bits",)

    def __init__(self, keys: Iterable[str] = ()) -> None:
        """Begin with these keys."""
        self._bits = bytearray(1 << (_BITS - 3))
        for key in keys:
            self.add(key)

    def add(self, key: str) -> None:
        """Put a key in, for good."""
        mark = hash(key)  # of 64 bits, salted for each process: nobody can aim at it
        one, other = mark & _MASK, (mark >> _BITS) & _MASK
        self._bits[one >> 3] |= 1 << (one & 7)
        self._bits[other >> 3] |= 1 << (other & 7)

    def __contains__(self, key: str) -> bool:
        mark = hash(key)
        one, other = mark & _MASK, (mark >> _BITS) & _MASK
        bits = self._bits
        return bool(bits[one >> 3] >> (one & 7) & bits[other >> 3] >> (other & 7) & 1)
