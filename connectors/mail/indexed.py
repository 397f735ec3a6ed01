"""A mail part that finds a header by its name at once, where the standard library reads through all of them."""

from email.message import Message
from email.policy import Policy, compat32
from typing import Any


class IndexedPart(Message):
    """A parsed part; its headers are put in order by name when one is first asked for."""

    def __init__(self, policy: "Policy[Any]" = compat32) -> None:
        super().__init__(policy)
        self._by_name: dict[str, list[tuple[str, Any]]] = {}
        self._indexed = 0

    def get(self, name: str, failobj: Any = None) -> Any:
        """Return the first header called `name`, `failobj` where there is none."""
        found = self._named(name)
        return self.policy.header_fetch_parse(*found[0]) if found else failobj

    def get_all(self, name: str, failobj: Any = None) -> Any:
        """Return every header called `name` in order, `failobj` where there is none."""
        found = self._named(name)
        return [self.policy.header_fetch_parse(*pair) for pair in found] if found else failobj

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and bool(self._named(name))

    def _named(self, name: str) -> list[tuple[str, Any]]:
        if self._indexed != len(self):
            self._by_name, self._indexed = {}, len(self)
            for pair in self.raw_items():
                self._by_name.setdefault(pair[0].lower(), []).append(pair)
        return self._by_name.get(name.lower(), [])
