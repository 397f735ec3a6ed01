"""Where a person stands on the ladder of a pack, what may come next, and why, in a sentence of each language."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from models.domain import Reason
from models.measures import deadlines
from models.measures.dossier import Dossier
from models.measures.refusals import Refusal, refusal
from models.measures.steps import FormalWarning, Incident
from models.policy.schema import Pack, Step

MONTHS_EN = "January February March April May June July August September October November December".split()
MONTHS_CY = "Ionawr Chwefror Mawrth Ebrill Mai Mehefin Gorffennaf Awst Medi Hydref Tachwedd Rhagfyr".split()


@dataclass(frozen=True, slots=True)
class Standing:
    """Where somebody stands: the steps that may be taken now, and the sentence that says why."""

    next_steps: tuple[str, ...]
    why: Reason
    skips_warning: bool
    renews: bool


def in_words(day: date) -> Reason:
    """Return a day as people write it."""
    return Reason(
        f"{day.day} {MONTHS_EN[day.month - 1]} {day.year}", f"{day.day} {MONTHS_CY[day.month - 1]} {day.year}"
    )


def zero_tolerance(incidents: Iterable[Incident], pack: Pack) -> bool:
    """True when an upheld incident lets the policy act without a warning."""
    ladder = pack.ladder
    grave = [i for i in incidents if i.upheld and (i.zero_tolerance or i.danger)]
    if ladder.zero_tolerance_needs_danger:
        grave = [incident for incident in grave if incident.danger]
    return ladder.zero_tolerance_skips_warning and bool(grave)


def renews(dossier: Dossier, incidents: Iterable[Incident], pack: Pack) -> bool:
    """True when conduct came back soon enough after a restriction ended to restrict again without a warning."""
    upheld = [incident for incident in incidents if incident.upheld]
    for restriction in dossier.formal():
        end = deadlines.ends_at(restriction, dossier.incidents, pack)
        limit = None if end is None else deadlines.renewable_until(end, pack)
        if end is not None and limit is not None and any(end <= incident.at < limit for incident in upheld):
            return True
    return False


def _step(pack: Pack, name: str) -> Step | None:
    return next((step for step in pack.ladder.steps if step.id == name), None)


def before_warning(dossier: Dossier, incidents: tuple[Incident, ...], pack: Pack) -> tuple[Refusal, ...]:
    """Return what must come before a warning that rests on `incidents`: where the policy asks first, an ask."""
    step = _step(pack, "ask")
    if step is None or not step.required_before_next or zero_tolerance(incidents, pack):
        return ()
    told = [ask.told_at for ask in dossier.asks if ask.told_at is not None]
    if not told:
        return (refusal("ask_first", step.clause),)
    if not any(incident.at > min(told) for incident in incidents if incident.upheld):
        return (refusal("nothing_since_ask", step.clause),)
    return ()


def before_managing(
    dossier: Dossier, incidents: tuple[Incident, ...], pack: Pack, now: datetime, serious_why: str = ""
) -> tuple[Refusal, ...]:
    """Return what must come before contact is formally managed because of `incidents`."""
    if zero_tolerance(incidents, pack) or renews(dossier, incidents, pack):
        return ()
    if pack.ladder.serious_clause is not None and serious_why.strip():
        return ()
    step = _step(pack, "warn")
    if step is None or not step.required_before_next:
        return ()
    standing = _usable(dossier, step, pack, now)
    if not standing:
        return (refusal("written_first" if step.written else "warn_first", step.clause),)
    if not any(_follows(incident, warning) for incident in incidents for warning in standing):
        return (refusal("nothing_since_warning", step.clause),)
    return ()


def _usable(dossier: Dossier, step: Step, pack: Pack, now: datetime) -> tuple[FormalWarning, ...]:
    standing = dossier.warnings_in_force(pack, now)
    return tuple(warning for warning in standing if warning.written or not step.written)


def _follows(incident: Incident, warning: FormalWarning) -> bool:
    return incident.upheld and warning.told_at is not None and incident.at > warning.told_at


def warned_once(dossier: Dossier, pack: Pack, now: datetime) -> datetime | None:
    """Return when the person was last warned, in whatever form, by a warning or before a call was ended."""
    told = [warning.told_at for warning in dossier.warnings_in_force(pack, now) if warning.told_at is not None]
    calls = [i.at for i in dossier.upheld() if i.warned_first and i.at <= now]
    return max((*told, *calls), default=None)


def standing(dossier: Dossier, pack: Pack, now: datetime) -> Standing:
    """Return where the person stands at `now`: all upheld incidents are taken together."""
    incidents = tuple(incident for incident in dossier.upheld() if incident.at <= now)
    skips, again = zero_tolerance(incidents, pack), renews(dossier, incidents, pack)
    steps = ["ask"] if _step(pack, "ask") is not None and incidents else []
    if incidents and not before_warning(dossier, incidents, pack):
        steps.append("warn")
    if incidents and not before_managing(dossier, incidents, pack, now):
        steps.append("manage")
    return Standing(tuple(steps), _why(dossier, incidents, pack, now, skips, again), skips, again)


def _why(
    dossier: Dossier, incidents: tuple[Incident, ...], pack: Pack, now: datetime, skips: bool, again: bool
) -> Reason:
    if not incidents:
        return Reason(
            "No incident has been upheld: nothing follows.", "Ni chadarnhawyd unrhyw ddigwyddiad: nid oes dim yn dilyn."
        )
    if in_force := dossier.in_force(pack, now):
        return _restricted(dossier, in_force[-1].restriction_id, pack)
    if skips:
        clause = pack.ladder.zero_tolerance_clause or ""
        return Reason(
            f"Zero tolerance: contact may be managed without a warning ({clause}).",
            f"Dim goddefgarwch: gellir rheoli cyswllt heb rybudd ({clause}).",
        )
    if again:
        return Reason(
            "A restriction ended not long ago and conduct came back: it may be put in place again without a warning.",
            "Daeth cyfyngiad i ben yn ddiweddar ac ailddechreuodd yr ymddygiad: gellir ei ailosod heb rybudd.",
        )
    return _by_warnings(dossier, incidents, pack, now)


def _by_warnings(dossier: Dossier, incidents: tuple[Incident, ...], pack: Pack, now: datetime) -> Reason:
    if warnings := dossier.warnings_in_force(pack, now):
        return _warned(dossier, warnings[0], incidents, pack)
    if lapsed := [warning for warning in dossier.warnings if warning.told_at is not None]:
        end = deadlines.warning_ends(lapsed[-1], dossier.incidents, pack)
        day = in_words(_last_day(end or now))
        return Reason(
            f"The last warning was in force until {day.en} and has lapsed: the ladder begins anew.",
            f"Bu'r rhybudd diwethaf mewn grym hyd {day.cy} ac mae wedi dod i ben: mae'r camau'n dechrau o'r newydd.",
        )
    return _first_steps(dossier, pack)


def _warned(dossier: Dossier, warning: FormalWarning, incidents: tuple[Incident, ...], pack: Pack) -> Reason:
    assert warning.told_at is not None
    told, end = (
        in_words(deadlines.london_day(warning.told_at)),
        deadlines.warning_ends(warning, dossier.incidents, pack),
    )
    until = None if end is None else in_words(_last_day(end))
    since = any(_follows(incident, warning) for incident in incidents)
    en = f"A warning given on {told.en} is in force" + (f" until {until.en}" if until else "")
    cy = f"Mae rhybudd a roddwyd ar {told.cy} mewn grym" + (f" hyd {until.cy}" if until else "")
    if since:
        return Reason(
            f"{en}, and conduct has gone on: contact may be managed.",
            f"{cy}, ac mae'r ymddygiad wedi parhau: gellir rheoli cyswllt.",
        )
    return Reason(f"{en}: nothing has happened since.", f"{cy}: nid oes dim wedi digwydd ers hynny.")


def _restricted(dossier: Dossier, restriction_id: int, pack: Pack) -> Reason:
    restriction = dossier.restriction(restriction_id)
    assert restriction is not None
    begun = in_words(deadlines.london_day(restriction.starts_at))
    end = deadlines.ends_at(restriction, dossier.incidents, pack)
    until = None if end is None else in_words(_last_day(end))
    return Reason(
        f"A restriction of {begun.en} is in force" + (f" until {until.en}." if until else "."),
        f"Mae cyfyngiad a ddechreuodd ar {begun.cy} mewn grym" + (f" hyd {until.cy}." if until else "."),
    )


def _first_steps(dossier: Dossier, pack: Pack) -> Reason:
    asks = [ask for ask in dossier.asks if ask.told_at is not None]
    step = _step(pack, "ask")
    if asks:
        assert asks[-1].told_at is not None
        day = in_words(deadlines.london_day(asks[-1].told_at))
        return Reason(
            f"Asked on {day.en}: a warning follows if it goes on.",
            f"Gofynnwyd ar {day.cy}: daw rhybudd os bydd yn parhau.",
        )
    if step is not None and step.required_before_next:
        return Reason(
            "Nobody has asked yet: this policy asks first.",
            "Nid oes neb wedi gofyn eto: mae'r polisi hwn yn gofyn yn gyntaf.",
        )
    return Reason("There is no warning yet: one comes first.", "Nid oes rhybudd eto: daw un yn gyntaf.")


def _last_day(end: datetime) -> date:
    """Return the last day on which something still stands that ends at `end`."""
    return deadlines.london_day(end - timedelta(microseconds=1))
