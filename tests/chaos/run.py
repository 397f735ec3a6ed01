"""The run itself: feed, judge, let the bot work, kill it at a random moment, again and again; then come to rest and count."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select

from models.domain import Action, VerdictKind
from models.engine_tables import connection_state, dispatch
from models.session import open_store, reading, writing
from models.store import cases, commands, quotas
from models.store.cases import CaseMoved
from models.store.commands import CommandKind
from models.tables import case, case_item, enforcement, message
from tests.chaos.bot import CLOCK
from tests.chaos.count import Counts, counted
from tests.chaos.mailboxes import DovecotSide, ExchangeSide, GraphSide
from tests.chaos.networks import FacebookSide, InstagramSide, MastodonSide, XSide, YoutubeSide
from tests.chaos.sides import EmulatedSide, FilesSide, Side
from tests.emulators.platform import Ledger, platform
from tests.emulators.smtp import Mailbox, mail_server

ROOT = Path(__file__).resolve().parents[2]
KEY = b"c" * 32
SMTP_TROUBLE = ({}, {}, {".": "drop"}, {"RCPT": "451 later"}, {"DATA": "drop"}, {"MAIL": "421 busy"}, {".": "452 full"})
REST_ROUNDS = 30
UNDONE_NOT = 0.8
WORK_S = (0.05, 3.0)
"""After how much of its own processor time the bot is killed."""
WAIT_AT_MOST_S = 12
CONNECT_AT_MOST_S = 60


class Chaos:
    """One run over a folder of its own."""

    def __init__(self, folder: Path, sides: list[Side], hook: Ledger, box: Mailbox, seed: int) -> None:
        self.folder, self.sides, self.hook, self.box = folder, sides, hook, box
        self.draw = random.Random(seed)
        self.kills = 0
        self.jumps = 0
        self._pid: int | None = None
        (folder / CLOCK).write_text("0")
        (folder / "hook.url").write_text(f"json://127.0.0.1:{hook.port}/hook")
        (folder / "porthor.toml").write_text(
            f'[mail]\nhost = "127.0.0.1"\nport = {box.port}\nsecurity = "none"\nsender = "no-reply@psow.example"\ntimeout_s = 2\n\n'
            f'[notify]\nto = ["file:{folder / "hook.url"}"]\ndigest_hour = 23\n\n'
            + "\n".join(side.toml() for side in sides),
            "utf-8",
        )
        self.engine = open_store(f"sqlite:///{folder / 'porthor.sqlite3'}")
        self._zygote = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.bot", str(folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
            env={**os.environ, "OMP_NUM_THREADS": "1", "PORTHOR_LOG": os.environ.get("PORTHOR_LOG", "error")},
        )  # fmt: skip

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=float((self.folder / CLOCK).read_text()))

    def turn(self, seconds: float) -> None:
        """Turn the bot's clock, but never to before its connections were made: what came then is history."""
        partial = self.folder / "clock.part"
        partial.write_text(str(max(0.0, float((self.folder / CLOCK).read_text()) + seconds)))
        partial.replace(self.folder / CLOCK)
        self.jumps += 1

    def begin(self) -> None:
        """Let the bot meet all its connections once, so that what comes afterwards is more than history."""
        self.start()
        deadline = time.monotonic() + CONNECT_AT_MOST_S
        while self._known_connections() < len(self.sides) and time.monotonic() < deadline:
            time.sleep(0.05)
        self.kill(signal.SIGTERM)

    def _known_connections(self) -> int:
        with reading(self.engine) as database:
            return len(database.execute(select(connection_state.c.connection_id)).all())

    def cycle(self, fault_rate: float) -> None:
        """Feed, judge, run the bot for a moment and kill it."""
        known = self._identities()
        for side in self.sides:
            side.meddle(known[side.name])
            side.feed(self.draw.randrange(3), self.now())
        self.judge()
        self.box.answers = dict(self.draw.choice(SMTP_TROUBLE))
        self.turn(self.draw.choice([0, 0, 30, 600, 1800, -300, -1800]))
        pid = self.start()
        for side in self.sides:
            side.misbehave(fault_rate, pid)
        work_s, deadline = self.draw.uniform(*WORK_S), time.monotonic() + WAIT_AT_MOST_S
        while self.worked_s() < work_s and time.monotonic() < deadline and self.alive():
            time.sleep(0.05)
            self.mend()
            if self.draw.random() < 0.02:
                self.turn(self.draw.choice([-1200, 900, 7200]))
        self.kill()

    def start(self) -> int:
        self._pid = int(self._ask("start"))
        return self._pid

    def worked_s(self) -> float:
        """Return how much work the bot has done, in processor time: a busy machine kills it no earlier."""
        fields = Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def alive(self) -> bool:
        """True while the bot runs; one that was killed in a call is a zombie until it is reaped."""
        try:
            return "\nState:\tZ" not in Path(f"/proc/{self._pid}/status").read_text()
        except FileNotFoundError:
            return False

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        if self._pid is not None:
            os.kill(self._pid, how)
            self._ask(f"reap {self._pid}")
            self._pid = None
            self.kills += how is signal.SIGKILL

    def _ask(self, line: str) -> str:
        self._zygote.stdin.write(f"{line}\n")
        self._zygote.stdin.flush()
        answer = self._zygote.stdout.readline()
        assert answer, "the bot could not even be started: run it with PORTHOR_LOG=info"
        return answer

    def mend(self) -> None:
        """Be the people who renew expired tokens and resume what stands paused or stopped."""
        with reading(self.engine) as database:
            paused = list(
                database.execute(
                    select(connection_state.c.connection_id).where(connection_state.c.paused_at.is_not(None))
                ).scalars()
            )
            stopped = [row.connection_id for row in quotas.tripped(database)]
        for side in self.sides:
            side.mend(paused=side.name in paused)
        for name in {*paused, *stopped}:
            with writing(self.engine) as database:
                commands.write(database, KEY, CommandKind.RESUME, "chaos", self.now(), name)

    def judge(self) -> None:
        """Be the reviewers: decide some cases, undo some verdicts."""
        with reading(self.engine) as database:
            query = select(case.c.id, case.c.version, case.c.state, message.c.channel)
            query = query.join(case_item, case_item.c.case_id == case.c.id)
            found = list(database.execute(query.join(message, message.c.id == case_item.c.message_id)))
        for row in self.draw.sample(found, min(len(found), 6)):
            hold = Action.QUARANTINE if row.channel == "email" else Action.HIDE
            more = (
                []
                if row.channel == "email"
                else self.draw.choice([[], [Action.REPORT], [Action.REPORT], [Action.MUTE], [Action.BLOCK]])
            )
            kind = self.draw.choice([VerdictKind.DELIVER, VerdictKind.ENFORCE, VerdictKind.ENFORCE])
            if row.state == "closed":
                if self.draw.random() < UNDONE_NOT:
                    continue
                kind = VerdictKind.UNDO
            actions = [hold, *more] if kind is VerdictKind.ENFORCE else []
            try:
                with writing(self.engine) as database:
                    cases.record_verdict(database, KEY, row.id, row.version, kind, actions, "chaos", self.now())
            except CaseMoved:
                continue

    def rest(self) -> int:
        """Stop all misbehaviour and let the bot come to rest; return in how many rounds."""
        self.box.answers = {}
        for number in range(1, REST_ROUNDS + 1):
            for side in self.sides:
                side.calm()
            self.mend()
            self.turn(7300)
            self.start()
            deadline = time.monotonic() + 20
            while time.monotonic() < deadline:
                time.sleep(0.3)
                self.mend()
                if self._idle():
                    break
            time.sleep(0.5)
            self.kill(signal.SIGTERM)
            if self._idle(everything=True):
                return number
        return REST_ROUNDS

    def _idle(self, *, everything: bool = False) -> bool:
        with reading(self.engine) as database:
            if (
                commands.waiting(database, self.now())
                or database.execute(select(message.c.id).where(message.c.decided < message.c.revision).limit(1)).first()
            ):
                return False
            waits = enforcement.c.state.in_(["pending", "leased"])
            goes = dispatch.c.state.in_(["pending", "leased"])
            if not everything:
                waits, goes = waits & (enforcement.c.next_at <= self.now()), goes & (dispatch.c.next_at <= self.now())
            left = [
                database.execute(select(table.c.id).where(wanted).limit(1)).first()
                for table, wanted in ((enforcement, waits), (dispatch, goes))
            ]
        known = self._identities()
        return not any(left) and all(side.arrived() <= known[side.name] for side in self.sides)

    def _identities(self) -> dict[str, set[str]]:
        """Return what the bot has of each side, in that side's names."""
        with reading(self.engine) as database:
            rows = list(database.execute(select(message.c.connection_id, message.c.native_id, message.c.message_id)))
        return {
            side.name: {getattr(row, side.identity) for row in rows if row.connection_id == side.name}
            for side in self.sides
        }

    def close(self) -> None:
        self.kill()
        self._zygote.stdin.close()
        try:
            self._zygote.wait(30)
        except subprocess.TimeoutExpired:
            self._zygote.kill()
            self._zygote.wait()
        self._zygote.stdout.close()
        self.engine.dispose()


Building = Callable[[Path, random.Random], Side]
REAL: dict[str, Building] = {
    "imap": lambda folder, draw: DovecotSide("imap", draw, folder),
    "exchange": lambda folder, draw: ExchangeSide("exchange", draw, folder),
    "graph": lambda folder, draw: GraphSide("graph", draw, folder),
    "x": lambda folder, draw: XSide("x", folder, draw),
    "mastodon": lambda folder, draw: MastodonSide("mastodon", folder, draw),
    "facebook": lambda folder, draw: FacebookSide("facebook", folder, draw),
    "instagram": lambda folder, draw: InstagramSide("instagram", folder, draw),
    "youtube": lambda folder, draw: YoutubeSide("youtube", folder, draw),
}
"""The sides that the real connectors speak with, through the real client libraries."""


@contextmanager
def chaos(folder: Path, seed: int) -> Iterator[Chaos]:
    """Set everything up: platforms over HTTP, a real IMAP server, a Maildir, a mail server, a webhook, and the bot between."""
    with ExitStack() as stack:
        mail, posts, hook = (stack.enter_context(platform(seed + number)) for number in range(3))
        box = stack.enter_context(mail_server())
        draw = random.Random(seed)
        sides: list[Side] = [
            EmulatedSide("mailbox", "email", mail, folder, draw),
            EmulatedSide("posts", "x", posts, folder, draw),
            FilesSide("letters", folder / "Maildir", draw, folder),
        ]
        for build in REAL.values():
            sides.append(build(folder, random.Random(draw.random())))
            stack.callback(sides[-1].close)
        made = Chaos(folder, sides, hook, box, seed)
        stack.callback(made.close)
        yield made


def run(
    folder: Path, kills: int, seed: int, fault_rate: float = 0.15, told: object = lambda _: None
) -> tuple[Counts, Chaos]:
    """Kill the bot `kills` times, come to rest, and count."""
    with chaos(folder, seed) as made:
        made.begin()
        while made.kills < kills:
            made.cycle(fault_rate)
            told(made.kills)
        with reading(made.engine) as database:
            ended = database.execute(
                select(func.count()).where(enforcement.c.ended_at.is_not(None)).select_from(enforcement)
            ).scalar_one()
        rounds = made.rest()
        counts = counted(made.engine, made.sides, made.hook, made.box)
        faults = sum((side.faults() for side in made.sides), start=Counter())
        counts.total |= {
            "kills": made.kills,
            "effects ended under fire": ended,
            "rounds to come to rest": rounds,
            "clock turns": made.jumps,
            **{f"fault {k}": n for k, n in sorted(faults.items())},
        }
        return counts, made
