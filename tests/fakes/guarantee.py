"""A world under assurance: certificates to give, candidates to lay beside, verdicts to write."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import orjson
from sqlalchemy import insert

from bot.assurance import Assurance
from bot.certificates import record_all
from bot.learning.verdicts import HARM
from bot.pipeline import Pipeline
from bot.policies import policy_of
from bot.reading_version import reading_version
from bot.service import Service
from classifiers import linear
from classifiers.calibration import ARTEFACT
from classifiers.layer import LocalLayer
from models.domain import Mode
from models.guarantee_tables import certificate
from models.policy.loader import builtin_pack_ids
from models.session import writing
from models.store.certificates import KeptCertificate
from tests.fakes.world import World

KEY = b"k" * 32


def body(act: float | None = 0.5) -> dict:
    """Return a certificate's body that acts from `act` on, whatever the reference says today."""
    fields = orjson.loads(ARTEFACT.read_bytes())
    groups = {name: {**group, "act": act, "upper": 0.0005} for name, group in fields["groups"].items()}
    return {**fields, "groups": groups}


def kept(world: World, **changes: object) -> KeptCertificate:
    """Return a certificate of the world's connection that is in force."""
    fields: dict = {
        "connection_id": "c1",
        "pack_id": "psow",
        "pack_version": policy_of("psow", Mode.ENFORCE).pack.version,
        "basis": "accepted",
        "mode": Mode.ENFORCE,
        "model_version": reading_version(world.registry),
        "body": body(),
        "by": "nia",
        "at": world.clock(),
        "valid_until": world.clock() + timedelta(days=90),
    }
    return KeptCertificate(**(fields | changes))


def certify(world: World, **changes: object) -> None:
    """Put a certificate in force."""
    record_all(world.engine, KEY, [kept(world, **changes)])


def assured(world: World, folder: Path, key: bytes = KEY) -> Assurance:
    """Give the world's pipeline its assurance."""
    made = Assurance(world.engine, folder, world.registry, key)
    world.pipeline = Pipeline(world.engine, world.registry, policy_of, world.clock, assurance=made)
    return made


def keep_layer(folder: Path, intercept: float, version: str = "local-test", base: str = "") -> LocalLayer:
    """Keep a layer that raises or lowers every harm."""
    labels = tuple(label for label in HARM if label in linear.load().labels)
    layer = LocalLayer(
        version, base or linear.load().version, labels, np.ones(len(labels), np.float32),
        np.full(len(labels), intercept, np.float32), np.zeros(0, np.int64), np.zeros((0, len(labels)), np.float32),
    )  # fmt: skip
    (folder / version).mkdir(parents=True)
    layer.save(folder / version)
    card = {"version": version, "base": layer.base, "made_at": "2026-03-09T00:00:00+00:00"}
    (folder / version / "card.json").write_bytes(orjson.dumps(card))
    return layer


def permit(service: Service, name: str) -> None:
    """Let a connection of a service act under every pack, for the last month and two more; leaves no audit event."""
    at = service.clock() - timedelta(days=30)
    version = reading_version(service.assurance.models.registry())
    rows = [
        {
            "connection_id": name, "pack_id": pack, "pack_version": policy_of(pack, Mode.ENFORCE).pack.version,
            "basis": "accepted", "mode": "enforce", "model_version": version, "body": body(0.8), "by": "nia", "at": at,
            "valid_until": at + timedelta(days=90),
        }
        for pack in sorted(builtin_pack_ids())
    ]  # fmt: skip
    with writing(service.engine) as database:
        database.execute(insert(certificate), rows)
