"""How likely a finding is, as told to people: its score, set right by how often messages of other writers bore it out.

Scores decide: thresholds and certificates are made for them. What a person reads is the chance, which a line through the
log-odds of the score gives, one for each label that has been found often enough (`bot.chances` fits them).
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import structlog

from models.domain import Signal

log = structlog.get_logger()
ARTEFACT = Path(__file__).resolve().parent / "artefacts" / "chances.json"
CLIPPED = 0.005
"""Scores are told apart down to this far from 0 and from 1."""


@dataclass(frozen=True, slots=True)
class Dial:
    """Turns the score of one label into a chance: the log-odds times `slope`, plus `offset`."""

    slope: float
    offset: float

    def chance(self, score: float) -> float:
        """Return the chance of a score, both from 0 to 1; a higher score never has a lower chance."""
        clipped = min(max(score, CLIPPED), 1 - CLIPPED)
        return 1 / (1 + math.exp(-(self.slope * math.log(clipped / (1 - clipped)) + self.offset)))


@cache
def dials() -> Mapping[str, Dial]:
    """Return the dials by label, none where the file is not there or damaged: people are then told the scores."""
    try:
        fields = json.loads(ARTEFACT.read_text("utf-8"))
        return {label: Dial(float(found["slope"]), float(found["offset"])) for label, found in fields.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning("chances_missing", file=str(ARTEFACT), error=str(error), do="run `make train`")
        return {}


def chance_of(signal: Signal) -> float | None:
    """Return how likely a finding is, None where it was never measured or is no matter of chance."""
    dial = dials().get(signal.label)
    return None if dial is None else dial.chance(signal.probability)
