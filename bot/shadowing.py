"""Runs a candidate beside the model in force: both decide, only one is obeyed, and differences are kept by id."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import structlog

from bot.local_models import Candidate
from bot.weighing import Weighed, weigh
from classifiers.registry import Classified, Registry, merged
from models.domain import Decision, Message, Signal
from models.policy.history import HistoryView
from models.policy.in_force import PolicyInForce

FILE = "shadow.jsonl"
log = structlog.get_logger()


class Shadow:
    """One candidate over one batch. It reads and compares; it can neither write a decision nor an enforcement."""

    def __init__(self, candidate: Candidate, ids: Sequence[int], items: Sequence[Message]) -> None:
        self._candidate = candidate
        self._found: dict[int, Classified] = {}
        self._lines: list[dict[str, Any]] = []
        try:
            self._found = dict(zip(ids, candidate.registry.classify(items), strict=True))
        except Exception:
            log.exception("candidate_failed", version=candidate.version)

    def beside(
        self,
        row: Mapping[str, Any],
        item: Message,
        stored: Sequence[Signal],
        history: HistoryView,
        policy: PolicyInForce,
        weighed: Weighed,
        now: datetime,
    ) -> None:
        """Decide a message as the candidate would, and note it where that differs."""
        if row["id"] not in self._found:
            return
        try:
            found = replace(self._found[row["id"]], missing=self._found[row["id"]].missing | weighed.missing)
            other = as_candidate(self._candidate.registry, found, item, stored, history, policy, now)
        except Exception:
            log.exception("candidate_failed", version=self._candidate.version, message=row["id"])
            return
        if meant(other) != meant(weighed.decision):
            self._lines.append(
                {"message": row["id"], "revision": row["revision"], "at": now.isoformat(),
                 "in_force": meant(weighed.decision), "candidate": meant(other)}
            )  # fmt: skip

    def keep(self) -> int:
        """Append the differences to the candidate's file; return how many."""
        if self._lines:
            append(self._candidate.folder / FILE, self._lines)
        return len(self._lines)


def as_candidate(
    registry: Registry,
    found: Classified,
    item: Message,
    stored: Sequence[Signal],
    history: HistoryView,
    policy: PolicyInForce,
    now: datetime,
) -> Decision:
    """Return what a candidate would decide; what others than classifiers said of the text (`stored`) stays."""
    own = {*registry.names, *registry.detector_names}
    signals = merged([*found.signals, *(signal for signal in stored if signal.classifier not in own)])
    return weigh(registry, item, signals, history, policy, now, found.missing).decision


def meant(decision: Decision) -> dict[str, Any]:
    """Return what a decision comes to, whatever the mode allows: who looks, and what would be done."""
    return {"handling": decision.handling.value, "actions": sorted({*decision.actions, *_withheld(decision)})}


def _withheld(decision: Decision) -> tuple[str, ...]:
    kept_back = {"mode_assist", "mode_shadow", "certificate_absent"} & set(decision.rules)
    return tuple(action.value for action in decision.proposed) if kept_back else ()


def append(path: Path, lines: Sequence[Mapping[str, Any]]) -> None:
    """Add lines of JSON to a file: ids, kinds and times, never text."""
    with path.open("ab") as file:
        file.write(b"".join(orjson.dumps(line) + b"\n" for line in lines))
