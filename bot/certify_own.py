"""Certifies a live connection from its own blind sample: the bound that honest readers' judgements allow, strictest first."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from scipy.stats import beta

from bot.certificates import VALID_DAYS
from bot.certify import GRID, LIMIT, upper_bound
from models.domain import Channel, ChannelGroup
from models.store.blind import Judgement, Sampled, Stratum

ACTIONS_RISK, DELIVERIES_RISK = 0.04, 0.01
"""How the 5 % by which a bound may fail is shared out: most to the few judged actions."""
Acts = Callable[[int, float], bool]
"""Whether a drawn message (by its number) would be acted on at a threshold: the whole decision, made again."""


@dataclass(frozen=True, slots=True)
class Meant:
    """How many messages of the period the machine meant to act on and to deliver."""

    acted: int
    delivered: int


@dataclass(frozen=True, slots=True)
class Measured:
    """One threshold measured. `rate` is of legitimate messages acted on, `wrong` the share of actions that are wrong."""

    threshold: float
    errors: int
    judged_actions: int
    judged_deliveries: int
    legitimate: int
    rate: float
    upper: float
    wrong: float | None
    wrong_upper: float


@dataclass(frozen=True, slots=True)
class OwnCertificate:
    """What was found for a channel group: the loosest threshold that held, everything tried, and Welsh by itself."""

    act: float | None
    tried: tuple[Measured, ...]
    welsh: Measured | None
    limit: float = LIMIT

    @property
    def best(self) -> Measured | None:
        """The measurement of the threshold chosen, else of the strictest that was tried."""
        held = [one for one in self.tried if one.threshold == self.act]
        return held[0] if held else next(iter(self.tried), None)


def one_an_author(found: Sequence[Sampled]) -> list[Sampled]:
    """Return one message a contact, the one that speaks most against the machine: an action judged legitimate first."""

    def against(one: Sampled) -> tuple[bool, bool, int]:
        acted = one.draw.stratum is Stratum.ACTION
        return (acted and one.judgement is Judgement.LEGITIMATE, acted, -one.message_id)

    chosen: dict[int, Sampled] = {}
    for one in found:
        known = chosen.get(one.contact_id)
        if known is None or against(one) > against(known):
            chosen[one.contact_id] = one
    return list(chosen.values())


def measure(found: Sequence[Sampled], acts: Acts, threshold: float, meant: Meant) -> Measured:
    """Measure one threshold on judged draws, each weighed by the inverse of the probability it was drawn with.

    The bound takes the share of wrong actions at its upper and the share of legitimate deliveries at its lower
    exact limit, scaled to what was meant in the period; messages that people decided count in neither part, which
    can only make the rate larger. An unsure reader counts as one who found it legitimate where it was acted on.
    """
    actions = [one for one in found if one.draw.stratum is Stratum.ACTION]
    deliveries = [one for one in found if one.draw.stratum is Stratum.DELIVERY]
    acted = [one for one in actions if acts(one.message_id, threshold)]
    wrong = [one for one in acted if one.judgement is not Judgement.HARMFUL]
    calm = [one for one in found if one.judgement is Judgement.LEGITIMATE]
    weight = sum(1 / one.draw.probability for one in {*wrong, *calm})
    errors = len(wrong)
    share_wrong = _upper(errors, len(actions), ACTIONS_RISK)
    calm_delivered = sum(one.judgement is Judgement.LEGITIMATE for one in deliveries)
    kept = meant.delivered * _lower(calm_delivered, len(deliveries), DELIVERIES_RISK)
    harmed = meant.acted * share_wrong
    return Measured(
        threshold=threshold,
        errors=errors,
        judged_actions=len(acted),
        judged_deliveries=len(deliveries),
        legitimate=len({*wrong, *calm}),
        rate=sum(1 / one.draw.probability for one in wrong) / weight if weight else 0.0,
        upper=harmed / (harmed + kept) if harmed + kept else 1.0,
        wrong=errors / len(acted) if acted else None,
        wrong_upper=upper_bound(errors, len(acted)) if acted else 1.0,
    )


def _upper(errors: int, n: int, risk: float) -> float:
    return 1.0 if errors >= n else float(beta.ppf(1 - risk, errors + 1, n - errors))


def _lower(hits: int, n: int, risk: float) -> float:
    return 0.0 if not hits else float(beta.ppf(risk, hits, n - hits + 1))


def certify(found: Sequence[Sampled], acts: Acts, meant: Meant, limit: float = LIMIT) -> OwnCertificate:
    """Test the fixed grid, strictest first, until the first failure.

    Nothing looser than what stood in force when the sample was drawn can be told from it.
    """
    sample = one_an_author(found)
    loosest = max((one.draw.act_at or 1.0 for one in sample), default=1.0)
    tried: list[Measured] = []
    act = None
    for threshold in GRID:
        if threshold < loosest:
            break
        tried.append(measure(sample, acts, threshold, meant))
        if tried[-1].upper > limit:
            break
        act = threshold
    welsh = [one for one in sample if one.lang in {"cy", "mixed"}]
    at = act if act is not None else (tried[0].threshold if tried else GRID[0])
    share = len(welsh) / max(1, len(sample))
    part = Meant(round(meant.acted * share), round(meant.delivered * share))
    return OwnCertificate(act, tuple(tried), measure(welsh, acts, at, part) if welsh else None, limit)


def body_of(
    name: str, groups: Mapping[ChannelGroup, OwnCertificate], reference: Mapping[str, Any], period: tuple[datetime, datetime],
    model_version: str,
) -> dict[str, Any]:  # fmt: skip
    """Return the certificate as a row's body: thresholds of review and urgency stay those of the reference."""
    return {
        "id": name,
        "basis": "own",
        "model_version": model_version,
        "issued_at": period[1].isoformat(),
        "limit": LIMIT,
        "period": [period[0].date().isoformat(), period[1].date().isoformat()],
        "groups": {
            group: {
                **{key: fields[key] for key in ("offset", "review", "urgent") if key in fields},
                **_figures(groups.get(ChannelGroup(group))),
            }
            for group, fields in reference["groups"].items()
        },
    }


def _figures(found: OwnCertificate | None) -> dict[str, Any]:
    best = None if found is None else found.best
    if found is None or best is None:
        return {"act": None, "upper": 1.0, "n": 0, "worst_source": "nothing judged"}
    return {
        "act": found.act,
        "upper": best.upper,
        "errors": best.errors,
        "n": best.legitimate,
        "wrong_share": best.wrong,
        "wrong_share_upper": best.wrong_upper,
        "worst_source": f"own blind sample: {best.rate:.2%}",
        "tried": [[one.threshold, one.errors, round(one.upper, 5)] for one in found.tried],
    }


def to_text(group: ChannelGroup, found: OwnCertificate, meant: Meant) -> str:
    """Return what was measured in words: the false-action rate and the share of wrong actions, always both."""
    best = found.best
    if best is None:
        return f"{group}: nothing to tell: no judged draw under the model and pack in force"
    act = "never" if found.act is None else f"at {found.act}"
    wrong = "none judged" if best.wrong is None else f"{best.wrong:.1%}"
    lines = [
        f"{group}: acts {act}; the period had {meant.acted} automatic actions and {meant.delivered} deliveries",
        f"  false-action rate {best.rate:.3%}, at most {best.upper:.3%} (95 %), limit {found.limit:.2%}",
        f"  errors: {best.errors} of {best.legitimate} judged legitimate messages, one an author",
        f"  share of actions that are wrong: {wrong}, at most {best.wrong_upper:.1%} (95 %), of {best.judged_actions} judged",
        "  tried, strictest first: "
        + ", ".join(f"{one.threshold} ({one.errors}, {one.upper:.3%})" for one in found.tried),
    ]
    if found.welsh is not None:
        lines.append(
            f"  Welsh by itself: {found.welsh.errors} of {found.welsh.legitimate}, at most {found.welsh.upper:.3%}"
        )
    if found.act is None:
        lines.append(
            f"  not certified: {best.judged_actions} judged actions and {best.judged_deliveries} judged deliveries "
            "do not show it yet; judge more of the blind sample, or accept the reference"
        )
    return "\n".join(lines)


def group_of(one: Sampled) -> ChannelGroup:
    """Return the channel group of a judged draw."""
    return Channel(one.channel).group


def lapses_at(now: datetime) -> datetime:
    """Return when a certificate given `now` lapses."""
    return now + timedelta(days=VALID_DAYS)
