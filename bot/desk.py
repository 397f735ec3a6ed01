"""What a command about certificates and models works on: the store, the keys and the classifiers in force."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from bot.local_models import LocalModels
from bot.secrets import ensure_keys
from bot.settings import Settings, load
from classifiers.registry import Registry
from classifiers.staff import StaffDirectory
from models.session import open_store


@dataclass(frozen=True, slots=True)
class Desk:
    """One store with what is in force in it."""

    settings: Settings
    engine: Engine
    audit_key: bytes
    models: LocalModels

    @property
    def registry(self) -> Registry:
        """The classifiers in force."""
        return self.models.registry()


def open_desk(environment: Mapping[str, str], data_dir: Path | None) -> Desk:
    """Open the store of the settings.

    Raises:
        StoreError: It cannot be used.
        SettingsError: A setting is wrong.
    """
    settings = load(environment, data_dir)
    engine = open_store(settings.database_url)
    listed = settings.file.staff
    staff = StaffDirectory.empty() if listed is None else StaffDirectory.from_csv(listed)
    key = (ensure_keys(settings.secrets_dir) / "audit.key").read_bytes()
    return Desk(settings, engine, key, LocalModels(engine, settings.models_dir, Registry.default(staff)))
