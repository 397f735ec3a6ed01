"""The sides that are social networks: each emulator spoken to by the real connector and the real client library."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from models.domain import Enforcement
from tests.chaos.sides import SORTS, Tempered, write_secret
from tests.emulators import meta, x, youtube
from tests.emulators.faulty_web import Answer, Loopback, Request
from tests.emulators.mastodon import OWN, MastodonEmulator
from tests.emulators.meta import MetaEmulator
from tests.emulators.unruly import Call, Unruly
from tests.emulators.x import XEmulator
from tests.emulators.youtube import YoutubeEmulator

OUR_POST_EVERY = 12


class Network(Tempered):
    """What the networks have in common: everything has a number, and came so many seconds after the first."""

    kind: ClassVar[str]

    def __init__(self, name: str, folder: Path, draw: random.Random) -> None:
        self.name, self.folder, self.draw = name, folder, draw
        self.start: datetime | None = None
        self.count = 0
        self.ids: set[str] = set()
        self.token = "token-0"
        self.emulator: Any = self.opened()
        self.unruly = Unruly(draw, self.expire, self.again)
        self.emulator.unruly, self.emulator.acts, self.emulator.busy = self.unruly, self.acts, self.busy
        self.emulator.__enter__()

    def opened(self) -> Loopback:
        raise NotImplementedError

    def options(self) -> str:
        """Return what the kind needs in the settings."""
        raise NotImplementedError

    def add(self, n: int, text: str) -> str:
        """Let the n-th message arrive and return its native id."""
        raise NotImplementedError

    def acts(self, request: Request) -> Call | None:
        """Return what a request does."""
        raise NotImplementedError

    def busy(self) -> Answer:
        return Answer(429, {"error": "too many"}, {"Retry-After": "2"})

    def expire(self) -> None:
        number = int(self.token.split("-")[1]) + 1
        self.token = self.emulator.token = f"token-{number}"

    def again(self) -> None:
        self.emulator.duplicate_pages = True

    def own(self, target: str) -> str:
        """Return the platform's word for a target of the bot's."""
        return target

    def at(self, n: int) -> datetime:
        self.start = self.start or datetime.now(UTC)
        return self.start + timedelta(seconds=n)

    def toml(self) -> str:
        self._keep_token()
        return (
            f'[[connection]]\nname = "{self.name}"\nkind = "{self.kind}"\norg = "psow"\nmode = "enforce"\npoll_s = 1\n'
            f"{self.options()}\n"
        )

    def feed(self, count: int, now: datetime) -> None:
        with self.emulator._lock:
            for n in range(self.count, self.count + count):
                self.ids.add(self.add(n, self.draw.choice(SORTS).format(n=n)))
            self.count += count

    def arrived(self) -> set[str]:
        return set(self.ids)

    def in_force(self, job: Enforcement, name: str) -> bool:
        return (job.effect.value, self.own(job.target.native_id)) in self.unruly.in_force

    def twice(self) -> int:
        return sum(n for (effect, _, _), n in self.unruly.redundant.items() if effect not in self.unreadable)

    def once(self) -> Counter[Call]:
        return Counter({call: n for call, n in self.unruly.calls.items() if call[0] in self.unreadable})

    def mend(self, *, paused: bool) -> None:
        if paused:
            self._keep_token()

    def close(self) -> None:
        self.emulator.__exit__()

    def _keep_token(self) -> None:
        write_secret(self.folder / f"{self.name}.token", self.token)

    def where(self) -> str:
        return f"file:{self.folder / self.name}.token"


class XSide(Network):
    """X: replies in a conversation of ours, mentions elsewhere, direct messages; hiding and reporting cannot be read back."""

    kind = "x"
    unreadable = frozenset({"report", "hide"})

    def opened(self) -> Loopback:
        emulator = XEmulator()
        emulator.page_size, emulator.enterprise, emulator.old_access = 5, True, True
        return emulator

    def options(self) -> str:
        write_secret(self.folder / f"{self.name}.keys", "key")
        keys = f"file:{self.folder / self.name}.keys"
        old = "\n".join(f'{word} = "{keys}"' for word in ("consumer_key", "consumer_secret", "access_token"))
        return (
            f'own_addresses = ["council"]\nclient_id = "app"\nrefresh_token = "{self.where()}"\nblock = true\nreport = true\n'
            f'api_url = "{self.emulator.url}"\n[connection.old_api]\n{old}\naccess_token_secret = "{keys}"'
        )

    def add(self, n: int, text: str) -> str:
        at, name = self.at(n), x.snowflake(self.at(n), n % 1000)
        told = at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        if n % OUR_POST_EVERY == 0:
            self.root = name
            self.emulator.post(name, x.OWN, "We mend the road tomorrow", told)
            return name
        person = str(1000 + n)
        self.emulator.add_user(person, f"angry{n}")
        if n % 5 == 0:
            self.emulator.direct(name, person, text, told)
            return f"dm-{name}"
        elsewhere = n % 4 == 0
        said = text if n % 3 == 0 and not elsewhere else f"@council {text}"
        self.emulator.post(name, person, said, told, conversation_id=name if elsewhere else self.root)
        return name

    def acts(self, request: Request) -> Call | None:
        parts = request.path.split("/")
        if request.path.endswith("/hidden"):
            return "hide", parts[3], bool(request.body["hidden"])
        if parts[-1] in {"muting", "blocking"} and request.method == "POST":
            return (
                parts[-1].replace("muting", "mute").replace("blocking", "block"),
                request.body["target_user_id"],
                True,
            )
        if request.method == "DELETE":
            return parts[-2].replace("muting", "mute").replace("blocking", "block"), parts[-1], False
        if request.path.endswith("report_spam.json"):
            return "report", request.one("user_id") or str(request.body.get("user_id")), True
        return None

    def busy(self) -> Answer:
        return Answer(
            429, {"title": "Too Many Requests"}, {"x-rate-limit-reset": str(int(datetime.now(UTC).timestamp()) + 2)}
        )

    def once(self) -> Counter[Call]:
        names = {user["id"]: user["username"].lower() for user in self.emulator.users.values()}
        return Counter({(effect, names.get(who, who), on): n for (effect, who, on), n in super().once().items()})

    def own(self, target: str) -> str:
        found = [user["id"] for user in self.emulator.users.values() if user["username"].lower() == target]
        return found[0] if found else target

    def expire(self) -> None:
        self.emulator.expire()

    def again(self) -> None:
        setattr(self.emulator, self.draw.choice(("duplicate_pages", "lapsed_tokens")), True)

    def _keep_token(self) -> None:
        write_secret(self.folder / f"{self.name}.token", self.emulator.refresh_token)


class MastodonSide(Network):
    """Mastodon: mentions; muting, blocking and reporting."""

    kind = "mastodon"

    def opened(self) -> Loopback:
        emulator = MastodonEmulator()
        emulator.page_size, emulator.token = 5, self.token
        emulator.time_of = lambda n: self.at(n).strftime("%Y-%m-%dT%H:%M:%S.000Z")  # type: ignore[method-assign]
        return emulator

    def options(self) -> str:
        return (
            f'own_addresses = ["council@home.example"]\napi_url = "{self.emulator.url}"\naccess_token = "{self.where()}"\n'
            f'domain = "home.example"'
        )

    def add(self, n: int, text: str) -> str:
        name, person = str(n + 1), str(5000 + n)
        if n % OUR_POST_EVERY == 0:
            self.emulator.post(name, OWN, "<p>We mend the road tomorrow</p>")
            return name
        self.emulator.add_account(person, f"angry{n}@elsewhere.example")
        self.emulator.mention(name, name, person, text)
        return name

    def acts(self, request: Request) -> Call | None:
        parts = request.path.rstrip("/").split("/")
        if request.method != "POST":
            return None
        if parts[-1] == "reports":
            return "report", str(request.body["account_id"]), True
        verb = parts[-1]
        return (verb.removeprefix("un"), parts[-2], not verb.startswith("un")) if "accounts" in parts else None

    def once(self) -> Counter[Call]:
        names = {who: account["acct"] for who, account in self.emulator.accounts.items()}
        return Counter({(effect, names[who], on): n for (effect, who, on), n in super().once().items()})

    def own(self, target: str) -> str:
        found = [who for who, account in self.emulator.accounts.items() if account["acct"] == target]
        return found[0] if found else target

    def busy(self) -> Answer:
        reset = (datetime.now(UTC) + timedelta(seconds=2)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        limits = {"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
        return Answer(429, {"error": "Too many requests"}, limits)


class _Meta(Network):
    def opened(self) -> Loopback:
        emulator = MetaEmulator()
        emulator.page_size, emulator.token = 5, self.token
        emulator.time_of = lambda n: self.at(n).strftime("%Y-%m-%dT%H:%M:%S+0000")  # type: ignore[method-assign]
        return emulator

    def busy(self) -> Answer:
        return meta._error(4, headers={"x-business-use-case-usage": meta.usage(1)})


class FacebookSide(_Meta):
    """A Page: comments that can be hidden and people who can be banned."""

    kind = "facebook"

    def options(self) -> str:
        return f'page_id = "{meta.PAGE}"\naccess_token = "{self.where()}"\napi_url = "{self.emulator.url}"'

    def add(self, n: int, text: str) -> str:
        if n % OUR_POST_EVERY == 0:
            self.post = self.emulator.post(n, "We mend the road tomorrow")
            return self.post
        return self.emulator.comment(self.post, n, text, str(4000 + n))

    def acts(self, request: Request) -> Call | None:
        if request.method == "GET":
            return None
        sent = {**{name: values[0] for name, values in request.query.items()}, **request.body}
        if request.path.endswith("/blocked"):
            return "block", str(sent.get("psid") or sent["user"]), request.method == "POST"
        return "hide", request.path.rsplit("/", 1)[1], sent["is_hidden"] == "true"


class InstagramSide(_Meta):
    """A professional account: comments that can be hidden."""

    kind = "instagram"

    def options(self) -> str:
        return f'account_id = "{meta.ACCOUNT}"\naccess_token = "{self.where()}"\napi_url = "{self.emulator.url}"'

    def add(self, n: int, text: str) -> str:
        if n % OUR_POST_EVERY == 0:
            self.medium = self.emulator.medium(n, "We mend the road tomorrow")
            return self.medium
        return self.emulator.remark(self.medium, n, text, f"angry{n}")

    def acts(self, request: Request) -> Call | None:
        if request.method == "GET":
            return None
        return "hide", request.path.rsplit("/", 1)[1], request.body["hide"] == "true"


class YoutubeSide(Network):
    """A channel: comments that can be held back."""

    kind = "youtube"

    def opened(self) -> Loopback:
        emulator = YoutubeEmulator()
        emulator.page_size = 20
        emulator.time_of = lambda n: self.at(n).strftime("%Y-%m-%dT%H:%M:%SZ")  # type: ignore[method-assign]
        return emulator

    def options(self) -> str:
        write_secret(self.folder / f"{self.name}.secret", "secret")
        url = self.emulator.url
        return (
            f'client_id = "app"\nclient_secret = "file:{self.folder / self.name}.secret"\nrefresh_token = "{self.where()}"\n'
            f'api_url = "{url}"\ntoken_url = "{url}/token"\ndaily_units = 1000000'
        )

    def add(self, n: int, text: str) -> str:
        name = f"t{n - n % 4}" + (f".r{n}" if n % 4 else "")
        return self.emulator.comment(name, n, text, f"UCangry{n}")

    def acts(self, request: Request) -> Call | None:
        if not request.path.endswith("/setModerationStatus"):
            return None
        return "hide", str(request.one("id")), request.one("moderationStatus") != "published"

    def busy(self) -> Answer:
        return youtube._error(403, "rateLimitExceeded")

    def expire(self) -> None:
        self.emulator.expire()

    def _keep_token(self) -> None:
        write_secret(self.folder / f"{self.name}.token", self.emulator.refresh_token)
