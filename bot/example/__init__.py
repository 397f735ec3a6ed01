"""The built-in example: invented mail and posts to four public bodies, in English and Welsh, of every sort."""

from pathlib import Path

from bot.settings import ConnectionSettings, Settings, SettingsError
from models.domain import Mode

HERE = Path(__file__).resolve().parent
AUTHSERV_ID = "mx.porthor.example"


def connections() -> tuple[ConnectionSettings, ...]:
    """Return the example's two connections: a mailbox, and posts that name their organisation."""
    return (
        ConnectionSettings(
            name="example-mail",
            kind="files",
            org="adra",
            path=HERE / "inbox.mbox",
            mode=Mode.ENFORCE,
            own_addresses=("tai@adra.example.org",),
            authserv_id=AUTHSERV_ID,
        ),
        ConnectionSettings(
            name="example-posts", kind="files", org="wrexham", path=HERE / "posts.jsonl", mode=Mode.ENFORCE
        ),
    )


def staff_file() -> Path:
    """Return the example's staff directory."""
    return HERE / "staff.csv"


def admit(wanted: ConnectionSettings, settings: Settings) -> None:
    """Let a connection be opened; in a demonstration only those of the example.

    Raises:
        SettingsError: The store is a demonstration's, which holds invented messages only.
    """
    if settings.demo and wanted not in connections():
        raise SettingsError(
            f"{settings.data_dir} is a demonstration: nothing can be connected to it or read into it; "
            "set DATA_DIR to another folder"
        )
