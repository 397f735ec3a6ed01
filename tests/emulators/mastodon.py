"""An instance of Mastodon as far as the connector goes, with invented people and posts."""

import re
from datetime import datetime, timedelta
from typing import Any

from tests.emulators.faulty_web import Answer, Loopback, Request

OWN = "1"
FIRST = datetime.fromisoformat("2026-11-20T09:00:00+00:00")


class MastodonEmulator(Loopback):
    def __init__(self) -> None:
        super().__init__()
        self.token = "token"
        self.page_size = 40
        self.knows_lists_of_statuses = True
        self.is_moderator = False
        self.accounts: dict[str, dict[str, Any]] = {}
        self.statuses: dict[str, dict[str, Any]] = {}
        self.history: dict[str, list[dict[str, Any]]] = {}
        self.notes: list[dict[str, Any]] = []
        self.filtered: set[str] = set()
        self.muted: dict[str, dict[str, Any]] = {}
        self.blocked: set[str] = set()
        self.silenced: set[str] = set()
        self.reports: list[dict[str, Any]] = []
        self.stream = b""
        self.duplicate_pages = False
        self._last: Answer | None = None
        self.now = FIRST + timedelta(days=1)
        self.add_account(OWN, "council")
        self.add_account("42", "angry@elsewhere.example", note="<p>profile text</p>")

    def add_account(self, account_id: str, acct: str, **more: Any) -> None:
        host = acct.partition("@")[2] or "home.example"
        name = acct.partition("@")[0]
        self.accounts[account_id] = {
            "id": account_id,
            "username": name,
            "acct": acct,
            "display_name": name.title(),
            "bot": False,
            "url": f"https://{host}/@{name}",
            "created_at": "2026-01-01T00:00:00.000Z",
            "note": "",
            "followers_count": 3,
            "statuses_count": 9,
            **more,
        }

    def post(self, status_id: str, author: str, content: str, **more: Any) -> dict[str, Any]:
        at = self.time_of(int(status_id))
        status = {
            "id": status_id,
            "created_at": at,
            "edited_at": None,
            "in_reply_to_id": None,
            "spoiler_text": "",
            "visibility": "public",
            "language": "en",
            "content": content,
            "account": self.accounts[author],
            "media_attachments": [],
            "mentions": [],
            "favourites_count": 0,
            "reblog": None,
            **more,
        }
        self.statuses[status_id] = status
        self.history[status_id] = [self._entry(status, at)]
        return status

    def mention(self, note_id: str, status_id: str, author: str, text: str, *, filtered: bool = False, **more: Any):
        own = self.accounts[OWN]
        mention = {"id": OWN, "username": "council", "acct": "council", "url": own["url"]}
        handle = f'<span class="h-card"><a href="{own["url"]}" class="u-url mention">@<span>council</span></a></span>'
        status = self.post(status_id, author, f"<p>{handle} {text}</p>", mentions=[mention], **more)
        note = {
            "id": note_id,
            "type": "mention",
            "created_at": self.time_of(int(status_id)),
            "account": self.accounts[author],
        }
        self.notes.append({**note, "status_id": status_id})
        if filtered:
            self.filtered.add(note_id)
        return status

    def edit(self, status_id: str, content: str, minutes: int) -> None:
        at = self.time_of(int(status_id) + minutes)
        self.statuses[status_id].update(content=content, edited_at=at)
        self.history[status_id].append(self._entry(self.statuses[status_id], at))

    def delete(self, status_id: str) -> None:
        del self.statuses[status_id]
        self.notes = [note for note in self.notes if note["status_id"] != status_id]

    @staticmethod
    def time_of(minutes: int) -> str:
        return (FIRST + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S.000Z")

    @staticmethod
    def _entry(status: dict[str, Any], at: str) -> dict[str, Any]:
        parts = ("content", "spoiler_text", "account", "media_attachments")
        return {**{part: status[part] for part in parts}, "sensitive": False, "created_at": at, "emojis": []}

    def answer(self, request: Request) -> Answer:
        if request.bearer != self.token:
            return Answer(401, {"error": "The access token is invalid"})
        for pattern, handler in self._routes():
            found = re.fullmatch(pattern, f"{request.method} {request.path}")
            if found:
                return handler(request, *found.groups())
        return Answer(404, {"error": "Record not found"})

    def _routes(self):
        return (
            (r"GET /api/v1/accounts/verify_credentials", lambda _: Answer(200, self.accounts[OWN])),
            (r"GET /api/v1/accounts/lookup", self._lookup),
            (r"GET /api/v1/accounts/relationships", self._relationships),
            (r"GET /api/v1/accounts/(\d+)/statuses", self._own_statuses),
            (r"POST /api/v1/accounts/(\d+)/(mute|unmute|block|unblock)", self._switch),
            (r"GET /api/v1/notifications", self._notifications),
            (r"GET /api/v1/conversations/?", self._conversations),
            (r"GET /api/v1/statuses/(\d+)/history", self._history),
            (r"GET /api/v1/statuses/(\d+)", self._status),
            (r"GET /api/v1/statuses", self._statuses),
            (r"POST /api/v1/reports/?", self._report),
            (r"GET /api/v1/streaming/user/notification", lambda _: Answer(200, self.stream)),
            (r"GET /api/v1/timelines/public", lambda _: Answer(200, [])),
            (r"GET /api/v[12]/instance/?", lambda _: Answer(200, {"urls": {"streaming_api": self.url}})),
            (r"GET /api/v1/admin/accounts/(\d+)", self._admin),
            (r"POST /api/v1/admin/accounts/(\d+)/(action|unsilence)", self._moderate),
        )

    def _after(self, request: Request, found: list[dict[str, Any]], key) -> Answer:
        """Give the page next above `min_id`, newest first within it, or the newest page without one."""
        low = request.one("min_id")
        ordered = sorted(found, key=lambda entry: int(key(entry)))
        if low is None:
            page = ordered[-self.page_size :]
        else:
            page = [entry for entry in ordered if int(key(entry)) > int(low)][: self.page_size]
        answer = Answer(200, page[::-1])
        if self.duplicate_pages and self._last is not None and page:
            self.duplicate_pages, answer = False, self._last
        self._last = answer if page else None
        return answer

    def _own_statuses(self, request: Request, account_id: str) -> Answer:
        return self._after(request, [s for s in self.statuses.values() if s["account"]["id"] == account_id], _id)

    def _notifications(self, request: Request) -> Answer:
        wanted = request.query.get("types[]", [])
        shown = []
        for note in self.notes:
            author = note["account"]["id"]
            quiet = self.muted.get(author, {}).get("notifications", False)
            held = note["id"] in self.filtered and request.one("include_filtered") != "true"
            if note["type"] in wanted and author not in self.blocked and not quiet and not held:
                shown.append({**note, "status": self.statuses.get(note["status_id"])})
        return self._after(request, shown, _id)

    def _conversations(self, request: Request) -> Answer:
        direct = [
            s for s in self.statuses.values() if s["visibility"] == "direct" and s["account"]["id"] not in self.blocked
        ]
        last: dict[str, dict[str, Any]] = {}
        for status in sorted(direct, key=lambda one: int(one["id"])):
            last[status.get("conversation") or status["id"]] = status
        found = [{"id": name, "unread": True, "accounts": [], "last_status": status} for name, status in last.items()]
        return self._after(request, found, lambda entry: entry["last_status"]["id"])

    def _history(self, _: Request, status_id: str) -> Answer:
        if status_id not in self.statuses:
            return Answer(404, {"error": "Record not found"})
        return Answer(200, self.history[status_id])

    def _status(self, _: Request, status_id: str) -> Answer:
        found = self.statuses.get(status_id)
        return Answer(200, found) if found else Answer(404, {"error": "Record not found"})

    def _statuses(self, request: Request) -> Answer:
        if not self.knows_lists_of_statuses:
            return Answer(404, {"error": "Record not found"})
        return Answer(200, [self.statuses[i] for i in request.query.get("id[]", []) if i in self.statuses])

    def _lookup(self, request: Request) -> Answer:
        found = [account for account in self.accounts.values() if account["acct"] == request.one("acct")]
        return Answer(200, found[0]) if found else Answer(404, {"error": "Record not found"})

    def _relation(self, account_id: str) -> dict[str, Any]:
        mute = self.muted.get(account_id)
        return {
            "id": account_id,
            "following": False,
            "blocking": account_id in self.blocked,
            "muting": mute is not None,
            "muting_notifications": bool(mute and mute["notifications"]),
            "muting_expires_at": mute and mute["expires"],
            "note": "",
        }

    def _relationships(self, request: Request) -> Answer:
        names = request.query.get("id[]") or request.query.get("id") or []
        return Answer(200, [self._relation(name) for name in names if name in self.accounts])

    def _switch(self, request: Request, account_id: str, verb: str) -> Answer:
        if account_id not in self.accounts:
            return Answer(404, {"error": "Record not found"})
        if verb == "mute":
            seconds = int(request.body.get("duration") or 0)
            ends = (self.now + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.000Z") if seconds else None
            self.muted[account_id] = {"notifications": request.body.get("notifications") == "1", "expires": ends}
        elif verb == "unmute":
            self.muted.pop(account_id, None)
        elif verb == "block":
            self.blocked.add(account_id)
            self.notes = [note for note in self.notes if note["account"]["id"] != account_id]
        else:
            self.blocked.discard(account_id)
        return Answer(200, self._relation(account_id))

    def _report(self, request: Request) -> Answer:
        self.reports.append(request.body)
        target = self.accounts[request.body["account_id"]]
        report = {"id": str(len(self.reports)), "action_taken": False, "category": request.body.get("category")}
        return Answer(200, {**report, "target_account": target, "status_ids": request.body.get("status_ids[]")})

    def _admin(self, _: Request, account_id: str) -> Answer:
        if not self.is_moderator:
            return Answer(403, {"error": "This action is not allowed"})
        return Answer(
            200, {"id": account_id, "silenced": account_id in self.silenced, "account": self.accounts[account_id]}
        )

    def _moderate(self, request: Request, account_id: str, verb: str) -> Answer:
        if not self.is_moderator:
            return Answer(403, {"error": "This action is outside the authorized scopes"})
        if verb == "action" and request.body.get("type") == "silence":
            self.silenced.add(account_id)
        elif verb == "unsilence":
            self.silenced.discard(account_id)
        return Answer(200, {})


def _id(entry: dict[str, Any]) -> str:
    return entry["id"]
