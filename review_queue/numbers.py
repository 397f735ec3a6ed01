"""Numbers that a request may name: within what every store can hold, so that one beyond is answered, never looked up."""

from typing import Annotated

from pydantic import Field

LARGEST = 2**31 - 1
Number = Annotated[int, Field(ge=1, le=LARGEST)]
"""The number of something that is kept."""
Count = Annotated[int, Field(ge=0, le=LARGEST)]
"""A page, a version, how many; or the number of something, 0 for nothing."""


def number_in(text: str) -> int | None:
    """Return the number that a field of a form holds, None where it holds none or one beyond `LARGEST`."""
    number = int(text) if text.isdecimal() and len(text) <= 10 else None
    return number if number is not None and number <= LARGEST else None
