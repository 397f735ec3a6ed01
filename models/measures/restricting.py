"""What a restriction must hold to be in order: its steps before, its measures and dates, what was weighed, the line left open."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from models.domain import Channel, Reason
from models.measures import authority, deadlines, ladder
from models.measures.authority import TooLow
from models.measures.dossier import Dossier
from models.measures.ladder import in_words
from models.measures.refusals import Refusal, refusal
from models.measures.steps import Answer, Basis, Officer, Restriction, Review
from models.measures.terms import Terms, closed_by, missing, type_of
from models.policy.restrictions import months_after
from models.policy.schema import Pack

INFORMAL_TYPES = frozenset({"one_channel", "days_and_times", "single_contact", "volume_limit"})


@dataclass(frozen=True, slots=True)
class Lines:
    """What a restriction does to the last line of contact: refused, left alone, or closed with a recorded reason."""

    refusals: tuple[Refusal, ...] = ()
    overridden: bool = False


def ladder_of(dossier: Dossier, pack: Pack, draft: Restriction, now: datetime) -> list[Refusal]:
    """Return what must come before a restriction on its basis."""
    incidents = dossier.incidents_of(draft.incident_ids)
    match draft.basis:
        case Basis.FORMAL:
            found = list(ladder.before_managing(dossier, incidents, pack, now, draft.serious_why))
            once = len(dossier.upheld()) < pack.ladder.occasions_generally
            if once and not ladder.zero_tolerance(incidents, pack) and not draft.single_occasion_why.strip():
                found.append(refusal("one_occasion", pack.ladder.occasions_clause))
            return found
        case Basis.CALL:
            return _after_call(dossier, pack, draft)
        case Basis.INFORMAL:
            return _informal(dossier, pack, draft, now)


def _after_call(dossier: Dossier, pack: Pack, draft: Restriction) -> list[Refusal]:
    """A terminated call after one warning, then further contact of the same sort that no such restriction rests on yet."""
    named = {row.decision: row.clause for row in pack.authority}
    clause = next((named[name] for name in authority.CALL_DECISIONS if name in named), None)
    if clause is None:
        return [refusal("no_such_basis")]
    calls = [i for i in dossier.upheld() if i.terminated_call]
    if not calls:
        return [refusal("call_first", clause)]
    warned = [i for i in calls if i.warned_first or ladder.zero_tolerance((i,), pack)]
    if not warned:
        return [refusal("call_not_warned", clause)]
    used = {i for r in dossier.restrictions if r.basis is not Basis.FORMAL for i in r.incident_ids}
    further = [i for i in dossier.incidents_of(draft.incident_ids) if i.upheld and i.incident_id not in used]
    if not any(i.at > warned[0].at for i in further):
        return [refusal("nothing_after", clause)]
    return []


def _informal(dossier: Dossier, pack: Pack, draft: Restriction, now: datetime) -> list[Refusal]:
    """An officer's own moderation of contact, or up to a week after one warning where the policy says so."""
    named = {row.decision: row.clause for row in pack.authority}
    if "moderate_contact" in named:
        return []
    if pack.clocks.informal_restriction_days is None:
        return [refusal("no_such_basis")]
    clause = named.get("restrict_one_week")
    warned = ladder.warned_once(dossier, pack, now)
    if warned is None:
        return [refusal("warn_first", clause)]
    used = {i for r in dossier.restrictions if r.basis is not Basis.FORMAL for i in r.incident_ids}
    further = [i for i in dossier.incidents_of(draft.incident_ids) if i.upheld and i.incident_id not in used]
    return [] if any(i.at > warned for i in further) else [refusal("nothing_after", clause)]


def measures_of(pack: Pack, draft: Restriction) -> Iterator[Refusal]:
    """Yield what is wrong with the measures themselves."""
    if not draft.measures:
        yield refusal("no_measure")
    for terms in draft.measures:
        kind = type_of(pack, terms)
        if kind is None:
            yield refusal("unknown_measure", measure=terms.measure)
        elif wrong := missing(pack, terms):
            yield refusal("measure_incomplete", measure=terms.measure, fields=", ".join(wrong))
        elif draft.basis is Basis.CALL and not _telephone_only(pack, terms, kind):
            yield refusal("telephone_only")
        elif draft.basis is Basis.INFORMAL and _moderated(pack) and kind not in INFORMAL_TYPES:
            yield refusal("informal_only")


def _moderated(pack: Pack) -> bool:
    """True where an officer may moderate contact informally without a warning, and therefore only mildly."""
    return any(row.decision == "moderate_contact" for row in pack.authority)


def _telephone_only(pack: Pack, terms: Terms, kind: str) -> bool:
    if pack.clocks.terminated_call_days is None and pack.clocks.informal_restriction_days is not None:
        return True
    if kind == "days_and_times":
        return set(terms.channels) <= {Channel.TELEPHONE}
    return kind == "block_contact" and set(terms.channels) == {Channel.TELEPHONE}


def dates_of(pack: Pack, draft: Restriction, dossier: Dossier, now: datetime) -> Iterator[Refusal]:
    """Yield what is wrong with start, end and review."""
    if draft.basis is not Basis.FORMAL:
        yield from _short_dates(pack, draft)
        return
    if deadlines.rolls(draft, pack.clocks):
        if draft.until is not None:
            yield refusal("clock_sets_end", pack.ladder.steps[-1].clause)
        if deadlines.run_out(draft, dossier.incidents, pack, now):
            yield refusal("until_past")
        return
    if draft.until is not None and draft.until <= draft.starts_at:
        yield refusal("until_past")
    yield from review_date(draft, pack, now)


def _short_dates(pack: Pack, draft: Restriction) -> Iterator[Refusal]:
    if draft.until is None:
        yield refusal("until_missing")
        return
    if draft.until <= draft.starts_at:
        yield refusal("until_past")
    days = deadlines.call_days(pack) if draft.basis is Basis.CALL else pack.clocks.informal_restriction_days
    latest = deadlines.days_later(draft.starts_at, days) if days is not None else None
    if latest is None and pack.clocks.review_within_months is not None:
        latest = months_after(draft.starts_at, pack.clocks.review_within_months)
    if latest is not None and draft.until > latest:
        yield _dated("until_too_late", deadlines.london_day(latest))


def review_date(draft: Restriction, pack: Pack, now: datetime) -> Iterator[Refusal]:
    """Yield what is wrong with the day of the review."""
    if deadlines.rolls(draft, pack.clocks):
        return
    if draft.review_on is None:
        yield refusal("review_missing")
        return
    latest = deadlines.latest_review(now, pack)
    if draft.review_on <= deadlines.london_day(now):
        yield refusal("review_past")
    elif latest is not None and draft.review_on > latest:
        yield _dated("review_too_late", latest)


def weighed_circumstances(dossier: Dossier, pack: Pack, draft: Restriction) -> Iterator[Refusal]:
    """Yield that a recorded or believed circumstance was not weighed."""
    if dossier.current_circumstances() and not draft.circumstances.strip():
        yield refusal("circumstances", pack.checklist.circumstances)


def weighed(dossier: Dossier, pack: Pack, draft: Restriction) -> Iterator[Refusal]:
    """Yield what the policy wants weighed and the draft does not hold."""
    yield from weighed_circumstances(dossier, pack, draft)
    if draft.basis is not Basis.FORMAL:
        return
    yield from _unanswered("consider", pack.checklist.before, draft.answers)
    yield from _unanswered("offer", pack.checklist.offers, draft.offers)
    if pack.checklist.grounds and not draft.grounds:
        yield refusal("ground_missing", pack.checklist.grounds[0])
    for ground in draft.grounds:
        if ground not in pack.checklist.grounds:
            yield refusal("ground_unknown", what=ground)
    if pack.referral is not None and dossier.open_referral() is not None:
        yield refusal("referral_open", pack.referral.clause)


def _unanswered(code: str, asked: tuple[str, ...], answers: tuple[Answer, ...]) -> Iterator[Refusal]:
    given = {answer.clause for answer in answers if answer.note.strip()}
    for clause in asked:
        if clause not in given:
            yield refusal(code, clause, what=clause)


def last_line(
    dossier: Dossier, pack: Pack, draft: Restriction, now: datetime, but: int | None = None, plain: bool = False
) -> Lines:
    """Return what a restriction does to the last line of contact beside all others that stand.

    Closing it is refused where the policy says never; elsewhere it needs a recorded reason (and, elsewhere
    judged, the authority). `plain` allows no override: an appeal never makes things worse without one.
    """
    adds = closed_by(pack, draft.measures) & frozenset(pack.lines)
    if not adds or dossier.left_open(pack, draft, now, but):
        return Lines()
    rule, clause = pack.last_line.rule, pack.last_line.clause
    if rule == "absolute":
        return Lines((refusal("last_line_absolute", clause),))
    if plain or not draft.override_why.strip():
        return Lines((refusal("last_line_reason", clause),))
    return Lines(overridden=True)


def may_override(pack: Pack, officer: Officer) -> Refusal | TooLow | None:
    """Return None when `officer` may close the last line with a recorded reason."""
    role = authority.role_of(pack, pack.last_line.override_at_least or "")
    if role is None:
        return refusal("last_line_absolute", pack.last_line.clause)
    found = authority.stands(pack, officer, role)
    return TooLow("stop_all_contact", role, pack.last_line.clause) if isinstance(found, TooLow) else found


def with_measures(current: Restriction, measures: tuple[Terms, ...]) -> Restriction:
    """Return a restriction with other measures."""
    return replace(current, measures=measures)


def reviewed(current: Restriction, draft: Review, pack: Pack) -> Restriction:
    """Return a restriction as a review that does not end it leaves it.

    Its own end moves with the review: a fixed one runs to its next review.
    """
    measures = draft.measures or current.measures
    changed = replace(
        current,
        measures=measures,
        override_why=draft.override_why or current.override_why,
        circumstances=draft.circumstances or current.circumstances,
    )
    if deadlines.rolls(current, pack.clocks):
        return changed
    return replace(changed, review_on=draft.next_review_on, until=None)


def _dated(code: str, day: date) -> Refusal:
    words = in_words(day)
    en, cy = refusal(code, day=words.en), refusal(code, day=words.cy)
    return Refusal(code, "", Reason(en.say.en, cy.say.cy))
