"""The arrays of the campaign index: a buffer that is read through, segments that are sorted and probed."""

from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from classifiers.signatures import BANDS, SKETCH_WORDS, Signature

LARGEST = 65_536
"""A row of a segment is told by 16 bits."""
SAME_NIBBLES = 18
"""Of the 64 sketched values so many are the same where shingles are shared by three in ten; by chance it is four."""
RUN_AT_MOST = 64
"""Of messages with one band key, link or sentence the newest so many are looked at."""
SPAN_32, SPAN_64 = 2.0**32, 2.0**64
_NOTHING = np.zeros(0, np.uint64)


class Segment:
    """Messages in the order they came, with each band's keys sorted beside the rows that hold them."""

    __slots__ = ("at", "ids", "keys", "newest", "rows", "sketches", "tier", "whole_rows", "wholes")

    def __init__(
        self, ids: NDArray[np.int64], at: NDArray[np.uint32], sketches: NDArray[np.uint64], tier: int = 0
    ) -> None:
        self.ids, self.at, self.sketches, self.tier = ids, at, sketches, tier
        self.newest = int(at.max()) if len(at) else 0
        self.keys = np.empty((BANDS, len(ids)), np.uint32)
        self.rows = np.empty((BANDS, len(ids)), np.uint16)
        self.wholes = _NOTHING
        self.whole_rows = np.zeros(0, np.uint16)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def size_bytes(self) -> int:
        """What the arrays take."""
        return sum(
            part.nbytes
            for part in (self.ids, self.at, self.sketches, self.keys, self.rows, self.wholes, self.whole_rows)
        )

    def sort_band(self, band: int, keys: NDArray[np.uint32], rows: NDArray[np.uint16]) -> None:
        """Keep one band sorted, rows of one key in the order they came."""
        order = np.argsort(keys, kind="stable")
        self.keys[band], self.rows[band] = keys[order], rows[order]

    def sort_wholes(self, wholes: NDArray[np.uint64], rows: NDArray[np.uint16]) -> None:
        """Keep the hashes of links and sentences sorted."""
        order = np.argsort(wholes, kind="stable")
        self.wholes, self.whole_rows = wholes[order], rows[order]

    def near(self, mine: Signature, after: int, most: int) -> list[int]:
        """Return the ids of the likely copies of `mine` not older than `after` (minutes), `most` at most of either kind."""
        found = np.empty(2 * most, np.int64)
        count = _probe(
            self.keys, self.rows, self.sketches, self.at, self.wholes, self.whole_rows,
            mine.keys, mine.sketch, mine.wholes, after, found,
        )  # fmt: skip
        return [int(self.ids[row]) for row in found[:count]]


class Buffer:
    """The newest messages, not sorted: few enough to be read through."""

    def __init__(self, size: int) -> None:
        self._ids = np.zeros(size, np.int64)
        self._at = np.zeros(size, np.uint32)
        self._sketches = np.zeros((size, SKETCH_WORDS), np.uint64)
        self._keys = np.zeros((size, BANDS), np.uint32)
        self._wholes: dict[int, list[int]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def full(self) -> bool:
        """True when no more go in."""
        return self._count == len(self._ids)

    @property
    def size_bytes(self) -> int:
        """What the arrays take."""
        return self._ids.nbytes + self._at.nbytes + self._sketches.nbytes + self._keys.nbytes

    def add(self, message_id: int, at: int, mine: Signature) -> None:
        """Keep one more; there must be room."""
        row = self._count
        self._ids[row], self._at[row] = message_id, at
        self._sketches[row], self._keys[row] = mine.sketch, mine.keys
        for whole in mine.wholes.tolist():
            self._wholes.setdefault(whole, []).append(row)
        self._count += 1

    def near(self, mine: Signature, after: int) -> list[int]:
        """Return the ids of the likely copies of `mine` not older than `after` (minutes)."""
        if not self._count:
            return []
        found = np.empty(RUN_AT_MOST, np.int64)
        count = _read_through(self._keys, self._sketches, self._at, self._count, mine.keys, mine.sketch, after, found)
        rows = set(found[:count].tolist())
        for whole in mine.wholes.tolist():
            rows.update(row for row in self._wholes.get(whole, ())[-RUN_AT_MOST:] if self._at[row] >= after)
        return [int(self._ids[row]) for row in rows]

    def emptied(self) -> Segment:
        """Return what was kept as a segment, and begin anew."""
        n = self._count
        made = Segment(self._ids[:n].copy(), self._at[:n].copy(), self._sketches[:n].copy())
        rows = np.arange(n, dtype=np.uint16)
        for band in range(BANDS):
            made.sort_band(band, self._keys[:n, band], rows)
        pairs = [(whole, row) for whole, held in self._wholes.items() for row in held]
        pairs.sort(key=lambda pair: pair[1])
        made.sort_wholes(
            np.array([whole for whole, _ in pairs], np.uint64), np.array([row for _, row in pairs], np.uint16)
        )
        self._wholes, self._count = {}, 0
        return made


def merged(parts: Sequence[Segment]) -> Segment:
    """Return the segments as one; together they hold LARGEST messages at most."""
    made = Segment(
        np.concatenate([part.ids for part in parts]),
        np.concatenate([part.at for part in parts]),
        np.concatenate([part.sketches for part in parts]),
        max(part.tier for part in parts) + 1,
    )
    starts = np.cumsum([0, *(len(part) for part in parts)])
    shifts = [np.uint16(start) for start in starts[:-1]]
    for band in range(BANDS):
        made.sort_band(
            band,
            np.concatenate([part.keys[band] for part in parts]),
            np.concatenate([part.rows[band] + shift for part, shift in zip(parts, shifts, strict=True)]),
        )
    made.sort_wholes(
        np.concatenate([part.wholes for part in parts]),
        np.concatenate([part.whole_rows + shift for part, shift in zip(parts, shifts, strict=True)]),
    )
    return made


@njit(cache=True, nogil=True)
def _same(one: NDArray[np.uint64], two: NDArray[np.uint64]) -> int:
    """Return how many of the four-bit values are the same."""
    same = 0
    for word in range(len(one)):
        apart = one[word] ^ two[word]
        apart |= (apart >> np.uint64(1)) | (apart >> np.uint64(2)) | (apart >> np.uint64(3))
        apart &= np.uint64(0x1111111111111111)
        summed = (apart + (apart >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
        same += 16 - int((summed * np.uint64(0x0101010101010101)) >> np.uint64(56))
    return same


@njit(cache=True, nogil=True)
def _after_run(keys: NDArray[np.uint64], key: int, span: float) -> int:
    """Return the place after the last key not greater than `key`: near where hashes spread evenly over `span` have it."""
    n = len(keys)
    expected = int(np.float64(key) / span * n)
    near = int(3.0 * np.sqrt(n)) + 4
    low, high = max(0, expected - near), min(n, expected + near)
    if low > 0 and keys[low - 1] > key:
        low = 0
    if high < n and keys[high] <= key:
        high = n
    while low < high:
        middle = (low + high) // 2
        if keys[middle] > key:
            high = middle
        else:
            low = middle + 1
    return low


@njit(cache=True, nogil=True)
def _kept(found: NDArray[np.int64], count: int, row: int) -> bool:
    seen = False
    for at in range(count):
        seen = seen or found[at] == row
    return seen


@njit(cache=True, nogil=True)
def _probe(
    keys: NDArray[np.uint32],
    rows: NDArray[np.uint16],
    sketches: NDArray[np.uint64],
    at: NDArray[np.uint32],
    wholes: NDArray[np.uint64],
    whole_rows: NDArray[np.uint16],
    my_keys: NDArray[np.uint32],
    my_sketch: NDArray[np.uint64],
    my_wholes: NDArray[np.uint64],
    after: int,
    found: NDArray[np.int64],
) -> int:
    """Write the rows of likely copies into `found`, newest first within a key, and return how many."""
    count, half = 0, len(found) // 2
    for band in range(len(my_keys)):
        key = my_keys[band]
        place = _after_run(keys[band], key, SPAN_32) - 1
        looked = 0
        while place >= 0 and keys[band, place] == key and looked < RUN_AT_MOST and count < half:
            row = int(rows[band, place])
            if at[row] >= after and not _kept(found, count, row) and _same(sketches[row], my_sketch) >= SAME_NIBBLES:
                found[count] = row
                count += 1
            place -= 1
            looked += 1
    for whole in my_wholes:
        place = _after_run(wholes, whole, SPAN_64) - 1
        looked = 0
        while place >= 0 and wholes[place] == whole and looked < RUN_AT_MOST and count < len(found):
            row = int(whole_rows[place])
            if at[row] >= after and not _kept(found, count, row):
                found[count] = row
                count += 1
            place -= 1
            looked += 1
    return count


@njit(cache=True, nogil=True)
def _read_through(
    keys: NDArray[np.uint32],
    sketches: NDArray[np.uint64],
    at: NDArray[np.uint32],
    held: int,
    my_keys: NDArray[np.uint32],
    my_sketch: NDArray[np.uint64],
    after: int,
    found: NDArray[np.int64],
) -> int:
    """Write the rows of likely copies into `found`, newest first: alike in their sketch, and one band at least the same."""
    count = 0
    for back in range(held):
        row = held - 1 - back
        if count == len(found):
            break
        if at[row] < after or _same(sketches[row], my_sketch) < SAME_NIBBLES:
            continue
        for band in range(len(my_keys)):
            if keys[row, band] == my_keys[band]:
                found[count] = row
                count += 1
                break
    return count
