"""An emulator of Microsoft's sign-in and of Graph's mail over a `MailStore`, on HTTPS with a certificate of its own."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from tests.emulators.loopback import Answer, Loopback, Request, make_certificate
from tests.emulators.mail_store import Folder, Mail, MailStore, Rule

TENANT = "a-tenant"
CLIENT = "a-client"


class Failure(Exception):
    """An error answer."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


class Graph:
    """The emulator; `url` is the API's address, `login_url` that of the sign-in, `server` takes faults."""

    def __init__(self, folder: Path, secret: str) -> None:
        self.store = MailStore()
        self.secret = secret
        self.certificate = make_certificate(folder)
        self.server = Loopback(self._handle, self.certificate)
        self.url = f"{self.server.url}/v1.0"
        self.login_url = self.server.url
        self.tokens: set[str] = set()
        self.refresh_tokens: set[str] = set()
        self.person_has_agreed = True
        self.may_change_rules = True
        self.repeat_pages = False
        self.subscriptions: dict[str, dict] = {}
        self.validate = lambda _: True
        self.page_items: int | None = None

    @property
    def ca_file(self) -> Path:
        """The certificate that signs for the emulator."""
        return self.certificate[0]

    def _handle(self, request: Request) -> Answer:
        parts = urlsplit(request.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        try:
            if not parts.path.startswith("/v1.0/"):
                return _json(self._sign_in(request, parts.path))
            self._admit(request)
            with self.store.lock:
                return self._api(request, unquote(parts.path.removeprefix("/v1.0")), query)
        except Failure as failure:
            return _json({"error": {"code": failure.code, "message": "-"}}, failure.status)

    def _admit(self, request: Request) -> None:
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            raise Failure(401, "InvalidAuthenticationToken")
        if 'IdType="ImmutableId"' not in (request.headers.get("Prefer") or ""):
            raise Failure(400, "TheTestWantsImmutableIds")

    # sign-in
    def _sign_in(self, request: Request, path: str) -> dict:
        base = f"{self.server.url}/{TENANT}"
        if path == f"/{TENANT}/v2.0/.well-known/openid-configuration":
            return {
                "issuer": f"{base}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
            }
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        if path.endswith("/devicecode"):
            return {
                "device_code": "D", "user_code": "ABCD-EFGH", "verification_uri": "https://localhost/device",
                "expires_in": 900, "interval": 1, "message": "Go to https://localhost/device and enter ABCD-EFGH",
            }  # fmt: skip
        if not path.endswith("/token"):
            raise Failure(404, "NotFound")
        return self._token(form)

    def _token(self, form: dict[str, str]) -> dict:
        kind = form["grant_type"]
        if kind == "client_credentials" and form.get("client_secret") != self.secret:
            return {"error": "invalid_client", "error_description": "AADSTS7000215: wrong secret"}
        if kind.endswith("device_code") and not self.person_has_agreed:
            return {"error": "authorization_declined", "error_description": "they said no"}
        if kind == "refresh_token" and form["refresh_token"] not in self.refresh_tokens:
            return {"error": "invalid_grant", "error_description": "AADSTS700082: the refresh token has expired"}
        number = next(self.store.numbers)
        self.tokens.add(f"T{number}")
        out = {"token_type": "Bearer", "expires_in": 3600, "access_token": f"T{number}", "scope": form.get("scope", "")}
        if kind != "client_credentials":
            self.refresh_tokens = {f"R{number}"}  # they rotate
            claims = {"sub": "s", "oid": "o", "tid": TENANT, "preferred_username": "tai", "aud": CLIENT}
            claims |= {"iss": f"{self.server.url}/{TENANT}/v2.0", "exp": int(datetime.now(UTC).timestamp()) + 3600}
            out |= {
                "refresh_token": f"R{number}",
                "id_token": _unsigned(claims),
                "client_info": _part({"uid": "o", "utid": TENANT}),
            }
        return out

    # mail
    def _api(self, request: Request, path: str, query: dict[str, str]) -> Answer:
        body = json.loads(request.body) if request.body else {}
        if path.startswith("/subscriptions"):
            return self._subscription(request.method, path, body)
        path = re.sub(r"^/users/[^/]+", "", path)
        for pattern, work in (
            (r"/mailFolders", self._folders), (r"/mailFolders/([^/]+)", self._one_folder),
            (r"/mailFolders/([^/]+)/childFolders", self._folders), (r"/mailFolders/([^/]+)/messages/delta", self._delta),
            (r"/mailFolders/([^/]+)/messages", self._listed), (r"/mailFolders/inbox/messageRules", self._all_rules),
            (r"/mailFolders/inbox/messageRules/([^/]+)", self._one_rule), (r"/messages", self._found),
            (r"/messages/([^/]+)", self._message), (r"/messages/([^/]+)/\$value", self._value),
            (r"/messages/([^/]+)/move", self._move),
        ):  # fmt: skip
            if match := re.fullmatch(pattern, path):
                return work(request, query, body, *match.groups())
        raise Failure(404, "ResourceNotFound")

    def _folders(self, request, query, body, parent="msgfolderroot"):
        parent_id = self._folder(parent).id
        if request.method == "POST":
            if any(
                each.parent == parent_id and each.name == body["displayName"] for each in self.store.folders.values()
            ):
                raise Failure(409, "ErrorFolderExists")
            return _json(_folder(self.store.make_folder(body["displayName"], parent_id)), 201)
        found = [each for each in self.store.folders.values() if each.parent == parent_id]
        if "$filter" in query:
            wanted = re.fullmatch(r"displayName eq '(.*)'", query["$filter"])[1].replace("''", "'")
            found = [each for each in found if each.name == wanted]
        return _json({"value": [_folder(each) for each in found]})

    def _one_folder(self, _request, _query, _body, name):
        return _json(_folder(self._folder(name)))

    def _delta(self, request, query, _body, name):
        folder = self._folder(name)
        size = self.page_items or int(re.search(r"maxpagesize=(\d+)", request.headers["Prefer"])[1])
        token = query.get("$deltatoken") or query.get("$skiptoken") or f"{self.store.generation}.0"
        generation, since = map(int, token.split("."))
        if generation != self.store.generation:
            raise Failure(410, "syncStateNotFound")
        changes = self.store.changes(folder.id, since)
        shown, last = {}, since
        for change in changes:
            if len(shown) == size and change.mail.immutable_id not in shown:
                break
            gone = change.kind == "Delete" or shown.get(change.mail.immutable_id) == "removed"
            shown[change.mail.immutable_id] = "removed" if gone else change.mail
            last = change.number
        entries = [
            {"id": i, "@removed": {"reason": "deleted"}} if m == "removed" else _mail(m) for i, m in shown.items()
        ]
        if self.repeat_pages and since and entries:
            before = [change.mail for change in self.store.changes(folder.id, 0) if change.number <= since]
            entries += [_mail(mail) for mail in before[:size]]
        more = bool(changes) and last != changes[-1].number
        base = f"{self.server.url}{urlsplit(request.path).path}"
        link = f"{base}?{urlencode({'$skiptoken' if more else '$deltatoken': f'{generation}.{last}'})}"
        return _json({"value": entries, "@odata.nextLink" if more else "@odata.deltaLink": link})

    def _listed(self, _request, _query, _body, name):
        folder = self._folder(name).id
        return _json({"value": [_mail(mail) for mail in self.store.mails.values() if mail.folder == folder]})

    def _found(self, _request, query, _body):
        wanted = re.fullmatch(r"internetMessageId eq '(.*)'", query["$filter"])[1].replace("''", "'")
        return _json({"value": [_mail(m) for m in self.store.mails.values() if m.header("Message-ID") == wanted]})

    def _message(self, request, _query, body, name):
        mail = self._mail(name)
        if request.method == "PATCH":
            mail.categories = body["categories"]
            self.store.update(mail)
        return _json(_mail(mail))

    def _value(self, _request, _query, _body, name):
        return Answer(body=self._mail(name).raw, content_type="text/plain")

    def _move(self, _request, _query, body, name):
        mail = self._mail(name)
        return _json(_mail(self.store.move(mail, self._folder(body["destinationId"]).id)), 201)

    def _all_rules(self, request, _query, body):
        self._allow_rules()
        if request.method == "POST":
            senders = [each["emailAddress"]["address"].lower() for each in body["conditions"]["fromAddresses"]]
            rule = Rule(
                f"R-{next(self.store.numbers)}", body["displayName"], senders, body["actions"]["moveToFolder"], body
            )
            self.store.rules.append(rule)
            return _json(body | {"id": rule.id}, 201)
        return _json({"value": [rule.body | {"id": rule.id} for rule in self.store.rules]})

    def _one_rule(self, _request, _query, _body, name):
        self._allow_rules()
        self.store.rules = [rule for rule in self.store.rules if rule.id != name]
        return Answer(204)

    def _allow_rules(self) -> None:
        if not self.may_change_rules:
            raise Failure(403, "ErrorAccessDenied")

    def _subscription(self, method: str, path: str, body: dict) -> Answer:
        if method == "POST":
            if not self.validate(body["notificationUrl"]):
                raise Failure(400, "InvalidRequest")
            name = f"S-{next(self.store.numbers)}"
            self.subscriptions[name] = body | {"id": name}
            return _json(self.subscriptions[name], 201)
        name = path.rsplit("/", 1)[1]
        if name not in self.subscriptions:
            raise Failure(404, "ResourceNotFound")
        self.subscriptions[name] |= body
        return _json(self.subscriptions[name])

    def _folder(self, name: str) -> Folder:
        for key in (name, f"F-{name}"):
            if key in self.store.folders:
                return self.store.folders[key]
        raise Failure(404, "ErrorFolderNotFound")

    def _mail(self, name: str) -> Mail:
        mail = self.store.of_immutable(name)
        if mail is None:
            raise Failure(404, "ErrorItemNotFound")
        return mail


def notification(client_state: str) -> bytes:
    """Return the body of a change notification."""
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    entry = {"subscriptionId": "S", "clientState": client_state, "subscriptionExpirationDateTime": until}
    return json.dumps({"value": [entry | {"changeType": "created", "resource": "users/x/messages/y"}]}).encode()


def _json(value: object, status: int = 200) -> Answer:
    refused = isinstance(value, dict) and isinstance(value.get("error"), str)
    return Answer(400 if refused else status, json.dumps(value).encode())


def _folder(folder: Folder) -> dict:
    return {"id": folder.id, "displayName": folder.name, "parentFolderId": folder.parent}


def _mail(mail: Mail) -> dict:
    return {
        "id": mail.immutable_id,
        "internetMessageId": mail.header("Message-ID"),
        "receivedDateTime": f"{mail.received_at:%Y-%m-%dT%H:%M:%SZ}",
        "parentFolderId": mail.folder,
        "categories": mail.categories,
    }


def _part(value: dict) -> str:
    from base64 import urlsafe_b64encode

    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _unsigned(claims: dict) -> str:
    return f"{_part({'alg': 'none'})}.{_part(claims)}."
