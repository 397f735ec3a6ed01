"""What the benchmark of the queue asks of the page, each question with its address the n-th time."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from tests.benchmarks.full_shapes import CHANNELS, ORGS
from tests.benchmarks.full_texts import COMMON, rare_word

LABELS = ("abuse.insult", "abuse.threat", "doxing.staff_named", "persistence.volume", "spam", "duplicate.campaign")
CLAUSES = ("psow/2.2.h", "psow/2.3", "psow/2.4.a")


@dataclass(frozen=True, slots=True)
class Question:
    """`kind` says which promise it is measured by."""

    kind: str
    what: str
    address: Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Store:
    """What a store can be asked about."""

    cases: tuple[int, ...]
    campaigns: tuple[int, ...]
    long_mails: tuple[int, ...]
    busy_cases: tuple[int, ...]
    references: tuple[int, ...]
    org_of: Mapping[int, str]


def questions(store: Store) -> Iterator[Question]:
    """Yield every question."""
    yield from _queue()
    yield from _cards(store)
    yield from _searches(store)
    yield from _desk(store)


def _queue() -> Iterator[Question]:
    pages = {
        "first page": lambda _: "/",
        "second page": lambda _: "/?at=2",
        "last page that is counted": lambda _: "/?at=40",
        "one signal": lambda n: f"/?label={LABELS[n % 6]}",
        "one clause": lambda n: f"/?clause={quote(CLAUSES[n % 3])}",
        "one channel": lambda n: f"/?channel={CHANNELS[n % 5]}",
        "one handling": lambda n: f"/?handling={('urgent', 'enforce', 'review')[n % 3]}",
        "Welsh": lambda _: "/?lang=cy",
        "one body": lambda n: f"/?org={ORGS[n % 4]}",
        "one signal, Welsh, one body, mail": lambda n: (
            f"/?label={LABELS[n % 4]}&lang=cy&org={ORGS[n % 4]}&channel=email"
        ),
        "a signal that few have, both languages": lambda _: "/?label=welfare.self_harm&lang=mixed",
        "no case fits": lambda _: "/?label=rights.appeal",
        "given to me": lambda _: "/?assigned=me",
        "given to nobody": lambda _: "/?assigned=-",
        "given to one": lambda n: f"/?assigned=reviewer{n % 12}",
        "people under a measure": lambda _: "/?restricted=1",
        "escalated": lambda _: "/?state=escalated",
        "escalated to my role": lambda _: "/?state=escalated&grade=mine",
        "decided, newest first": lambda _: "/?state=closed",
        "decided, one signal, Welsh": lambda n: f"/?state=closed&label={LABELS[n % 6]}&lang=cy",
        "of any state": lambda _: "/?state=any",
    }
    yield from (Question("queue", what, address) for what, address in pages.items())


def _cards(store: Store) -> Iterator[Question]:
    yield Question("card", "any open case", lambda n: f"/case/{store.cases[n % len(store.cases)]}")
    yield Question("card", "fetched ahead", lambda n: f"/case/{store.cases[n % len(store.cases)]}?ahead=1")
    if store.busy_cases:
        yield Question(
            "card", "who wrote 3,000 times", lambda n: f"/case/{store.busy_cases[n % len(store.busy_cases)]}"
        )
    yield Question("card", "the longest mails", lambda n: f"/case/{store.long_mails[n % len(store.long_mails)]}")
    yield Question("campaign", "up to 300 letters shown", lambda n: f"/case/{store.campaigns[n % 20]}")


def _searches(store: Store) -> Iterator[Question]:
    pages = {
        "a rare word": lambda n: f"/?words={quote(rare_word(90_000 + n))}",
        "a number": lambda n: f"/?words=ref+{store.references[n % 60]}",
        "a common word": lambda n: f"/?words={COMMON['en'][n % 5]}",
        "a common Welsh word": lambda n: f"/?words={COMMON['cy'][n % 5]}",
        "two common words": lambda n: f"/?words={COMMON['en'][n % 5]}+{COMMON['en'][(n + 1) % 5]}",
        "a common and a rare word": lambda n: f"/?words=the+{quote(rare_word(50_000 + n))}",
        "the beginning of a word": lambda n: f"/?words={'abcdefghilmnoprst'[n % 17]}",
        "a Welsh phrase": lambda _: f"/?words={quote('mae’r cyngor yn')}",
        "a name": lambda n: f"/?words=person{1 + n * 31}",
        "a name of thousands": lambda n: f"/?words=person{1 + n % 20}",
        "nothing at all": lambda n: f"/?words=qqqq{n}qqqq",
        "a common word, all filters": lambda n: (
            f"/?words=the&label={LABELS[n % 4]}&lang=cy&org={ORGS[n % 4]}&channel=email"
        ),
        "a common word among the open": lambda n: f"/?words={COMMON['en'][n % 5]}&state=open",
        "a common Welsh word among the decided": lambda n: f"/?words={COMMON['cy'][n % 5]}&state=closed&lang=cy",
    }
    yield from (Question("search", what, address) for what, address in pages.items())


def _desk(store: Store) -> Iterator[Question]:
    orgs = store.org_of
    pages = {
        "today": lambda _: "/today",
        "connections": lambda _: "/connections",
        "enforcement log": lambda _: "/enforcement",
        "quarantine": lambda _: "/quarantine",
        "quarantine, last page": lambda _: "/quarantine?at=200",
        "quarantine, a word": lambda n: f"/quarantine?text={('council', 'person12', 'cyngor')[n % 3]}",
        "quarantine, one body, by the machine": lambda n: f"/quarantine?org={ORGS[n % 4]}&by=machine",
        "insights, a month": lambda _: "/insights?days=30",
        "insights, a year, one body": lambda n: f"/insights?days=365&org={ORGS[n % 4]}",
        "one chart, a year": lambda _: "/insights/volume.svg?days=365",
        "register": lambda _: "/register",
        "measures: work": lambda _: "/formal",
        "a file": lambda n: f"/formal/{orgs[1 + n % 20]}/{1 + n % 20}",
        "timeline of 3,000 messages": lambda n: f"/formal/{orgs[1 + n % 20]}/{1 + n % 20}/timeline",
        "the year": lambda n: f"/year/{ORGS[n % 4]}",
        "blind sample": lambda _: "/blind",
        "lists": lambda _: "/lists",
        "people": lambda _: "/people",
        "events, once": lambda _: "/events?once=1",
        "health": lambda _: "/health",
    }
    yield from (Question("desk", what, address) for what, address in pages.items())
