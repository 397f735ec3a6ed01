"""A caller of the API in tests: keys, accounts, and what a problem looks like."""

import re
from datetime import timedelta

from fastapi.testclient import TestClient

from models.policy.loader import builtin_pack
from models.session import writing
from models.store import people, tokens
from models.store.formal import offices
from review_queue import auth, i18n
from review_queue.api.problems import MEDIA_TYPE
from review_queue.api.scopes import Scope
from tests.review_queue.conftest import NAME

KEY = b"a" * 32
AT = "/api/v1"
ALL = tuple(scope.value for scope in Scope)


def key(desk, account=NAME, scopes=ALL, **lasts):
    now = i18n.utc_now()
    with writing(desk.world.engine) as database:
        return tokens.make(
            database, KEY, "case system", account, scopes, now + timedelta(**(lasts or {"days": 9})), NAME, now
        )


def account(desk, name, role, office=None):
    with writing(desk.world.engine) as database:
        people.add(database, name, auth._hasher.hash("x"), role, "en", must_change=False, now=desk.world.clock())
        if office:
            offices.appoint(database, KEY, name, builtin_pack(office[0]), office[1], "test", desk.world.clock())


class Api:
    def __init__(self, desk, secret, **headers):
        self.client = TestClient(desk.client.app, follow_redirects=False)
        self.headers = {"Authorization": f"Bearer {secret}", **headers}

    def __call__(self, method, path, **more):
        return self.client.request(method, AT + path, headers=self.headers, **more)

    def get(self, path, **params):
        return self("GET", path, params=params)

    def post(self, path, **body):
        return self("POST", path, json=body)


def problem(answer, status, kind):
    assert (answer.status_code, answer.headers["content-type"]) == (status, MEDIA_TYPE), answer.text
    told = answer.json()
    assert (told["type"], told["status"]) == (f"/api#{kind}", status)
    return told


def described(desk):
    return desk.client.get(f"{AT}/openapi.json").json()


def calls(desk):
    """Return (method, path, scopes) of every operation."""
    return [
        (method.upper(), path, operation["security"][0]["HTTPBearer"])
        for path, operations in described(desk)["paths"].items()
        for method, operation in operations.items()
    ]


def filled(path):
    known = {"name": "c1", "told": "pause", "org": "psow", "step": "refuse", "form": "pdf"}
    return re.sub(r"\{(\w+)\}", lambda found: known.get(found.group(1), "1"), path)
