"""The run itself: feed, judge, let the bot work, kill it at a random moment, again and again; then come to rest and count."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
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
from tests.chaos.sides import EmulatedSide, FilesSide, Side
from tests.emulators.platform import Ledger, platform
from tests.emulators.smtp import Mailbox, mail_server

ROOT = Path(__file__).resolve().parents[2]
KEY = b"c" * 32
SMTP_TROUBLE = ({}, {}, {".": "drop"}, {"RCPT": "451 later"}, {"DATA": "drop"}, {"MAIL": "421 busy"}, {".": "452 full"})
REST_ROUNDS = 30
UNDONE_NOT = 0.8
WORK_S = (0.05, 1.2)
"""After how much of its own processor time the bot is killed."""
WAIT_AT_MOST_S = 10


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
        """Turn the bot's clock."""
        partial = self.folder / "clock.part"
        partial.write_text(str(float((self.folder / CLOCK).read_text()) + seconds))
        partial.replace(self.folder / CLOCK)
        self.jumps += 1

    def cycle(self, fault_rate: float) -> None:
        """Feed, judge, run the bot for a moment and kill it."""
        for side in self.sides:
            side.feed(self.draw.randrange(5), self.now())
        self.judge()
        self.box.answers = dict(self.draw.choice(SMTP_TROUBLE))
        self.turn(self.draw.choice([0, 0, 30, 600, 1800, -300, -3600]))
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
        for side in self.sides:
            side.mend()
        with reading(self.engine) as database:
            paused = list(
                database.execute(
                    select(connection_state.c.connection_id).where(connection_state.c.paused_at.is_not(None))
                ).scalars()
            )
            stopped = [row.connection_id for row in quotas.tripped(database)]
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
                side.mend()
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
            known = {
                (r.connection_id, r.native_id)
                for r in database.execute(select(message.c.connection_id, message.c.native_id))
            }
        arrived = {(side.name, key) for side in self.sides for key in side.arrived()}
        return not any(left) and arrived <= known

    def close(self) -> None:
        self.kill()
        self._zygote.stdin.close()
        self._zygote.wait(10)
        self._zygote.stdout.close()
        self.engine.dispose()


@contextmanager
def chaos(folder: Path, seed: int) -> Iterator[Chaos]:
    """Set everything up: two platforms over HTTP, a Maildir, a mail server, a webhook, and the bot between."""
    with platform(seed) as mail, platform(seed + 1) as posts, platform(seed + 2) as hook, mail_server() as box:
        draw = random.Random(seed)
        sides: list[Side] = [
            EmulatedSide("mailbox", "email", mail, folder, draw),
            EmulatedSide("posts", "x", posts, folder, draw),
            FilesSide("letters", folder / "Maildir", draw, folder),
        ]
        made = Chaos(folder, sides, hook, box, seed)
        try:
            yield made
        finally:
            made.close()


def run(
    folder: Path, kills: int, seed: int, fault_rate: float = 0.15, told: object = lambda _: None
) -> tuple[Counts, Chaos]:
    """Kill the bot `kills` times, come to rest, and count."""
    with chaos(folder, seed) as made:
        while made.kills < kills:
            made.cycle(fault_rate)
            told(made.kills)
        with reading(made.engine) as database:
            ended = database.execute(
                select(func.count()).where(enforcement.c.ended_at.is_not(None)).select_from(enforcement)
            ).scalar_one()
        rounds = made.rest()
        posts = next(side for side in made.sides if side.name == "posts")
        counts = counted(made.engine, made.sides, posts.ledger.reports, made.hook.told, made.box)
        faults = sum(
            (side.ledger.faults for side in made.sides if isinstance(side, EmulatedSide)),
            start=type(posts.ledger.faults)(),
        )
        counts.total |= {
            "kills": made.kills,
            "effects ended under fire": ended,
            "rounds to come to rest": rounds,
            "clock turns": made.jumps,
            **{f"fault {k}": n for k, n in sorted(faults.items())},
        }
        return counts, made
