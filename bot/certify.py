"""Measures the reference certificate: thresholds of the whole decision, tested strictest first until one fails."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from bot import chances, offsets
from bot.judging import Judged, judge_domain, judge_texts, never_seen
from bot.looking import review_thresholds, urgent_thresholds
from classifiers import linear
from classifiers.calibration import certificate_of
from classifiers.staff import StaffDirectory
from classifiers.train import blend, sources
from models.domain import Channel, ChannelGroup, Mode
from models.labels import RIGHTS, URGENT_WELFARE
from models.policy.certificate import acted_from, acted_on
from models.policy.in_force import PolicyInForce
from models.policy.loader import builtin_pack, builtin_pack_ids

GRID = (0.995, 0.99, 0.985, 0.98, 0.97, 0.96, 0.95, 0.93, 0.91, 0.89, 0.87, 0.85, 0.83, 0.8)
"""Thresholds of action, strictest first. Fixed before anything is measured."""
LIMIT = 0.002
DOMAIN_LIMIT = 0.005
"""Of the domain's own legitimate messages, hard by design, at most so many may be acted on, observed."""
WHOLE_AT_LEAST = 200
"""Thresholds of review are chosen on whole messages, which are as life is; contrast sets are harder by design."""
PROTECTING = (*URGENT_WELFARE, *RIGHTS, "welfare.adjustment")
PROTECTED_FROM = 0.5
"""With one of these about as likely as not, nothing is acted on: such a text says nothing of a threshold."""
POOLS: Mapping[ChannelGroup, tuple[str, ...]] = {
    ChannelGroup.SOCIAL: ("civil_threat_safe", "sms_spam", "welsh_sentences"),
    ChannelGroup.MAIL: ("politeness", "enron_spam", "welsh_sentences"),
}
"""Channel group → sets whose legitimate texts, kept out of training, it is certified on.

Tweets and talk pages are kept out of the linear heads as well; they join once an encoder is in force that never saw them.
"""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen for a channel group and what was measured for it."""

    act: float | None
    upper: float
    errors: int
    n: int
    composition: dict[str, int]
    rates: dict[str, float]
    offset: dict[str, float]
    review: dict[str, float]
    urgent: dict[str, float]
    welsh: dict[str, float]
    tried: tuple[tuple[float, int, float], ...]

    @property
    def worst_source(self) -> str:
        """The source with the highest rate, in words."""
        worst = max(self.rates, key=lambda name: self.rates[name])
        return f"{worst}: {self.rates[worst]:.2%}"


def upper_bound(errors: int, n: int) -> float:
    """Return the one-sided 95 % Clopper-Pearson bound of a rate."""
    return 1.0 if errors >= n else float(beta.ppf(0.95, errors + 1, n - errors))


def certify(
    data: Path, staff: StaffDirectory, told: Callable[[str], None]
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Measure everything; return the certificate and the chances of scores, each as its file holds it."""
    rows = never_seen(sources.domain(data, blend.OWN))
    domain = judge_domain(rows, staff, "writer")
    told(f"{len(rows)} labelled messages scored by models that never saw them")
    found = {}
    for group, judged in domain.items():
        pools = [_pool(data, group, name) for name in POOLS[group]]
        told(f"{group}: {sum(len(pool.messages) for pool in pools)} legitimate texts of other sources")
        found[group] = choose(judged, pools)
    return as_fields(found, linear.load().version), chances.fit(domain)


def _pool(data: Path, group: ChannelGroup, name: str) -> Judged:
    channel = Channel.EMAIL if group is ChannelGroup.MAIL else Channel.X
    texts = sources.judging(data, name)
    half = texts[::2] if group is ChannelGroup.MAIL else texts[1::2]
    return judge_texts(name, half if name == "welsh_sentences" else texts, channel)


def choose(domain: Judged, pools: Sequence[Judged]) -> Chosen:
    """Choose the thresholds of one channel group: first who looks, then from where the machine may act."""
    whole = domain.where([row.writer in blend.UNSEEN_WRITERS for row in domain.rows])
    lifelike = whole if len(whole.rows) >= WHOLE_AT_LEAST else domain
    urgent = urgent_thresholds(lifelike)
    review = review_thresholds(lifelike, urgent)
    tuning, certifying = _halves(domain, pools)
    trial = Thresholds(domain.group, _offsets(domain.group, tuning), review, urgent)
    legitimate = [certifying[0].where(_calm(certifying[0])), *certifying[1:]]
    n = sum(len(pool.messages) for pool in legitimate)
    act, upper, errors = None, 1.0, 0
    rates = {pool.source: 0.0 for pool in legitimate}
    tried: list[tuple[float, int, float]] = []
    for threshold in GRID:
        policies = trial.policies(threshold)
        wrong = {pool.source: sum(bool(d.actions) for d in pool.decisions(policies)) for pool in legitimate}
        count, bound = sum(wrong.values()), upper_bound(sum(wrong.values()), n)
        tried.append((threshold, count, round(bound, 5)))
        if bound > LIMIT or wrong["domain"] > DOMAIN_LIMIT * len(legitimate[0].messages):
            break
        act, upper, errors = threshold, bound, count
        rates = {pool.source: wrong[pool.source] / max(1, len(pool.messages)) for pool in legitimate}
    return Chosen(
        act, upper, errors, n,
        {pool.source: len(pool.messages) for pool in legitimate},
        rates, trial.offset, review, urgent,
        _welsh(legitimate, trial, act),
        tuple(tried),
    )  # fmt: skip


def _calm(domain: Judged) -> NDArray[np.bool_]:
    return np.array([row.handling == "deliver" for row in domain.rows])


def _halves(domain: Judged, pools: Sequence[Judged]) -> tuple[list[Judged], list[Judged]]:
    """Return what offsets are chosen on and what certifies: contrast sets and texts stand on one side alone."""
    first = np.array([hashlib.sha256(row.group.encode()).digest()[0] % 2 == 0 for row in domain.rows])
    every = [np.arange(len(pool.messages)) % 2 == 0 for pool in pools]
    tuning = [domain.where(first), *(pool.where(one) for pool, one in zip(pools, every, strict=True))]
    return tuning, [domain.where(~first), *(pool.where(~one) for pool, one in zip(pools, every, strict=True))]


def _offsets(group: ChannelGroup, tuning: Sequence[Judged]) -> dict[str, float]:
    """Return the offsets of the labels that may be acted on; what protection keeps from any action counts for nothing."""
    labels = acted_on(group)
    domain, pools = tuning[0], tuning[1:]
    protected = domain.best(PROTECTING).max(axis=1) >= PROTECTED_FROM
    found = np.where(protected[:, None], np.float32(0), domain.best(labels))
    clear = np.array([row.handling == "enforce" for row in domain.rows])
    calm = np.concatenate([found[_calm(domain)], *(pool.best(labels) for pool in pools)])
    return offsets.choose(labels, calm, found[clear])


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The thresholds of a channel group but for the common one, which is tried."""

    group: ChannelGroup
    offset: dict[str, float]
    review: dict[str, float]
    urgent: dict[str, float]

    def policies(self, act: float | None) -> dict[str, PolicyInForce]:
        """Return the built-in packs with the common threshold `act`, as they would decide."""
        fields = {
            "act": act, "offset": self.offset, "upper": 0.0, "n": 1, "review": self.review, "urgent": self.urgent,
            "worst_source": "",
        }  # fmt: skip
        trial = certificate_of(
            {"id": "trial", "basis": "reference", "model_version": "", "issued_at": "2026-01-01T00:00:00+00:00",
             "groups": {self.group.value: fields}}
        )  # fmt: skip
        return {name: PolicyInForce(builtin_pack(name), trial, Mode.ENFORCE) for name in builtin_pack_ids()}


def _welsh(legitimate: Sequence[Judged], trial: Thresholds, act: float | None) -> dict[str, float]:
    """Return the errors and the bound of the Welsh part by itself."""
    policies = trial.policies(act)
    errors = n = 0
    for pool in legitimate:
        welsh = pool.where([row.lang != "en" for row in pool.rows]) if pool.rows else pool
        if pool.rows or pool.source == "welsh_sentences":
            errors += sum(bool(decision.actions) for decision in welsh.decisions(policies))
            n += len(welsh.messages)
    return {"errors": errors, "n": n, "upper": round(upper_bound(errors, max(1, n)), 5)}


def as_fields(found: Mapping[ChannelGroup, Chosen], version: str) -> dict[str, Any]:
    """Return the certificate as its file holds it."""
    return {
        "id": f"reference-{version}",
        "basis": "reference",
        "model_version": version,
        "issued_at": datetime.now(UTC).replace(microsecond=0).isoformat(),
        "limit": LIMIT,
        "groups": {
            group.value: {
                "act": one.act,
                "upper": one.upper,
                "errors": one.errors,
                "n": one.n,
                "composition": one.composition,
                "rates": one.rates,
                "worst_source": one.worst_source,
                "welsh": one.welsh,
                "tried": [list(step) for step in one.tried],
                "offset": one.offset,
                "review": one.review,
                "urgent": one.urgent,
            }
            for group, one in found.items()
        },
    }


def _by_label(one: Mapping[str, Any]) -> str:
    """Return from where each label is acted on, most easily first."""
    if one["act"] is None:
        return "none"
    at = {label: acted_from(one["act"], value) for label, value in one.get("offset", {}).items()}
    return ", ".join(f"{label} {value:.3f}" for label, value in sorted(at.items(), key=lambda pair: pair[1]))


def to_table(fields: Mapping[str, Any]) -> str:
    """Return the certificate in words and figures."""
    lines = [
        f"certificate {fields['id']} ({fields['basis']}), issued {fields['issued_at']}, limit {fields['limit']:.2%}"
    ]
    for group, one in fields["groups"].items():
        act = "never" if one["act"] is None else f"at {one['act']}"
        parts = ", ".join(f"{name} {n}" for name, n in one["composition"].items())
        lines += [
            f"{group}: acts {act}; {one['errors']} of {one['n']} legitimate messages acted on, at most {one['upper']:.3%} (95 %)",
            f"  by label: {_by_label(one)}",
            f"  made of {parts}; worst source {one['worst_source']}",
            f"  Welsh by itself: {one['welsh']['errors']} of {one['welsh']['n']}, at most {one['welsh']['upper']:.3%}",
            "  tried, strictest first: "
            + ", ".join(f"{t} ({errors}, {bound:.3%})" for t, errors, bound in one["tried"]),
        ]
    return "\n".join(lines)
