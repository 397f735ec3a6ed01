"""Letters as JSON and back, whole: what was approved is what goes, whatever the record says later."""

from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter

from models.letters.blocks import Letter

_ADAPTER: TypeAdapter[tuple[Letter, ...]] = TypeAdapter(tuple[Letter, ...])


def dumped(letters: Sequence[Letter]) -> list[Any]:
    """Return letters as JSON."""
    found: list[Any] = _ADAPTER.dump_python(tuple(letters), mode="json")
    return found


def loaded(kept: Sequence[Any]) -> tuple[Letter, ...]:
    """Return letters from JSON, each block of the kind that it was."""
    return _ADAPTER.validate_python(kept)
