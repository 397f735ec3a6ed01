"""Measures the reference certificate: thresholds of the whole decision, tested strictest first until one fails."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from bot.judging import Judged, judge_domain, judge_texts, never_seen
from classifiers import linear
from classifiers.calibration import certificate_of
from classifiers.staff import StaffDirectory
from classifiers.train import blend, sources
from models.domain import Channel, ChannelGroup, Mode
from models.labels import LABELS, URGENT_WELFARE, Stance, family
from models.policy.in_force import PolicyInForce
from models.policy.loader import builtin_pack, builtin_pack_ids

GRID = (0.995, 0.99, 0.985, 0.98, 0.97, 0.96, 0.95, 0.93, 0.91, 0.89, 0.87, 0.85, 0.83, 0.8)
"""Thresholds of action, strictest first. Fixed before anything is measured."""
LIMIT = 0.002
DOMAIN_LIMIT = 0.005
"""Of the domain's own legitimate messages, hard by design, at most so many may be acted on, observed."""
TOUCHED_AT_MOST = 0.085
"""The share of legitimate messages that may reach the queue needlessly when review thresholds are chosen."""
WHOLE_AT_LEAST = 200
"""Thresholds of review are chosen on whole messages, which are as life is; contrast sets are harder by design."""
URGENT_CALM_AT_MOST, URGENT_LATER_AT_MOST = 0.008, 0.035
"""The shares of legitimate messages, and of all that can wait, that a label may put first."""
WELFARE_AT_MOST = 0.35
"""Recall comes first for welfare: from here on a person always looks, and at once."""
POOLS: Mapping[ChannelGroup, tuple[str, ...]] = {
    ChannelGroup.SOCIAL: ("civil_threat_safe", "welsh_sentences"),
    ChannelGroup.MAIL: ("politeness", "enron_spam", "welsh_sentences"),
}
"""Channel group → sets whose legitimate texts, kept out of training, it is certified on."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen for a channel group and what was measured for it."""

    act: float | None
    upper: float
    errors: int
    n: int
    composition: dict[str, int]
    rates: dict[str, float]
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


def certify(data: Path, staff: StaffDirectory, told: Callable[[str], None]) -> dict[str, Any]:
    """Measure everything and return the certificate as its file holds it."""
    rows = never_seen(sources.domain(data, blend.OWN))
    domain = judge_domain(rows, staff, "writer")
    told(f"{len(rows)} labelled messages scored by models that never saw them")
    found = {}
    for group, judged in domain.items():
        pools = [_pool(data, group, name) for name in POOLS[group]]
        told(f"{group}: {sum(len(pool.messages) for pool in pools)} legitimate texts of other sources")
        found[group] = choose(judged, pools)
    return as_fields(found, linear.load().version)


def _pool(data: Path, group: ChannelGroup, name: str) -> Judged:
    channel = Channel.EMAIL if group is ChannelGroup.MAIL else Channel.X
    texts = sources.judging(data, name)
    half = texts[::2] if group is ChannelGroup.MAIL else texts[1::2]
    return judge_texts(name, half if name == "welsh_sentences" else texts, channel)


def choose(domain: Judged, pools: Sequence[Judged]) -> Chosen:
    """Choose the thresholds of one channel group: first who looks, then from where the machine may act."""
    calm = np.array([row.handling == "deliver" for row in domain.rows])
    whole = domain.where([row.writer in blend.UNSEEN_WRITERS for row in domain.rows])
    lifelike = whole if len(whole.rows) >= WHOLE_AT_LEAST else domain
    urgent = urgent_thresholds(lifelike)
    review = review_thresholds(lifelike, urgent)
    legitimate = [domain.where(calm), *pools]
    n = sum(len(pool.messages) for pool in legitimate)
    act, upper, errors = None, 1.0, 0
    rates = {pool.source: 0.0 for pool in legitimate}
    tried: list[tuple[float, int, float]] = []
    for threshold in GRID:
        policies = _policies(domain.group, threshold, review, urgent)
        wrong = {pool.source: sum(bool(d.actions) for d in pool.decisions(policies)) for pool in legitimate}
        count, bound = sum(wrong.values()), upper_bound(sum(wrong.values()), n)
        tried.append((threshold, count, round(bound, 5)))
        if bound > LIMIT or wrong["domain"] > DOMAIN_LIMIT * calm.sum():
            break
        act, upper, errors = threshold, bound, count
        rates = {pool.source: wrong[pool.source] / max(1, len(pool.messages)) for pool in legitimate}
    return Chosen(
        act, upper, errors, n,
        {pool.source: len(pool.messages) for pool in legitimate},
        rates, review, urgent,
        _welsh(legitimate, domain.group, act, review, urgent),
        tuple(tried),
    )  # fmt: skip


def _policies(
    group: ChannelGroup, act: float | None, review: dict[str, float], urgent: dict[str, float]
) -> dict[str, PolicyInForce]:
    fields = {"act": act, "upper": 0.0, "n": 1, "review": review, "urgent": urgent, "worst_source": ""}
    trial = certificate_of(
        {"id": "trial", "basis": "reference", "model_version": "", "issued_at": "2026-01-01T00:00:00+00:00",
         "groups": {group.value: fields}}
    )  # fmt: skip
    return {name: PolicyInForce(builtin_pack(name), trial, Mode.ENFORCE) for name in builtin_pack_ids()}


def _welsh(
    legitimate: Sequence[Judged],
    group: ChannelGroup,
    act: float | None,
    review: dict[str, float],
    urgent: dict[str, float],
) -> dict[str, float]:
    """Return the errors and the bound of the Welsh part by itself."""
    policies = _policies(group, act, review, urgent)
    errors = n = 0
    for pool in legitimate:
        welsh = pool.where([row.lang != "en" for row in pool.rows]) if pool.rows else pool
        if pool.rows or pool.source == "welsh_sentences":
            errors += sum(bool(decision.actions) for decision in welsh.decisions(policies))
            n += len(welsh.messages)
    return {"errors": errors, "n": n, "upper": round(upper_bound(errors, max(1, n)), 5)}


def looked_at() -> tuple[str, ...]:
    """Return the labels that a threshold of review is chosen for: those that a text alone shows.

    Patterns speak from a history, which no message here has; they keep the threshold of the certificate's reader.
    """
    apart = ("rights.", "duplicate.", "persistence.")
    return tuple(
        label for label, stance in LABELS.items() if stance is not Stance.MITIGATING and not label.startswith(apart)
    )


def review_thresholds(domain: Judged, urgent: Mapping[str, float]) -> dict[str, float]:
    """Return per label where a person looks: the families share what may be touched, each gets what helps most.

    Greedy: again and again the family gives way whose next lower threshold brings the most messages that
    need a person for each legitimate one it touches, until TOUCHED_AT_MOST is spent.
    """
    labels = looked_at()
    best = domain.best(labels)
    calm = np.array([row.handling == "deliver" for row in domain.rows])
    needy = np.array([row.handling in {"review", "enforce", "urgent"} for row in domain.rows])
    clear = np.array([row.handling in {"enforce", "urgent"} for row in domain.rows])
    families = {
        name: [i for i, label in enumerate(labels) if _kin(label) == name] for name in dict.fromkeys(map(_kin, labels))
    }
    steps = (0.9, 0.8, 0.7, 0.62, 0.55, 0.5, 0.45, 0.4, 0.36, 0.32, 0.28, 0.25, 0.22, 0.2, 0.18, 0.16, 0.14, 0.12)
    at = dict.fromkeys(families, 0)

    first = [(labels.index(label), threshold) for label, threshold in urgent.items()]
    put_first: NDArray[np.bool_] = np.any([best[:, column] >= threshold for column, threshold in first], axis=0)

    def seen(steps_at: dict[str, int]) -> NDArray[np.bool_]:
        shown = put_first.copy()
        for name, columns in families.items():
            shown |= (best[:, columns] >= steps[steps_at[name]]).any(axis=1)
        return shown

    while True:
        now = seen(at)
        options = []
        for name in families:
            for further in range(1, 4):
                if at[name] + further >= len(steps):
                    break
                then = seen(at | {name: at[name] + further})
                gained = float((then & ~now & needy).sum() + 2 * (then & ~now & clear).sum())
                cost = float((then & ~now & calm).sum())
                if (then & calm).sum() <= TOUCHED_AT_MOST * calm.sum():
                    options.append((gained / (cost + 0.5), gained, name, further))
        useful = [option for option in options if option[1] > 0]
        if not useful:
            break
        _, _, name, further = max(useful)
        at[name] += further
    return {label: min(steps[at[_kin(label)]], urgent.get(label, 1.0)) for label in labels}


def _kin(label: str) -> str:
    """Return the family that shares a threshold: abuse, spam, doxing, demands; each welfare label apart."""
    if label.startswith("welfare."):
        return label
    return family(label)


def urgent_thresholds(domain: Judged) -> dict[str, float]:
    """Return per urgent label the lowest threshold that puts few first that need not be, and hardly any calm one."""
    calm = np.array([row.handling == "deliver" for row in domain.rows])
    later = np.array([row.handling != "urgent" for row in domain.rows])
    labels = (*URGENT_WELFARE, "abuse.threat")
    best = domain.best(labels)
    out = {}
    for column, label in enumerate(labels):
        least = max(
            np.quantile(best[calm, column], 1 - URGENT_CALM_AT_MOST),
            np.quantile(best[later, column], 1 - URGENT_LATER_AT_MOST),
        )
        out[label] = round(float(np.clip(least, 0.08, WELFARE_AT_MOST if label in URGENT_WELFARE else 0.6)), 3)
    return out


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
                "review": one.review,
                "urgent": one.urgent,
            }
            for group, one in found.items()
        },
    }


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
            f"  made of {parts}; worst source {one['worst_source']}",
            f"  Welsh by itself: {one['welsh']['errors']} of {one['welsh']['n']}, at most {one['welsh']['upper']:.3%}",
            "  tried, strictest first: "
            + ", ".join(f"{t} ({errors}, {bound:.3%})" for t, errors, bound in one["tried"]),
        ]
    return "\n".join(lines)
