"""What stands around a live pipeline: the model in force, the certificate of each connection, the blind sample, the scores."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import Engine

from bot.blind_sample import BlindSample, stratum_of
from bot.certificates import ConnectionCertificates
from bot.local_models import LocalModels
from bot.reading_version import reading_version
from bot.shadowing import Shadow
from classifiers.registry import Registry
from models.domain import Decision, Message, Signal
from models.labels import LABELS, Stance
from models.policy.in_force import PolicyInForce
from models.store import blind, scores
from models.store.blind import Stratum
from models.store.scores import Tally


class Assurance:
    """One a running bot. What it is asked within a batch it answers for one model, read once at the batch's start."""

    def __init__(self, engine: Engine, models: Path, registry: Registry, sample_key: bytes) -> None:
        self.models = LocalModels(engine, models, registry)
        self._certificates = ConnectionCertificates()
        self._sample = BlindSample(sample_key)
        self._tallies: dict[tuple[str, str, str], Tally] = defaultdict(Tally)
        self._registry = registry.with_layer(None)

    def registry(self) -> Registry:
        """Return the classifiers that are in force now; what follows is noted under their version."""
        self._registry = self.models.registry()
        return self._registry

    def beside(self, ids: Sequence[int], items: Sequence[Message]) -> Shadow | None:
        """Return the candidate's view of a batch, None where no candidate waits."""
        candidate = self.models.candidate()
        return None if candidate is None else Shadow(candidate, ids, items)

    def governed(self, database: Database, connection_id: str, policy: PolicyInForce, now: datetime) -> PolicyInForce:
        """Return the policy under the connection's certificate."""
        version = reading_version(self._registry)
        return self._certificates.governed(database, connection_id, policy, version, now)

    def note(
        self,
        database: Database,
        row: Mapping[str, Any],
        item: Message,
        decision: Decision,
        signals: Sequence[Signal],
        policy: PolicyInForce,
        now: datetime,
    ) -> None:
        """Draw a decided message for the blind sample or not, and count its score."""
        stratum = stratum_of(decision, item.nature)
        group = item.channel.group
        version = reading_version(self._registry)
        certificate = policy.certificate
        level = None if certificate is None else certificate.level.get(group)
        draw = self._sample.draw(item.key, stratum, policy, level, version, now)
        if draw is not None:
            blind.keep(database, row, draw)
        if stratum is not None or decision.attention:
            tally = self._tallies[item.key.connection_id, group.value, version]
            tally.add(likeliest_harm(signals), stratum is Stratum.ACTION, stratum is Stratum.DELIVERY)

    def close_batch(self, database: Database, now: datetime) -> None:
        """Write what the batch counted, in the transaction of its decisions."""
        scores.add(database, now.date(), self._tallies)
        self._tallies.clear()


def likeliest_harm(signals: Sequence[Signal]) -> float:
    """Return the highest probability of any harm, 0 where none was found."""
    return max((signal.probability for signal in signals if LABELS[signal.label] is Stance.HARM), default=0.0)
