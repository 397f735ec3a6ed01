"""The campaign index: look-alikes among a million messages of many authors, in sorted arrays that compiled code searches.

Messages enter a small buffer; a full buffer becomes a segment, eight segments become one eight times as large, up to
the largest size, after which segments only age and are dropped whole. A segment holds the keys of each band sorted
with the rows they belong to, so that a copy is found by a few probes a band; what shares a band by chance is told
apart by its sketch. Links and long sentences are found the same way by their hashes.
"""

from collections.abc import Iterable
from datetime import datetime

from classifiers.segments import LARGEST, Buffer, Segment, merged
from classifiers.signatures import unpacked

BUFFERED, GROWTH = 1_024, 8
NEAR_AT_MOST = 64


class CampaignIndex:
    """Look-alikes within a window, in memory; one owner, who brings what the store keeps."""

    def __init__(self, buffered: int = BUFFERED, growth: int = GROWTH, largest: int = LARGEST) -> None:
        """Make an empty index; the sizes are in messages, `largest` at most 65,536."""
        self._growth, self._largest = growth, largest
        self._buffer = Buffer(buffered)
        self._segments: list[Segment] = []

    def __len__(self) -> int:
        return len(self._buffer) + sum(len(segment) for segment in self._segments)

    @property
    def size_bytes(self) -> int:
        """What the arrays take."""
        return self._buffer.size_bytes + sum(segment.size_bytes for segment in self._segments)

    def add(self, message_id: int, at: datetime, signature: bytes) -> None:
        """Make a message known; one without a signature stays unknown."""
        found = unpacked(signature)
        if found is None:
            return
        self._buffer.add(message_id, _minutes(at), found)
        if self._buffer.full:
            self._segments.append(self._buffer.emptied())
            self._settle()

    def add_many(self, rows: Iterable[tuple[int, datetime, bytes]]) -> None:
        """Make many messages known, as when the index is built anew."""
        for message_id, at, signature in rows:
            self.add(message_id, at, signature)

    def absorb(self, newer: "CampaignIndex") -> None:
        """Take over what `newer` came to know while this one was built; it is empty afterwards."""
        parts = [*self.emptied(), *newer.emptied()]
        full = [segment for segment in parts if len(segment) > self._largest // 2]
        small = [segment for segment in parts if len(segment) <= self._largest // 2]
        self._segments = full
        while small:
            group = [small.pop(0)]
            while small and sum(map(len, group)) + len(small[0]) <= self._largest:
                group.append(small.pop(0))
            self._segments.append(merged(group) if len(group) > 1 else group[0])

    def emptied(self) -> list[Segment]:
        """Return all that is known as segments, and begin anew."""
        parts, self._segments = self._segments, []
        return [*parts, self._buffer.emptied()] if len(self._buffer) else parts

    def neighbours(self, signature: bytes, since: datetime | None = None) -> list[int]:
        """Return the ids of messages that are likely near-copies or hold one of its links or long sentences, oldest first.

        Of very many the newest NEAR_AT_MOST of each kind are told.
        """
        mine = unpacked(signature)
        if mine is None:
            return []
        after = 0 if since is None else _minutes(since)
        found = self._buffer.near(mine, after)
        for segment in reversed(self._segments):
            if len(found) >= 2 * NEAR_AT_MOST:
                break
            if segment.newest >= after:
                found.extend(segment.near(mine, after, NEAR_AT_MOST))
        return sorted(set(found))

    def forget_before(self, at: datetime) -> None:
        """Drop the segments whose every message is older than `at`."""
        limit = _minutes(at)
        self._segments = [segment for segment in self._segments if segment.newest >= limit]

    def _settle(self) -> None:
        """Join the newest segments of one size while there are enough of them; the largest stay as they are."""
        while len(self._segments) >= self._growth:
            newest = self._segments[-self._growth :]
            if len({segment.tier for segment in newest}) > 1 or sum(map(len, newest)) > self._largest:
                return
            self._segments[-self._growth :] = [merged(newest)]


def _minutes(at: datetime) -> int:
    return int(at.timestamp()) // 60
