"""A whole shift to work through: two emulated platforms, a mailbox of laid-out mail, the running engine, and the page."""

import mailbox
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

from bot.secrets import ensure_keys
from bot.service import Service
from bot.settings import load
from models.session import writing
from models.store import people
from review_queue import auth
from review_queue.app import Keys, create_app
from tests.emulators import connector
from tests.emulators.connector import make_known
from tests.emulators.platform import Ledger, platform
from tests.serving import served

REVIEWERS = ("nia", "ifan")
PASSWORD = "tri gair bach cofiadwy"
PETITION = (
    "Please stop the closure of the library in Bethesda. It is the only warm place that older people have in winter, "
    "and children do their homework there. We ask the council to keep it open."
)
NEWS = " My daughter Elin Pritchard was turned away on 14 March and her hearing aid was broken at the door."
INSULTS = (
    "You useless fucking idiots, case {n}, you could not run a bath",
    "Fuck off you stupid cunts, number {n} is still waiting",
    "What a bunch of worthless lying bastards you are, ref {n}",
    "You are a pathetic bitch and everybody at desk {n} knows it",
)
WELSH = (
    "Y diawliaid diog, ffyciwch chi i gyd, rhif {n}",
    "Rydych chi'n bastards hollol ddiwerth, achos {n}, cachwch bant",
)
THREATS = (
    "I know where you park, I am going to smash your face in when you leave the office, number {n}",
    "I will burn your house down with you in it, you wait and see, number {n}",
)
SELF_HARM = ("I cannot go on any more, tonight I am going to take all my tablets and end my life",)
HTML = (
    "<html><head><style>p{color:red}</style></head><body><h1>Complaint {n}</h1><p>You <b>fucking useless cunts</b>, "
    "answer me.</p><img src='https://tracker.example/pixel.gif'><a href='https://evil.example/'>here</a>"
    "<script>alert(1)</script></body></html>"
)


@dataclass(frozen=True)
class Shift:
    """The running whole: where the page is, and the truth at each platform."""

    address: str
    service: Service
    posts: Ledger
    mails: Ledger


@contextmanager
def shift(folder: Path, plain: int = 92) -> Iterator[Shift]:
    """Run a shift with about `plain` cases beside the campaign, until the block ends."""
    make_known()
    connector.TIMEOUT_S = 10  # nothing fails here but a machine that is busy
    with platform(1) as posts, platform(2) as mails:
        _fill(posts, mails, plain)
        _write_mailbox(folder / "laid-out.mbox")
        (folder / "token").write_text("token-0")
        (folder / "porthor.toml").write_text(
            "".join(
                _toml(folder, name, channel, ledger)
                for name, channel, ledger in (("posts", "x", posts), ("mails", "email", mails))
            )
            + f'[[connection]]\nname = "laid-out"\nkind = "files"\norg = "psow"\nmode = "enforce"\npath = "{folder / "laid-out.mbox"}"\n',
            "utf-8",
        )
        service = Service.open(load({"DATA_DIR": str(folder)}))
        for name in service.connections:
            service.take_in(name)
        service.decide()
        with _page(service) as address:
            scheduler = service.schedule()
            try:
                yield Shift(address, service, posts, mails)
            finally:
                service.stop(scheduler)
                service.engine.dispose()


def _toml(folder: Path, name: str, channel: str, ledger: Ledger) -> str:
    return (
        f'[[connection]]\nname = "{name}"\nkind = "emulated"\norg = "psow"\nmode = "enforce"\npoll_s = 60\n'
        f'address = "http://127.0.0.1:{ledger.port}"\nchannel = "{channel}"\ntoken = "file:{folder / "token"}"\n\n'
    )


def _fill(posts: Ledger, mails: Ledger, plain: int) -> None:
    at = datetime.now(UTC) + timedelta(seconds=30)

    def put(ledger: Ledger, author: str, text: str) -> None:
        number = len(ledger.items)
        when = (at + timedelta(milliseconds=number)).isoformat()
        ledger.items.append({"key": f"k{number}", "author": author, "text": text, "at": when})

    for n in range(30):
        said = PETITION + (NEWS if n == 17 else " Diolch." if n % 7 == 3 else "")
        put(posts, f"friend{n}", said)
    for n, text in enumerate(THREATS):
        put(posts, f"angry{n}", text.format(n=n))
    for text in SELF_HARM:
        put(posts, "alone", text)
    for n in range(3):
        put(mails, "again@example.org", INSULTS[0].format(n=1000 + n))
    for n in range(plain - len(THREATS) - len(SELF_HARM) - 1):
        sorts = WELSH if n % 9 == 4 else INSULTS
        text = sorts[n % len(sorts)].format(n=n)
        if n % 3:
            put(posts, f"poster{n}", text)
        else:
            put(mails, f"writer{n}@example.org", text)


def _write_mailbox(path: Path) -> None:
    box = mailbox.mbox(path)
    for n in range(10):
        mail = EmailMessage()
        mail["From"], mail["To"] = f"Writer {n} <laid{n}@example.org>", "post@psow.example"
        mail["Subject"], mail["Message-ID"] = f"Complaint {n}", f"<laid{n}@example.org>"
        mail["Date"] = datetime.now(UTC) + timedelta(minutes=1)
        mail.set_content(f"You fucking useless cunts, answer me. Complaint {n}")
        mail.add_alternative(HTML.replace("{n}", str(n)), subtype="html")
        box.add(mail)
    box.close()


@contextmanager
def _page(service: Service) -> Iterator[str]:
    keys = ensure_keys(service.settings.secrets_dir)
    now = datetime.now(UTC)
    with writing(service.engine) as database:
        for name in REVIEWERS:
            people.add(database, name, auth._hasher.hash(PASSWORD), "reviewer", "en", must_change=False, now=now)
    app = create_app(service.engine, Keys((keys / "session.key").read_bytes(), (keys / "audit.key").read_bytes()))
    with served(app) as address:
        yield address


def sign_in(page, address: str, name: str = REVIEWERS[0]) -> None:
    """Sign a reviewer in."""
    page.goto(f"{address}/sign-in")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_selector("#cases")
