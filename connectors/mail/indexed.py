"""A mail part whose headers are found by name at once: the standard library's reads through all of them each time."""

from email.message import Message
from email.policy import Policy, compat32
from typing import Any


class IndexedPart(Message):
    """A parsed part; headers are only ever added to it, by the parser."""

    def __init__(self, policy: "Policy[Any]" = compat32) -> None:
        super().__init__(policy)
        self._by_name: dict[str, list[tuple[str, Any]]] = {}

    def set_raw(self, name: str, value: Any) -> None:
        """Add a header as the parser read it."""
        super().set_raw(name, value)
        self._by_name.setdefault(name.lower(), []).append((name, value))

    def get(self, name: str, failobj: Any = None) -> Any:
        """Return the first header called `name`, `failobj` where there is none."""
        found = self._by_name.get(name.lower())
        return failobj if found is None else self.policy.header_fetch_parse(*found[0])

    def get_all(self, name: str, failobj: Any = None) -> Any:
        """Return every header called `name` in order, `failobj` where there is none."""
        found = self._by_name.get(name.lower())
        return failobj if found is None else [self.policy.header_fetch_parse(*pair) for pair in found]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._by_name
