"""Everything of the formal side about one person in one organisation, at one moment."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from models.domain import Channel
from models.measures import deadlines
from models.measures.steps import (
    Appeal,
    Ask,
    Basis,
    Circumstance,
    FormalWarning,
    Incident,
    Record,
    Referral,
    Restriction,
    Review,
)
from models.measures.terms import closed_by
from models.policy.schema import Pack


@dataclass(frozen=True, slots=True)
class Dossier:
    """A person's formal history. `organisation` is True for an organisation or somebody acting professionally."""

    contact_id: int
    org: str
    organisation: bool = False
    last_contact_at: datetime | None = None
    circumstances: tuple[Circumstance, ...] = ()
    incidents: tuple[Incident, ...] = ()
    asks: tuple[Ask, ...] = ()
    warnings: tuple[FormalWarning, ...] = ()
    restrictions: tuple[Restriction, ...] = ()
    reviews: tuple[Review, ...] = ()
    appeals: tuple[Appeal, ...] = ()
    referrals: tuple[Referral, ...] = ()
    records: tuple[Record, ...] = ()

    def upheld(self) -> tuple[Incident, ...]:
        """Return the incidents that count, oldest first."""
        return tuple(sorted((i for i in self.incidents if i.upheld), key=lambda i: (i.at, i.incident_id)))

    def incidents_of(self, ids: tuple[int, ...]) -> tuple[Incident, ...]:
        """Return the incidents with these ids."""
        return tuple(incident for incident in self.incidents if incident.incident_id in ids)

    def restriction(self, restriction_id: int) -> Restriction | None:
        """Return one restriction, None when there is none of this id."""
        return next((r for r in self.restrictions if r.restriction_id == restriction_id), None)

    def current_circumstances(self) -> tuple[Circumstance, ...]:
        """Return what is recorded or believed of the person now."""
        return tuple(c for c in self.circumstances if c.ended_at is None)

    def cannot_use(self) -> frozenset[Channel]:
        """Return the channels that the person cannot use."""
        return frozenset().union(*(c.cannot_use for c in self.current_circumstances()))

    def standing(self, but: int | None = None) -> tuple[Restriction, ...]:
        """Return the restrictions that have not ended, resting ones among them, without `but`."""
        return tuple(r for r in self.restrictions if r.ended is None and r.restriction_id != but)

    def in_force(self, pack: Pack, now: datetime) -> tuple[Restriction, ...]:
        """Return the restrictions a person must keep to at `now`."""
        return tuple(r for r in self.standing() if deadlines.in_force(r, self.incidents, pack, now))

    def warnings_in_force(self, pack: Pack, now: datetime) -> tuple[FormalWarning, ...]:
        """Return the warnings that stand at `now`, latest told first."""
        standing = [w for w in self.warnings if deadlines.warning_in_force(w, self.incidents, pack, now)]
        return tuple(sorted(standing, key=_told, reverse=True))

    def open_lines(self, pack: Pack, now: datetime) -> tuple[Channel, ...]:
        """Return the lines of contact that are open to this person and that they can use."""
        closed = closed_by(pack, (terms for r in self.in_force(pack, now) for terms in r.measures))
        return tuple(line for line in pack.lines if line not in closed | self.cannot_use())

    def left_open(
        self, pack: Pack, restriction: Restriction, now: datetime, but: int | None = None
    ) -> tuple[Channel, ...]:
        """Return the lines that stay open with `restriction` beside all that may be in force with it."""
        beside = [r for r in self.standing(but) if not deadlines.run_out(r, self.incidents, pack, now)]
        closed = closed_by(pack, (terms for r in (*beside, restriction) for terms in r.measures))
        return tuple(line for line in pack.lines if line not in closed | self.cannot_use())

    def formal(self) -> Iterator[Restriction]:
        """Yield the formal decisions to manage contact."""
        return (r for r in self.restrictions if r.basis is Basis.FORMAL)

    def open_referral(self) -> Referral | None:
        """Return the referral whose advice is still awaited."""
        return next((referral for referral in self.referrals if referral.open), None)

    def open_appeal(self, restriction_id: int) -> Appeal | None:
        """Return the appeal against a restriction that is not decided yet."""
        return next((a for a in self.appeals if a.restriction_id == restriction_id and a.outcome is None), None)


def _told(warning: FormalWarning) -> datetime:
    assert warning.told_at is not None
    return warning.told_at
