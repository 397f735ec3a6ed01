"""A site with something on every page: cases, measures, letters, proposals that wait, and a second person who may agree."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from fastapi.testclient import TestClient
from playwright.sync_api import Browser, BrowserContext
from sqlalchemy import select

from bot import handing_over, verdicts
from models.domain import Action, Channel, Message, VerdictKind
from models.formal_tables import letter_wanted, measure
from models.policy.loader import builtin_pack
from models.session import writing
from models.store import alarms, connections, people, quotas, rota, urgent
from models.store.formal import offices
from models.store.rota import Plan
from models.tables import case, case_item, message
from models.trouble import Trouble
from review_queue import auth
from review_queue.app import SESSION_COOKIE, Keys, create_app
from review_queue.i18n import utc_now
from tests.fakes.world import ABUSE, World
from tests.review_queue.conftest import NAME, PASSWORD, Desk, fill
from tests.review_queue.shift import PETITION as CLOSURE
from tests.review_queue.test_blind import drawn
from tests.review_queue.test_formal_pages import RESTRICT, confirm, report, walk
from tests.review_queue.test_formal_pages import warned as warned_twice
from tests.review_queue.test_insights import PETITION
from tests.review_queue.test_petition import campaign
from tests.serving import served

SECOND, KEY = "mair", b"a" * 32
PHRASE, WHY = "mending the fence", "It was seen often this spring, and always in good faith."
LONG = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"
NEED = {"text": "uses a hearing aid", "certainty": "recorded", "requested": "no", "seen_by": "hopsc"}
REPLY = {"subject_cy": "Y llyfrgell", "subject_en": "The library", "text_cy": "Diolch.", "text_en": "Thank you."}


@dataclass
class Site:
    """The running site: where it is, the desk of each person, and the addresses of its pages by a name for each."""

    address: str
    desks: dict[str, Desk]
    pages: dict[str, str] = field(default_factory=dict)

    def admit(self, name: str) -> None:
        """Sign in somebody who has an account."""
        world, app = self.desks[NAME].world, self.desks[NAME].client.app
        client = TestClient(app, follow_redirects=False)
        assert client.post("/sign-in", data={"name": name, "password": PASSWORD}).status_code == 303
        self.desks[name] = Desk(world, client)

    def enter(self, browser: Browser, name: str = NAME, **options: object) -> BrowserContext:
        """Open the site in a context of its own, signed in as `name`."""
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "bypass_csp": True} | options)  # type: ignore[arg-type]
        cookie = self.desks[name].client.cookies[SESSION_COOKIE]
        context.add_cookies([{"name": SESSION_COOKIE, "value": cookie, "url": self.address}])
        return context


@contextmanager
def full_site(folder: Path, *, appealed: bool = True) -> Iterator[Site]:
    """Fill a store, serve it, and yield it with every page's address; where `appealed`, an appeal waits to be heard."""
    world = World(f"sqlite:///{folder / 'full.sqlite3'}")
    world.clock.now = utc_now() - timedelta(hours=3)
    fill(world)
    _more_messages(world)
    for name, role in ((NAME, "hopsc"), (SECOND, "edcl")):
        with writing(world.engine) as database:
            words = auth._hasher.hash(PASSWORD)
            people.add(database, name, words, "administrator", "en", must_change=False, now=utc_now())
            offices.appoint(database, KEY, name, builtin_pack("psow"), role, "root", utc_now())
    app = create_app(world.engine, Keys(b"s" * 32, KEY, b"e" * 32), letter_ways=("email", "post", "notify"), demo=True)
    with TestClient(app, follow_redirects=False) as client, served(app) as address:
        site = Site(address, {NAME: Desk(world, client)})
        for name in (NAME, SECOND):
            site.admit(name)
        for step in (_cases, _measures, _rules, _bot, _fixed):
            site.pages |= step(site.desks[NAME])
        if appealed:
            _appeal(site)
        yield site
    world.engine.dispose()


def _post(desk: Desk, path: str, **values: object) -> str:
    answer = desk.client.post(path, data={"csrf": desk.csrf()} | values)
    assert answer.status_code in {200, 303}, (path, answer.status_code, answer.text)
    return answer.headers.get("location", answer.text)


def _more_messages(world: World) -> None:
    """Put in a long name, a thread, a repeat with something added, a laid-out mail, private details and a link."""
    wordy = f"{ABUSE}, the whole lot of you at {LONG}, and I shall say so again"
    mail = world.message("w1", f"{wordy} tomorrow", author=f"{LONG.lower()}@example.org", channel=Channel.EMAIL)
    again = replace(
        mail, key=replace(mail.key, native_id="w2"), own_text=f"{wordy} tomorrow, and my bin was missed on 4 May"
    )
    details = "She lives at 14 Stryd Fawr, Bangor LL57 1AA, her mobile is 07700 900123. See https://example.org/where"
    welsh = "Rwyt ti'n ffycin twpsyn diwerth, cer i grafu"
    first = replace(world.message("t1", "When will the library open again?", author="asks"), thread="t")
    reply = replace(world.message("t2", f"{ABUSE} and you know it", author="answers"), thread="t", reply_to_id="t1")
    items: list[Message] = [mail, again, world.message("d1", details, author="tells"), first, reply]
    items += [world.message(f"cy{n}", f"{welsh} {n}", author=f"cymro{n}") for n in range(3)]
    world.put(*items, cursor="more")
    world.act()


def _petition(world: World, name: str, words: str) -> int:
    """Put the same words in from five people; return their campaign."""
    people_of = range(5)
    mails = [
        world.message(f"{name}{n}", words, author=f"{name}{n}@example.org", channel=Channel.EMAIL) for n in people_of
    ]
    world.put(*mails, cursor=name)
    return int(world.every(select(case.c.id).where(case.c.campaign).order_by(case.c.id.desc()))[0].id)


def _cases(desk: Desk) -> dict[str, str]:
    world = desk.world
    answered = campaign(world)
    world.judge(VerdictKind.DELIVER, case_id=answered)
    sent = _post(desk, f"/case/{answered}/reply", **REPLY, sure="yes")
    petition, decided = (_petition(world, name, words) for name, words in (("q", PETITION), ("r", CLOSURE)))
    world.judge(VerdictKind.DELIVER, case_id=decided)
    rows = {row.native_id: row.id for row in world.every(select(message))}
    of = {
        row.native_id: row.case_id
        for row in world.every(select(message.c.native_id, case_item.c.case_id).join_from(case_item, message))
    }
    drawn(desk, rows["1"], rows["3"])
    (at_risk,) = world.every(select(case.c.id).where(case.c.attention == 2))
    return {
        "queue": "/", "queue-narrowed": "/?channel=x&lang=cy", "queue-empty": "/?words=nothingatall",
        "queue-escalated": "/?state=escalated", "case": f"/case/{of['1']}", "case-hostile": f"/case/{of['3']}",
        "case-shown": f"/case/{of['w1']}?shown=1", "case-urgent": f"/case/{at_risk.id}",
        "case-thread": f"/case/{of['t2']}", "case-welsh": f"/case/{of['cy0']}", "campaign": f"/case/{petition}",
        "campaign-closed": f"/case/{answered}", "evidence": f"/case/{of['1']}/evidence", "reply": f"/case/{decided}/reply", "reply-early": f"/case/{petition}/reply",
        "reply-sent": sent.split("?")[0],
        "reply-result": "/reply/1", "layout": f"/message/{rows['3']}/layout", "blind": "/blind",
    }  # fmt: skip


def _measures(desk: Desk) -> dict[str, str]:
    """Warn, warn again and restrict contact 1, take an appeal in, and let a lower grade propose for another contact."""
    again = warned_twice(desk)
    path = "/formal/psow/1/restrict"
    confirm(desk.client, path, walk(desk.client, path, RESTRICT | {"incidents": [str(again)], "once": "eighty calls"}))
    (made,) = desk.world.every(select(measure).where(measure.c.kind == "restriction"))
    need = "/formal/psow/1/need"
    confirm(desk.client, need, walk(desk.client, need, NEED))
    report(desk, day="2026-03-21")
    letter = desk.world.every(select(letter_wanted.c.id).where(letter_wanted.c.sent_at.is_(None)))[0].id
    sent = desk.world.every(select(letter_wanted.c.id).where(letter_wanted.c.sent_at.is_not(None)))[0].id
    forms = ("incident", "ask", "warn", "restrict", "record", "need", "join", "profile")
    return {
        "formal": "/formal", "file": "/formal/psow/1", "file-bare": "/formal/psow/2", "timeline": "/formal/psow/1/timeline",
        **{f"form-{name}": f"/formal/psow/1/{name}" for name in forms},
        "form-appeal": f"/formal/psow/1/appeal?about={made.id}", "form-review": f"/formal/psow/1/review?about={made.id}",
        "letters": "/letters", "letter": f"/letters/psow/{letter}", "letter-edit": f"/letters/psow/{letter}/edit/cy",
        "letter-sent": f"/letters/psow/{sent}", "register": "/register", "year": "/year/psow", "policy-review": "/policy-review/psow",
    }  # fmt: skip


def _appeal(site: Site) -> None:
    path, client = site.pages["form-appeal"], site.desks[NAME].client
    confirm(client, path, walk(client, path, {"day": utc_now().date().isoformat(), "grounds": "unfair"}))


def _rules(desk: Desk) -> dict[str, str]:
    entry = {"kind": "watch", "compared": "phrase", "value": PHRASE, "org": "psow", "why": WHY, "sure": "yes"}
    _post(desk, "/lists/new", **entry)
    _post(desk, "/policy/psow/try", field="daily_quota.hide", value="7", why=WHY, sure="yes")
    _post(desk, "/queues/new", org="psow", name_cy="Tai", name_en="Housing")
    _post(desk, "/queues/rules/new", org="psow", queue="1", channel=["x", "bluesky"], why=WHY, sure="yes")
    shown = desk.client.get("/bulk/new?channel=x&verdict=deliver").text
    seen = re.search(r'name="seen" value="(\w+)"', shown)
    assert seen, "there is nothing to decide at once"
    many = _post(desk, "/bulk/new", query="channel=x", verdict="deliver", seen=seen.group(1), why=WHY).split("?")[0]
    return {
        "bulk-list": "/bulk", "bulk": many, "bulk-new": "/bulk/new?channel=email", "bulk-try": "/bulk/new?channel=email&verdict=deliver",
        "lists": "/lists", "list-new": "/lists/new", "list-entry": "/lists/1", "policy-list": "/policy", "policy": "/policy/psow",
        "threshold": "/policy/psow/threshold?at=99", "queues": "/queues", "queue-rule-new": "/queues/rules/new?org=psow",
        "queue-rule": "/queues/rules/1", "statement": "/statement/psow",
    }  # fmt: skip


def _bot(desk: Desk) -> dict[str, str]:
    world, platform = desk.world, desk.world.platform
    platform.abilities = frozenset()
    world.judge(VerdictKind.ENFORCE, [Action.REPORT])
    verdicts.carry_out(world.engine, world.clock)
    handing_over.hand_over(world.engine, {"c1": platform}, world.policies, world.clock)
    with writing(world.engine) as database:
        quotas.trip(database, "c1", Action.HIDE, "surge", utc_now())
        told, answer = {"times": 6}, "mail.example:993: connection timed out"
        alarms.raise_one(database, "unreachable:c1", "unreachable", utc_now(), "c1", facts=told, answer=answer)
        connections.report_trouble(database, "c1", Trouble.UNAVAILABLE, answer)
        rota.keep(database, KEY, Plan("psow", active=True), NAME, utc_now())
        urgent.follow(database, ["psow"], utc_now())
    _post(desk, "/rota/psow/week", **{f"day-{day}-1": NAME for day in range(7)} | {"day-0-2": SECOND})
    until = (utc_now() + timedelta(days=30)).date().isoformat()
    _post(desk, "/api/keys/new", name="Case system", account=NAME, scopes=["cases:read"], until=until)
    _post(desk, "/api/webhooks/new", title="Case system", address="https://cases.example/hook", events=["case.decided"])
    return {
        "connections": "/connections", "quarantine": "/quarantine", "enforcement": "/enforcement", "rota-list": "/rota",
        "rota": "/rota/psow", "api": "/api", "keys": "/api/keys", "key-new": "/api/keys/new", "webhooks": "/api/webhooks",
        "webhook-new": "/api/webhooks/new", "webhook": "/api/webhooks/1",
    }  # fmt: skip


def _fixed(_: Desk) -> dict[str, str]:
    return {
        "today": "/today", "insights": "/insights", "people": "/people", "person-add": "/people/add", "person": f"/people/{SECOND}",
        "account": "/account", "second-factor": "/account/second-factor", "password": "/password", "help": "/help", "nowhere": "/nowhere",
        "no-role": "/formal/adra/1",
    }  # fmt: skip
