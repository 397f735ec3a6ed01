"""The local layers kept in the data folder: which is in force, which one runs beside it, and which a person may choose."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import structlog
from sqlalchemy import Engine

from bot.cli.errors import CommandError
from classifiers import linear
from classifiers.base import ArtefactMissing
from classifiers.layer import LocalLayer, load_layer
from classifiers.registry import Registry
from models.session import reading
from models.store import models_in_force
from models.store.models_in_force import WITHOUT_LAYER

CARD = "card.json"
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class KeptLayer:
    """A layer in the data folder with its card."""

    version: str
    folder: Path
    card: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A layer that runs beside the model in force and never acts."""

    version: str
    folder: Path
    registry: Registry


class LocalModels:
    """Hands out the registry in force and the candidate beside it; what people choose is seen at the next question."""

    def __init__(self, engine: Engine, folder: Path, registry: Registry) -> None:
        self._engine = engine
        self.folder = folder
        self._bare = registry.with_layer(None)
        self._made: dict[str, Registry] = {WITHOUT_LAYER: self._bare}

    def registry(self) -> Registry:
        """Return the classifiers with the layer in force; a layer over other heads than ours is left out, and told."""
        with reading(self._engine) as database:
            version = models_in_force.current(database)
        try:
            return self.registry_of(version)
        except (ArtefactMissing, CommandError) as error:
            log.warning("local_layer_left_out", version=version, why=str(error))
            return self._bare

    def candidate(self) -> Candidate | None:
        """Return the youngest layer that fits our heads and was never in force, None where there is none."""
        kept = self.kept()
        if not kept:
            return None
        with reading(self._engine) as database:
            ever = set(models_in_force.ever(database))
        fresh = [one for one in kept if one.version not in ever and one.card.get("base") == linear.load().version]
        for one in reversed(fresh):
            try:
                return Candidate(one.version, one.folder, self.registry_of(one.version))
            except (ArtefactMissing, CommandError) as error:
                log.warning("candidate_left_out", version=one.version, why=str(error))
        return None

    def kept(self) -> list[KeptLayer]:
        """Return every layer in the folder, oldest first."""
        cards = [path for path in self.folder.glob(f"*/{CARD}") if path.is_file()]
        found = [KeptLayer(path.parent.name, path.parent, orjson.loads(path.read_bytes())) for path in cards]
        return sorted(found, key=lambda one: (str(one.card.get("made_at", "")), one.version))

    def layer(self, version: str) -> LocalLayer:
        """Return the layer `version`.

        Raises:
            CommandError: There is none, or it was fitted over other heads.
        """
        known = {one.version: one for one in self.kept()}
        if version not in known:
            names = ", ".join(known) or "none yet; `porthor learn` makes one"
            raise CommandError(f"no local layer is called {version!r} in {self.folder}; there are: {names}")
        layer = load_layer(known[version].folder)
        heads = linear.load().version
        if layer.base != heads:
            raise CommandError(
                f"the layer {version} was fitted over the heads {layer.base}, the program now has {heads}: "
                "run `porthor learn` again"
            )
        return layer

    def registry_of(self, version: str) -> Registry:
        """Return the classifiers with the layer `version`, without any for WITHOUT_LAYER.

        Raises:
            CommandError: There is no such layer, or it was fitted over other heads.
        """
        if version not in self._made:
            self._made[version] = self._bare.with_layer(self.layer(version))
        return self._made[version]
