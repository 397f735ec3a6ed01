"""Measures messages to public bodies: the whole decision, every label, calibration, and whose details are shown."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bot.chances import by_other_writers
from bot.judging import Judged
from bot.policies import ReferencePolicies
from bot.quality.figures import Figure, area, calibration, macro_f1, share
from classifiers.train.blend import UNSEEN_WRITERS
from classifiers.train.sources import DomainRow
from models.domain import Attention, ChannelGroup, Decision, Handling
from models.labels import LABELS, URGENT_WELFARE
from models.policy.in_force import PolicyInForce
from models.policy.loader import builtin_pack_ids

POSITIVES_AT_LEAST = 20
CALIBRATED_FROM = 60
LANGUAGES = ("en", "cy", "mixed")
SPLIT = "writer never seen"
ABUSE = tuple(label for label in LABELS if label.startswith("abuse."))
DETAILS = {"doxing.own_details": "own", "doxing.third_party": "third party", "doxing.staff_details": "staff"}
Domain = Mapping[ChannelGroup, Judged]
Scores = NDArray[np.float32]
"""Of messages and labels, shape (messages, labels)."""


def policies() -> dict[str, PolicyInForce]:
    """Return the built-in packs under the reference certificate."""
    reference = ReferencePolicies()
    return {name: reference.of(name) for name in builtin_pack_ids()}


def measure(domain: Domain) -> Iterator[Figure]:
    """Yield every figure of the domain's whole messages; contrast sets are left to `contrast`."""
    rows = [row for judged in domain.values() for row in judged.rows]
    mine = np.array([row.writer in UNSEEN_WRITERS for row in rows])
    best = np.concatenate([judged.best(tuple(LABELS)) for judged in domain.values()])
    told = by_other_writers(rows, best)
    decided = [decision for judged in domain.values() for decision in judged.decisions(policies())]
    kept = [row for row, keep in zip(rows, mine, strict=True) if keep]
    yield from _areas(kept, best[mine])
    yield from _decisions(kept, [decision for decision, keep in zip(decided, mine, strict=True) if keep])
    yield from _labels(kept, best[mine], told[mine])
    yield whose_details(kept, best[mine])
    others = [row for row, keep in zip(rows, mine, strict=True) if not keep]
    if others:
        theirs = [decision for decision, keep in zip(decided, mine, strict=True) if not keep]
        yield from contrast(others, best[~mine], told[~mine], theirs)


def _areas(rows: Sequence[DomainRow], best: Scores) -> Iterator[Figure]:
    wanted = _abusive(rows)
    lang = np.array([row.lang for row in rows])
    scores = _highest(best, ABUSE)
    for language in LANGUAGES:
        mine = lang == language
        yield area("abuse, any", f"messages {language}", SPLIT, wanted[mine], scores[mine])


def _abusive(rows: Sequence[DomainRow]) -> NDArray[np.bool_]:
    return np.array([any(label.startswith("abuse.") for label in row.labels) for row in rows])


def _highest(best: Scores, labels: Sequence[str]) -> Scores:
    columns = [list(LABELS).index(label) for label in labels]
    return np.asarray(best[:, columns].max(axis=1))


def _decisions(rows: Sequence[DomainRow], decided: Sequence[Decision], data: str = "messages") -> Iterator[Figure]:
    """Yield what happens to people: legitimate messages, clear abuse, and what must be seen first."""
    handling = np.array([row.handling for row in rows])
    lang = np.array([row.lang for row in rows])
    acted = np.array([bool(decision.actions) for decision in decided])
    seen = acted | np.array([decision.attention > Attention.DELIVER for decision in decided])
    first = np.array([decision.handling is Handling.URGENT for decision in decided])
    welfare = np.array([bool(set(row.labels) & set(URGENT_WELFARE)) for row in rows])
    for group, where in (("", np.ones(len(rows), bool)), (" en", lang == "en"), (" cy", lang != "en")):
        legitimate, clear = where & (handling == "deliver"), where & (handling == "enforce")
        named = f"{data}{group}"
        yield share("legitimate acted on", named, SPLIT, acted[legitimate], lower_is_better=True)
        yield share("legitimate queued needlessly", named, SPLIT, seen[legitimate], lower_is_better=True)
        yield share("clear abuse acted on", named, SPLIT, acted[clear])
        yield share("clear abuse at least queued", named, SPLIT, seen[clear])
        yield share("urgent put first", named, SPLIT, first[where & (handling == "urgent")])
    if welfare.any():
        yield share("welfare enforced on", data, SPLIT, acted[welfare], lower_is_better=True)


def _labels(rows: Sequence[DomainRow], best: Scores, told: Scores) -> Iterator[Figure]:
    """Yield how well each label is found by its score, and how well what people are told of it is borne out."""
    for column, label in enumerate(LABELS):
        wanted = np.array([label in row.labels for row in rows])
        if wanted.sum() >= POSITIVES_AT_LEAST:
            yield area(label, "messages", SPLIT, wanted, best[:, column])
        if wanted.sum() >= CALIBRATED_FROM:
            yield from calibration(label, "messages", SPLIT, wanted, told[:, column])


def contrast(rows: Sequence[DomainRow], best: Scores, told: Scores, decided: Sequence[Decision]) -> Iterator[Figure]:
    """Yield figures on contrast sets that were kept out: alike to the eye, different in what they do."""
    yield area("abuse, any", "contrast sets", SPLIT, _abusive(rows), _highest(best, ABUSE))
    yield from _decisions(rows, decided, "contrast sets")
    hate = np.array(["abuse.identity_hate" in row.labels for row in rows])
    mine = np.array([row.writer in {"hfw", "pairs_hat"} for row in rows])
    if mine.any():
        right = (best[mine][:, list(LABELS).index("abuse.identity_hate")] >= 0.5) == hate[mine]
        yield share("hate told from its look-alikes", "contrast sets on hate", SPLIT, right)
    for column, label in enumerate(LABELS):
        wanted = np.array([label in row.labels for row in rows])
        if wanted.sum() >= CALIBRATED_FROM:
            yield from calibration(label, "contrast sets", SPLIT, wanted, told[:, column])


def whose_details(rows: Sequence[DomainRow], best: Scores) -> Figure:
    """Return how well own, third party's and staff's details are told apart, and from none."""
    found, wanted = [], []
    columns = {label: list(LABELS).index(label) for label in DETAILS}
    for row, probabilities in zip(rows, best, strict=True):
        held = [name for label, name in DETAILS.items() if label in row.labels]
        wanted.append(held[0] if held else "none")
        likeliest = max(DETAILS, key=lambda label: probabilities[columns[label]])
        found.append(DETAILS[likeliest] if probabilities[columns[likeliest]] >= 0.5 else "none")
    return macro_f1("whose details", "messages", SPLIT, np.array(wanted), np.array(found))
