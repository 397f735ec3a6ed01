"""`porthor learn`: from the queue's verdicts to a candidate layer in the data folder, measured and not in force."""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import orjson
from sqlalchemy import Engine

from bot.cli.errors import CommandError
from bot.learning import examples, fit, measure
from bot.learning.examples import Examples
from bot.learning.measure import Report
from bot.learning.verdicts import HARM, Judgement, judgements
from bot.local_models import CARD
from classifiers import linear
from classifiers.calibration import reference_certificate
from classifiers.layer import LocalLayer
from models.session import reading

MESSAGES_AT_LEAST = 60
CONTACTS_AT_LEAST = 30
EACH_AT_LEAST = 15


@dataclass(frozen=True, slots=True)
class Learned:
    """A candidate with what was measured of it."""

    layer: LocalLayer
    folder: Path
    report: Report


def learn(engine: Engine, models: Path, now: datetime, told: Callable[[str], None] = lambda _: None) -> Learned:
    """Fit a candidate over the trained heads and keep it; nothing that is in force changes.

    Raises:
        CommandError: There are too few verdicts, or none of them teaches anything.
    """
    with reading(engine) as database:
        judged = judgements(database)
    _enough(judged)
    told(f"{len(judged)} judged messages of {len({one.contact_id for one in judged})} contacts")
    reasons = Counter(one.reason for one in judged if one.reason)
    if reasons:
        told("the machine was wrong because: " + ", ".join(f"{name} {count}" for name, count in reasons.most_common()))
    mine, written = examples.from_judgements(judged), examples.written()
    labels = fit.touched(mine, examples.learnable())
    if not labels:
        raise CommandError(
            f"no label of harm has {fit.EACH_AT_LEAST} enforced and {fit.EACH_AT_LEAST} delivered messages yet: "
            "nothing was learned; decide more cases first"
        )
    told(f"labels: {', '.join(labels)}")
    after = fit.left_out(mine, written, labels)
    report = measure.compare(judged, mine, after, labels, reference_certificate())
    told("measured on contacts left out; fitting on all")
    layer = _layer(mine, written, labels, now)
    return Learned(layer, _keep(models, layer, judged, report, now), report)


def _enough(judged: Sequence[Judgement]) -> None:
    contacts = {one.contact_id for one in judged}
    harmful = sum(one.harmful for one in judged)
    least = min(harmful, len(judged) - harmful)
    if len(judged) < MESSAGES_AT_LEAST or len(contacts) < CONTACTS_AT_LEAST or least < EACH_AT_LEAST:
        raise CommandError(
            f"too few verdicts to learn from: {len(judged)} judged messages of {len(contacts)} contacts, {harmful} of them "
            f"enforced; at least {MESSAGES_AT_LEAST} of {CONTACTS_AT_LEAST} contacts are needed, {EACH_AT_LEAST} enforced and "
            f"{EACH_AT_LEAST} delivered (undone verdicts and contacts of the blind sample do not count)"
        )


def _layer(mine: Examples, written: Examples, labels: Sequence[str], now: datetime) -> LocalLayer:
    buckets = fit.buckets_of(mine)
    fits = [fit.fit_label(mine, written, label, buckets) for label in labels]
    weights = np.stack([one.weights for one in fits], axis=1).astype(np.float32)
    used = np.flatnonzero((weights != 0).any(axis=1))
    slopes = np.array([one.slope for one in fits], np.float32)
    intercepts = np.array([one.intercept for one in fits], np.float32)
    digest = hashlib.sha256(slopes.tobytes() + intercepts.tobytes() + weights.tobytes()).hexdigest()[:6]
    version = f"local-{now:%Y%m%d}-{digest}"
    return LocalLayer(version, linear.load().version, tuple(labels), slopes, intercepts, buckets[used], weights[used])


def _keep(models: Path, layer: LocalLayer, judged: Sequence[Judgement], report: Report, now: datetime) -> Path:
    """Write the layer and then its card: without a card a folder is no candidate."""
    folder = models / layer.version
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    layer.save(folder)
    card = {
        "version": layer.version,
        "base": layer.base,
        "made_at": now.isoformat(),
        "judged": len(judged),
        "harmful": sum(one.harmful for one in judged),
        "contacts": len({one.contact_id for one in judged}),
        "wrong_because": dict(Counter(one.reason for one in judged if one.reason)),
        "labels": {
            label: {
                "slope": float(layer.slopes[at]),
                "intercept": float(layer.intercepts[at]),
                "words": int((layer.weights[:, at] != 0).sum()),
            }
            for at, label in enumerate(layer.labels)
        },
        "harm_labels": len(HARM),
        "report": report.as_fields(),
    }
    (folder / CARD).write_bytes(orjson.dumps(card, option=orjson.OPT_INDENT_2) + b"\n")
    return folder
