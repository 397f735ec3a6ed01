"""The staff directory: who works there, so that a name can be told from a stranger's."""

import csv
import io
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from classifiers.base import ClassifierError
from classifiers.fold import fold

_BODIES = (
    r"council|ombudsman|office|housing(?: association| office| team)?|customer services?|repairs|complaints|"
    r"cyngor|gyngor|ombwdsmon|swyddfa|tai|gymdeithas dai|gwasanaethau cwsmeriaid|atgyweiriadau|cwynion"
)
_TITLES = r"(?:mr|mrs|ms|miss|dr|cllr|councillor|mx|y cyng|swyddog|officer)\.?\s+"


class StaffFileError(ClassifierError):
    """The staff file cannot be read; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Member:
    """One member of staff; a public face (office-holder, councillor) may be named freely."""

    org: str
    name: str
    role: str
    public_face: bool


@dataclass(frozen=True)
class StaffDirectory:
    """The members of staff of one or more organisations."""

    members: tuple[Member, ...] = ()
    _cache: dict[str, re.Pattern[str] | None] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def empty(cls) -> "StaffDirectory":
        """A directory that knows nobody."""
        return cls()

    @classmethod
    def from_csv(cls, path: Path) -> "StaffDirectory":
        """Read `org,name,role,public_face` (yes or no).

        Raises:
            StaffFileError: The file is missing or is not of this form.
        """
        try:
            text = path.read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise StaffFileError(f"{path}: the staff file cannot be read: {error}; give a CSV in UTF-8") from error
        reader = csv.DictReader(io.StringIO(text))
        missing = {"org", "name"} - set(reader.fieldnames or ())
        if missing:
            raise StaffFileError(
                f"{path}: the columns {', '.join(sorted(missing))} are missing; needed are org,name,role,public_face"
            )
        return cls(tuple(_member(path, number, row) for number, row in enumerate(reader, start=2)))

    @cached_property
    def known(self) -> frozenset[str]:
        """The folded full names."""
        return frozenset(fold(member.name) for member in self.members)

    def pattern(self, org: str) -> re.Pattern[str] | None:
        """Return what finds the staff of `org` in folded text: full names, a title with the surname, or a first name of the body."""
        if org not in self._cache:
            names = [fold(m.name) for m in self.members if m.org == org and not m.public_face]
            surnames = {name.split()[-1] for name in names if len(name.split()) > 1}
            given = "|".join(sorted({re.escape(name.split()[0]) for name in names if len(name.split()) > 1}))
            body = rf"(?:'r)?\s(?:(?:the|your|y|yr)\s)?(?:@?{re.escape(fold(org))}|{_BODIES})"
            parts = [*map(re.escape, names), *(_TITLES + re.escape(surname) for surname in surnames)]
            parts += [rf"(?:{given}),? (?:from|at|of|in|o|yn|gan|gyda|efo){body}"] if given else []
            self._cache[org] = re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)") if parts else None
        return self._cache[org]


def _member(path: Path, number: int, row: dict[str, str | None]) -> Member:
    if not row.get("org") or not row.get("name"):
        raise StaffFileError(f"{path}:{number}: a row needs 'org' and 'name'")
    face = (row.get("public_face") or "no").strip().lower() in {"yes", "true", "1", "ie"}
    return Member(str(row["org"]).strip(), str(row["name"]).strip(), (row.get("role") or "").strip(), face)
