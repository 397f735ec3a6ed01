"""The Graph API of Meta as far as the connectors go: a Page with posts, an Instagram account with media, invented people."""

import hashlib
import hmac
import json
import re
from datetime import datetime, timedelta
from typing import Any

from tests.emulators.faulty_web import Answer, Loopback, Request

PAGE = "500"
ACCOUNT = "700"
FIRST = datetime.fromisoformat("2026-11-20T09:00:00+00:00")
Json = dict[str, Any]


class MetaEmulator(Loopback):
    def __init__(self) -> None:
        super().__init__()
        self.token = "token"
        self.app_secret: str | None = None
        self.page_size = 100
        self.reply_page = 50
        self.objects: dict[str, Json] = {
            PAGE: {"id": PAGE, "name": "Example Council"},
            ACCOUNT: {"id": ACCOUNT, "username": "ExampleCouncil"},
        }
        self.banned: list[str] = []
        self.knows_psids = True
        self.refusals: list[Json] = []
        self.duplicate_pages = False
        self._last: Answer | None = None

    def refuse(self, match: str, code: int, sub: int | None = None, *, status: int = 400, skip: int = 0, **headers):
        """Answer the next request whose `METHOD path` holds `match` by one of Meta's errors."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.refusals.append(
            {"match": match, "code": code, "sub": sub, "status": status, "headers": named, "skip": skip}
        )

    @staticmethod
    def time_of(minutes: int) -> str:
        return (FIRST + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S+0000")

    # a Page

    def post(self, number: int, message: str, author: str = PAGE, **more: Any) -> str:
        name = f"{PAGE}_{number}"
        at = self.time_of(number)
        self.objects[name] = {
            "kind": "post",
            "id": name,
            "message": message,
            "from": {"id": author, "name": f"Person {author}"},
            "created_time": at,
            "updated_time": at,
            "permalink_url": f"https://www.facebook.com/{name}",
            "is_hidden": False,
            **more,
        }
        return name

    def comment(self, post: str, number: int, message: str, author: str | None = "42", **more: Any) -> str:
        name = f"{post.split('_')[1]}_{number}"
        self.objects[name] = {
            "kind": "comment",
            "post": post,
            "id": name,
            "message": message,
            "created_time": self.time_of(number),
            "is_hidden": False,
            "like_count": 0,
            **({"from": {"id": author, "name": f"Person {author}"}} if author else {}),
            **more,
        }
        self.objects[post]["updated_time"] = self.time_of(number)
        return name

    # an Instagram account

    def medium(self, number: int, caption: str, **more: Any) -> str:
        name = str(17_000 + number)
        self.objects[name] = {
            "kind": "medium",
            "id": name,
            "caption": caption,
            "timestamp": self.time_of(number),
            "username": "ExampleCouncil",
            "permalink": f"https://www.instagram.com/p/m{number}/",
            "media_type": "IMAGE",
            **more,
        }
        return name

    def remark(self, medium: str, number: int, text: str, author: str = "angry_one", parent: str | None = None) -> str:
        name = str(18_900 - number)  # ids do not grow with time there
        self.objects[name] = {
            "kind": "remark",
            "medium": medium,
            "id": name,
            "text": text,
            "timestamp": self.time_of(number),
            "username": author,
            "from": {"id": f"9{len(author)}", "username": author},
            "hidden": False,
            **({"parent_id": parent} if parent else {}),
        }
        return name

    # answers

    def answer(self, request: Request) -> Answer:
        for refusal in self.refusals:
            if refusal["match"] in f"{request.method} {request.path}":
                if refusal["skip"]:
                    refusal["skip"] -= 1
                    break
                self.refusals.remove(refusal)
                return _error(refusal["code"], refusal["sub"], refusal["status"], refusal["headers"])
        if request.path == "/refresh_access_token":
            return self._refresh(request)
        if request.bearer != self.token:
            return _error(190, 463)
        sent = {**{name: values[0] for name, values in request.query.items()}, **request.body}
        if self.app_secret is not None:
            proof = hmac.new(self.app_secret.encode(), self.token.encode(), hashlib.sha256).hexdigest()
            if sent.get("appsecret_proof") != proof:
                return _error(100)
        for pattern, handler in self._routes():
            found = re.fullmatch(pattern, f"{request.method} {request.path}")
            if found:
                return handler(sent, *found.groups())
        return _error(2500)

    def _routes(self):
        return (
            (rf"GET /v[\d.]+/{PAGE}/feed", self._feed),
            (rf"(GET|POST|DELETE) /v[\d.]+/{PAGE}/blocked", self._blocked),
            (rf"GET /v[\d.]+/{ACCOUNT}/media", self._media),
            (r"GET /v[\d.]+/(\w+)/comments", self._comments),
            (r"GET /v[\d.]+/(\w+)/replies", self._replies),
            (r"GET /v[\d.]+/(\w+)", self._object),
            (r"POST /v[\d.]+/(\w+)", self._change),
        )

    def _refresh(self, request: Request) -> Answer:
        if request.one("access_token") != self.token or request.one("grant_type") != "ig_refresh_token":
            return _error(190)
        self.token = f"{self.token}+"
        return Answer(200, {"access_token": self.token, "token_type": "bearer", "expires_in": 5_183_944})

    def _of(self, kind: str, **where: str | None) -> list[Json]:
        found = [
            one
            for one in self.objects.values()
            if one.get("kind") == kind and all(one.get(name) == value for name, value in where.items())
        ]
        return sorted(found, key=lambda one: one.get("created_time") or one["timestamp"], reverse=True)

    def _feed(self, sent: Json) -> Answer:
        posts = [
            {**one, "comments": {"data": [], "summary": {"total_count": len(self._of("comment", post=one["id"]))}}}
            for one in self._of("post")
        ]
        return self._paged(sent, posts)

    def _media(self, sent: Json) -> Answer:
        media = [{**one, "comments_count": len(self._of("remark", medium=one["id"]))} for one in self._of("medium")]
        return self._paged(sent, media)

    def _comments(self, sent: Json, name: str) -> Answer:
        kind = self.objects.get(name, {}).get("kind")
        if kind == "post":
            assert sent["filter"] == "stream"
            found = self._of("comment", post=name)
            return self._paged(sent, found if sent["order"] == "reverse_chronological" else found[::-1])
        if kind != "medium":
            return _error(100, 33)
        remarks = []
        for one in self._of("remark", medium=name, parent_id=None):
            replies = self._of("remark", parent_id=one["id"])
            more = {
                "data": [
                    _shown(reply, "id,text,timestamp,username,from,parent_id") for reply in replies[: self.reply_page]
                ]
            }
            if len(replies) > self.reply_page:
                more["paging"] = {"cursors": {"after": "x"}, "next": "https://graph.example/next"}
            remarks.append({**one, **({"replies": more} if replies else {})})
        return self._paged(sent, remarks)

    def _replies(self, sent: Json, name: str) -> Answer:
        return self._paged(sent, self._of("remark", parent_id=name))

    def _object(self, sent: Json, name: str) -> Answer:
        found = self.objects.get(name)
        return Answer(200, _shown(found, sent["fields"])) if found else _error(100, 33)

    def _change(self, sent: Json, name: str) -> Answer:
        found = self.objects.get(name)
        if not found:
            return _error(100, 33)
        field, word = ("hidden", "hide") if found["kind"] == "remark" else ("is_hidden", "is_hidden")
        found[field] = sent[word] == "true"
        return Answer(200, {"success": True})

    def _blocked(self, sent: Json, method: str) -> Answer:
        if method == "GET":
            people = [{"id": one, "name": f"Person {one}"} for one in self.banned]
            return self._paged(sent, people)
        if "psid" in sent and not self.knows_psids:
            return _error(100)
        person = sent.get("psid") or sent["user"]
        if method == "POST":
            self.banned = [*self.banned, person] if person not in self.banned else self.banned
            return Answer(200, {person: True})
        self.banned = [one for one in self.banned if one != person]
        return Answer(200, {"success": True})

    def _paged(self, sent: Json, found: list[Json]) -> Answer:
        names = [one["id"] for one in found]
        after = sent.get("after")
        if after is not None and after not in names:
            return _error(100)
        start = names.index(after) + 1 if after else 0
        size = min(int(sent.get("limit", 25)), self.page_size)
        page = [_shown(one, sent.get("fields", "id")) for one in found[start : start + size]]
        paging: Json = {"cursors": {"before": page[0]["id"], "after": page[-1]["id"]}} if page else {}
        if start + size < len(found):
            paging["next"] = f"https://graph.example/v25.0/x?access_token={self.token}&after={page[-1]['id']}"
        answer = Answer(200, {"data": page, "paging": paging})
        if self.duplicate_pages and self._last is not None and after:
            self.duplicate_pages, answer = False, self._last
        self._last = answer
        return answer


def _shown(found: Json, fields: str) -> Json:
    """Return only what was asked for, as Meta does."""
    names = set(re.findall(r"(?:^|,)([a-z_]+)", re.sub(r"\{[^}]*\}|\([^)]*\)|\.\w+", "", fields)))
    return {"id": found["id"], **{name: value for name, value in found.items() if name in names}}


def _error(code: int, sub: int | None = None, status: int = 400, headers: dict[str, str] | None = None) -> Answer:
    error = {"message": "in Meta's words", "type": "OAuthException", "code": code, "fbtrace_id": "A"}
    return Answer(status, {"error": {**error, **({"error_subcode": sub} if sub else {})}}, headers or {})


def usage(minutes: int) -> str:
    """Return the header that says when calls are possible again."""
    return json.dumps({PAGE: [{"type": "pages", "call_count": 100, "estimated_time_to_regain_access": minutes}]})
