"""What the pages can do against what the API can: every address is in the reference, as a call with the same right or with a reason."""

import re

from review_queue import rights
from tests.docs.generate import ROOT
from tests.review_queue.access_table import TABLE
from tests.review_queue.api_client import AT, described

DOC = (ROOT / "docs" / "reference" / "api.md").read_text("utf-8")
CALL = re.compile(r"`((?:GET|POST|DELETE) /[^`]*)`")
API_ALONE = {"GET /me", "GET /reviewers"}
AS_GET = {("POST /policy/{org}/try", "GET /policy/{org}/try"), ("POST /register/table", "GET /register")}
"""What the page asks by a form and the API by its address: nothing is changed by it."""


def rows(heading):
    section = DOC.split(f"## {heading}\n")[1].split("\n## ")[0]
    return [line.split(" | ") for line in section.splitlines() if line.startswith("| ") and "---" not in line][1:]


def right(call, prefix=""):
    method, path = call.split(" ", 1)
    return rights.needed(method, prefix + re.sub(r"\{\w+\}", "1", path.replace("{step}", "refuse")))


def test_every_address_of_the_pages_is_a_call_or_has_a_reason():
    pairs = [(set(CALL.findall(page)), set(CALL.findall(api))) for page, api in rows("On the page and in the API")]
    alone = rows("On the page alone")
    assert all(why.strip(" |") for _, why in alone)
    told = set.union(*(page for page, _ in pairs), *(set(CALL.findall(page)) for page, _ in alone))
    assert told == {f"{method} {path}" for method, path in TABLE}


def test_every_call_of_the_api_stands_beside_its_address(desk):
    calls = {
        f"{method.upper()} {path}" for path, operations in described(desk)["paths"].items() for method in operations
    }
    told = set.union(*(set(CALL.findall(api)) for _, api in rows("On the page and in the API")))
    assert told | API_ALONE == calls


def test_a_call_asks_for_the_right_of_its_address():
    for page, api in rows("On the page and in the API"):
        for one in CALL.findall(page):
            for call in CALL.findall(api):
                if one.startswith("GET") == call.startswith("GET") and (one, call) not in AS_GET:
                    assert right(one) == right(call, AT), (one, call)
