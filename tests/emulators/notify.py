"""GOV.UK Notify on loopback: takes letters as pages, checks the signed key, and can be told to refuse or break off."""

import base64
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import jwt

from tests.emulators.loopback import Answer, Loopback, Request

SERVICE, SECRET = "11111111-2222-3333-4444-555555555555", "66666666-7777-8888-9999-000000000000"
KEY = f"porthor-{SERVICE}-{SECRET}"


class Notify:
    """The service; `letters` are those it took, by reference."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, bytes]] = []
        self.server = Loopback(self._answer)

    @property
    def url(self) -> str:
        return self.server.url

    def _answer(self, request: Request) -> Answer:
        if request.path != "/v2/notifications/letter" or request.method != "POST":
            return self._no(404, "NoResultFound", "No result found")
        try:
            token = request.headers["Authorization"].removeprefix("Bearer ")
            claims = jwt.decode(token, SECRET, algorithms=["HS256"], options={"verify_aud": False})
            assert claims["iss"] == SERVICE
        except (jwt.InvalidTokenError, AssertionError, KeyError):
            return self._no(403, "AuthError", "Invalid token: API key not found")
        given = json.loads(request.body)
        pages = base64.b64decode(given.get("content", ""), validate=True)
        if not given.get("reference") or not pages.startswith(b"%PDF"):
            return self._no(400, "BadRequestError", "Letter content is not a valid PDF")
        self.letters.append((given["reference"], pages))
        told = {"id": str(uuid.uuid4()), "reference": given["reference"], "postage": "second"}
        return Answer(201, json.dumps(told).encode())

    @staticmethod
    def _no(status: int, error: str, message: str) -> Answer:
        return Answer(
            status, json.dumps({"status_code": status, "errors": [{"error": error, "message": message}]}).encode()
        )


@contextmanager
def notify_service() -> Iterator[Notify]:
    made = Notify()
    try:
        yield made
    finally:
        made.server.close()
