"""X's API (version 2, and reporting of 1.1) as far as the connector goes, with invented accounts and posts."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.emulators.faulty_web import Answer, Loopback, Request

OWN = "7"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
EPOCH_MS = 1_288_834_974_657
GONE = "https://api.twitter.com/2/problems/resource-not-found"


def snowflake(moment, offset: int = 0) -> str:
    return str((int(moment.timestamp() * 1000) - EPOCH_MS) << 22 | offset)


def ident(minutes: int) -> str:
    """Return an id given out `minutes` before now."""
    return snowflake(NOW - timedelta(minutes=minutes))


class XEmulator(Loopback):
    def __init__(self) -> None:
        super().__init__()
        self.page_size = 100
        self.users: dict[str, dict[str, Any]] = {}
        self.tweets: dict[str, dict[str, Any]] = {}
        self.media: dict[str, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []
        self.muted: set[str] = set()
        self.blocked: set[str] = set()
        self.dm_blocked: set[str] = set()
        self.hidden: set[str] = set()
        self.reported: list[str] = []
        self.enterprise = False
        self.old_access = False
        self.refresh_token, self.access_token = "refresh-0", "access-0"
        self.granted = ""
        self.duplicate_pages = False
        self.lapsed_tokens = False
        self._served: dict[str, Any] = {}
        self.add_user(OWN, "Council", "The Council")

    def add_user(self, user_id: str, username: str, name: str = "", **more: Any) -> None:
        self.users[user_id] = {"id": user_id, "username": username, "name": name or username, **more}

    def post(self, tweet_id: str, author: str, text: str, at: str, **more: Any) -> dict[str, Any]:
        tweet = {
            "id": tweet_id,
            "text": text,
            "author_id": author,
            "created_at": at,
            "conversation_id": tweet_id,
            "edit_history_tweet_ids": [tweet_id],
            "lang": "en",
            **more,
        }
        names = re.findall(r"@(\w+)", text)
        if names:
            tweet.setdefault("entities", {})["mentions"] = [{"start": 0, "end": 1, "username": name} for name in names]
        self.tweets[tweet_id] = tweet
        return tweet

    def edit(self, old_id: str, new_id: str, text: str, at: str) -> None:
        old = self.tweets.pop(old_id)
        history = [*old["edit_history_tweet_ids"], new_id]
        self.tweets[new_id] = {**old, "id": new_id, "text": text, "created_at": at, "edit_history_tweet_ids": history}

    def direct(self, event_id: str, sender: str, text: str, at: str | None) -> None:
        event = {"id": event_id, "event_type": "MessageCreate", "text": text, "sender_id": sender}
        self.events.append({**event, "dm_conversation_id": f"{OWN}-{sender}", **({"created_at": at} if at else {})})

    def expire(self) -> None:
        self.access_token = "none is valid"

    def answer(self, request: Request) -> Answer:
        if request.path == "/2/oauth2/token":
            return self._renew(request)
        if request.path == "/1.1/users/report_spam.json":
            return self._report(request)
        if request.bearer != self.access_token:
            return Answer(401, {"title": "Unauthorized", "detail": "Unauthorized", "status": 401})
        for pattern, handler in self._routes():
            found = re.fullmatch(pattern, f"{request.method} {request.path}")
            if found:
                return handler(request, *found.groups())
        return Answer(404, {"title": "Not Found", "detail": f"no such path {request.path}"})

    def _routes(self):
        return (
            (r"GET /2/users/me", lambda _: Answer(200, {"data": self.users[OWN]})),
            (r"GET /2/users/by/username/(\w+)", self._user),
            (rf"GET /2/users/{OWN}/tweets", lambda request: self._timeline(request, self._own)),
            (rf"GET /2/users/{OWN}/mentions", lambda request: self._timeline(request, self._mentions)),
            (r"GET /2/tweets/search/recent", self._search),
            (r"GET /2/tweets", self._lookup),
            (r"GET /2/dm_events", self._dm_events),
            (r"PUT /2/tweets/(\d+)/hidden", self._hide),
            (rf"GET /2/users/{OWN}/(muting|blocking)", self._list),
            (rf"POST /2/users/{OWN}/(muting|blocking)", self._switch_on),
            (rf"DELETE /2/users/{OWN}/(muting|blocking)/(\d+)", self._switch_off),
            (r"POST /2/users/(\d+)/dm/(block|unblock)", self._dm_block),
        )

    def _renew(self, request: Request) -> Answer:
        if request.body.get("grant_type") == "authorization_code":
            if request.body.get("code") != "granted" or len(request.body.get("code_verifier", "")) < 43:
                return Answer(400, {"error": "invalid_grant", "error_description": "no such code"})
            token = {"token_type": "bearer", "expires_in": 7200, "access_token": self.access_token}
            return Answer(200, {**token, "refresh_token": self.refresh_token, "scope": self.granted})
        if request.body.get("refresh_token") != self.refresh_token or request.body.get("client_id") != "app":
            return Answer(
                400, {"error": "invalid_request", "error_description": "Value passed for the token was invalid."}
            )
        number = int(self.refresh_token.rsplit("-", 1)[1]) + 1
        self.refresh_token, self.access_token = f"refresh-{number}", f"access-{number}"
        token = {"token_type": "bearer", "expires_in": 7200, "access_token": self.access_token}
        return Answer(200, {**token, "refresh_token": self.refresh_token, "scope": "tweet.read offline.access"})

    def _report(self, request: Request) -> Answer:
        if not self.old_access:
            return Answer(403, {"errors": [{"code": 453, "message": "You have access to a subset of endpoints"}]})
        user_id = request.one("user_id") or str(request.body.get("user_id"))
        self.reported.append(user_id)
        return Answer(200, {"id": int(user_id), "id_str": user_id, "screen_name": self.users[user_id]["username"]})

    def _user(self, _: Request, username: str) -> Answer:
        found = [user for user in self.users.values() if user["username"].lower() == username.lower()]
        if found:
            return Answer(200, {"data": found[0]})
        return Answer(200, {"errors": [{"type": GONE, "title": "Not Found Error", "detail": "Could not find user"}]})

    def _own(self, tweet: dict[str, Any]) -> bool:
        return tweet["author_id"] == OWN

    def _mentions(self, tweet: dict[str, Any]) -> bool:
        return tweet["author_id"] != OWN and "@council" in tweet["text"].lower()

    def _search(self, request: Request) -> Answer:
        query = request.one("query") or ""
        conversations = set(re.findall(r"conversation_id:(\d+)", query))
        words = re.findall(r"^\((\w+)\)", query)

        def wanted(tweet: dict[str, Any]) -> bool:
            inside = tweet["conversation_id"] in conversations or any(word in tweet["text"] for word in words)
            return inside and not self._own(tweet) and not ("-@council" in query and self._mentions(tweet))

        return self._timeline(request, wanted, "next_token")

    def _timeline(self, request: Request, wanted, paging: str = "pagination_token") -> Answer:
        since = int(request.one("since_id") or 0)
        start = request.one("start_time")
        if start:
            since = max(since, int(snowflake(datetime.fromisoformat(start))))
        found = [tweet for tweet in self.tweets.values() if wanted(tweet) and int(tweet["id"]) > since]
        return self._paged(request, sorted(found, key=lambda tweet: -int(tweet["id"])), paging)

    def _dm_events(self, request: Request) -> Answer:
        return self._paged(request, sorted(self.events, key=lambda event: -int(event["id"])), "pagination_token")

    def _paged(self, request: Request, found: list[dict[str, Any]], paging: str) -> Answer:
        """Give pages below the last id given, as X does: what comes in meanwhile moves no page."""
        token = request.one(paging)
        if token and self.lapsed_tokens:
            self.lapsed_tokens = False
            return Answer(400, {"errors": [{"message": "Invalid pagination token"}], "title": "Invalid Request"})
        if token and self.duplicate_pages and token in self._served:
            self.duplicate_pages = False
            return self._served[token]
        below = [item for item in found if not token or int(item["id"]) < int(token.removeprefix("t").split("-")[0])]
        size = min(self.page_size, int(request.one("max_results") or 10))
        page = below[:size]
        if not page:
            return Answer(200, {"meta": {"result_count": 0}})
        meta = {"result_count": len(page), "newest_id": page[0]["id"], "oldest_id": page[-1]["id"]}
        if len(below) > size:
            meta["next_token"] = f"t{page[-1]['id']}"
        answer = Answer(200, {"data": page, "includes": self._includes(page), "meta": meta})
        if "next_token" in meta:
            twice = {**meta, "next_token": f"{meta['next_token']}-again"}
            self._served[meta["next_token"]] = Answer(200, {**answer.body, "meta": twice})
        return answer

    def _includes(self, page: list[dict[str, Any]]) -> dict[str, Any]:
        authors = {item.get("author_id") or item.get("sender_id") for item in page}
        keys = {key for item in page for key in item.get("attachments", {}).get("media_keys", ())}
        referred = {ref["id"] for item in page for ref in item.get("referenced_tweets", ())}
        return {
            "users": [self.users[author] for author in sorted(authors) if author in self.users],
            "media": [self.media[key] for key in sorted(keys)],
            "tweets": [self.tweets[ref] for ref in sorted(referred) if ref in self.tweets],
        }

    def _lookup(self, request: Request) -> Answer:
        ids = (request.one("ids") or "").split(",")
        found = [tweet for tweet in self.tweets.values() for wanted in ids if wanted in tweet["edit_history_tweet_ids"]]
        missing = [{"type": GONE, "title": "Not Found Error", "resource_id": ids[0]}] if not found else []
        return Answer(200, {**({"data": found} if found else {}), **({"errors": missing} if missing else {})})

    def _hide(self, request: Request, tweet_id: str) -> Answer:
        tweet = self.tweets.get(tweet_id)
        if tweet is None:
            return Answer(404, {"errors": [{"message": "no such post"}], "title": "Not Found", "type": GONE})
        root = self.tweets.get(tweet["conversation_id"])
        if root is None or root["author_id"] != OWN:
            return Answer(403, {"title": "Forbidden", "detail": "not the author of the conversation"})
        (self.hidden.add if request.body["hidden"] else self.hidden.discard)(tweet_id)
        return Answer(200, {"data": {"hidden": request.body["hidden"]}})

    def _set(self, name: str) -> set[str]:
        return self.muted if name == "muting" else self.blocked

    def _list(self, request: Request, name: str) -> Answer:
        found = [self.users[user] for user in sorted(self._set(name), key=int, reverse=True)]
        return self._paged(request, found, "pagination_token")

    def _switch_on(self, request: Request, name: str) -> Answer:
        if name == "blocking" and not self.enterprise:
            return Answer(403, {"title": "Client Forbidden", "detail": "not in your access level"})
        self._set(name).add(str(request.body["target_user_id"]))
        return Answer(200, {"data": {name: True}})

    def _switch_off(self, _: Request, name: str, user_id: str) -> Answer:
        self._set(name).discard(user_id)
        return Answer(200, {"data": {name: False}})

    def _dm_block(self, _: Request, user_id: str, verb: str) -> Answer:
        (self.dm_blocked.add if verb == "block" else self.dm_blocked.discard)(user_id)
        return Answer(200, {"data": {"blocked": verb == "block"}})
