"""What the API takes of many cases at once: searches to keep, verdicts on many, replies to campaigns."""

from typing import Annotated, Literal

from pydantic import Field

from review_queue.api.shapes.asked import Search, Taken, WordsAsked
from review_queue.numbers import Number
from review_queue.pages.bulk import GIVEN


class ViewAsked(Taken):
    """A search to keep."""

    title: Annotated[str, Field(min_length=1, max_length=60)]
    search: Search


Given = Literal["deliver", "proposed", "hide", "quarantine", "no_action"]
"""What may be given to many at once: nothing that acts on a person."""
assert Given.__args__ == GIVEN  # type: ignore[attr-defined]


class BulkQuery(Search):
    """A search, and the verdict that its open cases would get."""

    verdict: Given


class BulkAsked(Taken):
    """One verdict for exactly the set that was tried: `seal` is what trying it gave."""

    search: Search
    verdict: Given
    seal: Annotated[str, Field(min_length=64, max_length=64)]
    why: Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"\S")]


class ReplyAsked(Taken):
    """A reply to everybody of a campaign but the people `but`; `both`: everybody gets it in both languages."""

    subject: WordsAsked
    text: WordsAsked
    both: bool = False
    but: Annotated[list[Number], Field(max_length=1_000, default_factory=list)]
