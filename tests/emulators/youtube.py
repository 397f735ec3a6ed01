"""The YouTube Data API and Google's token endpoint as far as the connector goes, with an invented channel."""

from datetime import datetime, timedelta
from typing import Any

from tests.emulators.faulty_web import Answer, Loopback, Request

OWN = "UCown"
ANGRY = "UCAngry"
FIRST = datetime.fromisoformat("2026-11-20T09:00:00+00:00")
UNITS = {"GET": 1, "POST": 50}
Json = dict[str, Any]


class YoutubeEmulator(Loopback):
    def __init__(self) -> None:
        super().__init__()
        self.refresh_token = "refresh"
        self.access = 0
        self.page_size = 100
        self.inline_replies = 5
        self.comments: dict[str, Json] = {}
        self.refusals: list[Json] = []
        self.duplicate_pages = False
        self.tells_state_by_id = False
        self._last: Answer | None = None
        self.units = 0

    @staticmethod
    def time_of(minutes: int) -> str:
        return (FIRST + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def comment(self, name: str, minutes: int, text: str, author: str = ANGRY, **more: Any) -> str:
        """Add a comment; the name of a reply is its thread's, a dot, and its own."""
        thread = name.partition(".")[0]
        at = self.time_of(minutes)
        snippet = {
            "channelId": OWN,
            "videoId": "vid1",
            "textDisplay": text,
            "authorDisplayName": f"@{author.lower()}",
            "authorProfileImageUrl": f"https://yt3.example/{minutes}",
            "authorChannelId": {"value": author},
            "likeCount": 0,
            "publishedAt": at,
            "updatedAt": at,
            **({"parentId": thread} if "." in name else {}),
        }
        state = more.pop("state", "published")
        self.comments[name] = {"id": name, "state": state, "snippet": {**snippet, **more}}
        return name

    def edit(self, name: str, minutes: int, text: str) -> None:
        self.comments[name]["snippet"].update(textDisplay=text, updatedAt=self.time_of(minutes))

    def refuse(self, match: str, status: int, reason: str, *, skip: int = 0, times: int = 1) -> None:
        self.refusals.append({"match": match, "status": status, "reason": reason, "skip": skip, "times": times})

    def expire(self) -> None:
        self.access += 1

    def answer(self, request: Request) -> Answer:
        if request.path == "/token":
            return self._token(request)
        self.units += UNITS[request.method]
        for refusal in self.refusals:
            if refusal["match"] in f"{request.method} {request.path}":
                if refusal["skip"]:
                    refusal["skip"] -= 1
                    break
                if refusal["times"]:
                    refusal["times"] -= 1
                    return _error(refusal["status"], refusal["reason"])
        if request.bearer != f"access-{self.access}":
            return _error(401, "authError")
        handler = {
            "GET /youtube/v3/channels": self._channels,
            "GET /youtube/v3/commentThreads": self._threads,
            "GET /youtube/v3/comments": self._list,
            "POST /youtube/v3/comments/setModerationStatus": self._set,
        }.get(f"{request.method} {request.path}")
        return handler(request) if handler else _error(404, "notFound")

    def _token(self, request: Request) -> Answer:
        if request.body.get("grant_type") == "authorization_code":
            granted = request.body.get("code") == "granted" and request.body.get("code_verifier")
            return Answer(200, {"refresh_token": self.refresh_token} if granted else {"access_token": "short"})
        if request.body.get("refresh_token") != self.refresh_token or request.body.get("client_secret") != "secret":
            return Answer(400, {"error": "invalid_grant"})
        self.access += 1
        return Answer(200, {"access_token": f"access-{self.access}", "expires_in": 3599, "token_type": "Bearer"})

    def _channels(self, _: Request) -> Answer:
        return Answer(200, {"items": [{"id": OWN, "snippet": {"title": "Example Council"}}]})

    def _threads(self, request: Request) -> Answer:
        assert request.one("allThreadsRelatedToChannelId") == OWN
        assert request.one("order") == "time"
        state = request.one("moderationStatus", "published")
        tops = sorted(
            (one for one in self.comments.values() if "." not in one["id"]),
            key=lambda one: one["snippet"]["publishedAt"],
        )
        found = [one for one in tops[::-1] if state in {one["state"], *self._states_of_replies(one["id"], state)}]
        return self._paged(request, found, lambda one: self._told(one, request))

    def _states_of_replies(self, name: str, state: str | None) -> set[str]:
        """A thread is listed as held when one of its replies is, and as published only by its first comment."""
        return set() if state == "published" else {reply["state"] for reply in self._replies(name)}

    def _told(self, top: Json, request: Request) -> Json:
        replies = self._replies(top["id"])
        snippet = {
            "channelId": OWN,
            "videoId": top["snippet"]["videoId"],
            "topLevelComment": _shown(top, state=True),
            "totalReplyCount": len(replies),
        }
        thread: Json = {"kind": "youtube#commentThread", "etag": "e", "id": top["id"], "snippet": snippet}
        if replies and "replies" in ",".join(request.query["part"]):
            thread["replies"] = {"comments": [_shown(one, state=True) for one in replies[: self.inline_replies]]}
        return thread

    def _replies(self, thread: str) -> list[Json]:
        found = [one for one in self.comments.values() if one["id"].startswith(f"{thread}.")]
        return sorted(found, key=lambda one: one["snippet"]["publishedAt"], reverse=True)

    def _list(self, request: Request) -> Answer:
        """By id a comment comes without its state, as the API's description says."""
        name = request.one("id")
        if name is not None:
            found = [self.comments[name]] if name in self.comments else []
            return Answer(200, {"items": [_shown(one, state=self.tells_state_by_id) for one in found]})
        parent = str(request.one("parentId"))
        if parent not in self.comments:
            return _error(404, "commentNotFound")
        return self._paged(request, self._replies(parent), lambda one: _shown(one, state=True))

    def _set(self, request: Request) -> Answer:
        names = ",".join(request.query["id"]).split(",")
        assert len(names) <= 50
        state = request.one("moderationStatus")
        if any(name not in self.comments for name in names):
            return _error(404, "commentNotFound")
        for name in names:
            if self.comments[name]["state"] == "rejected" and state == "published":
                return _error(400, "processingFailure")
            self.comments[name]["state"] = state
        return Answer(204, b"")

    def _paged(self, request: Request, found: list[Json], shown) -> Answer:
        names = [one["id"] for one in found]
        token = request.one("pageToken")
        if token is not None and token not in names:
            return _error(400, "invalidPageToken")
        start = names.index(token) + 1 if token else 0
        size = min(int(request.one("maxResults", "20") or 20), self.page_size)
        page = found[start : start + size]
        more = {"nextPageToken": page[-1]["id"]} if start + size < len(found) else {}
        answer = Answer(200, {"items": [shown(one) for one in page], **more})
        if self.duplicate_pages and self._last is not None and token:
            self.duplicate_pages, answer = False, self._last
        self._last = answer
        return answer


def _shown(comment: Json, *, state: bool) -> Json:
    told = {"moderationStatus": comment["state"]} if state else {}
    return {"kind": "youtube#comment", "etag": "e", "id": comment["id"], "snippet": {**comment["snippet"], **told}}


def _error(status: int, reason: str) -> Answer:
    entry = {"message": "in Google's words", "domain": "youtube", "reason": reason}
    return Answer(status, {"error": {"code": status, "message": "in Google's words", "errors": [entry]}})
