"""Numbers beyond what a store can hold: a kind page or a problem, whatever the address, never an error of the server."""

import re

import pytest

from review_queue.numbers import LARGEST, number_in
from tests.review_queue.access_table import TABLE
from tests.review_queue.api_client import Api, calls, key

BEYOND = (str(LARGEST + 1), str(2**63), "9" * 5_000, "-1", "x")
NUMBERS = ("case_id", "number", "message_id", "contact_id", "task_id", "view_id")
WORDS = {
    "org": "psow", "name": "work", "step": "refuse", "told": "pause", "kind": "incident", "ending": "pdf", "form": "pdf",
    "language": "cy", "done": "note",
}  # fmt: skip
NUMBERED = [(method, path) for method, path in TABLE if any(f"{{{name}}}" in path for name in NUMBERS)]
_PART = re.compile(r"\{(\w+)\}")


def filled(path, number):
    return _PART.sub(lambda part: number if part[1] in NUMBERS else WORDS.get(part[1], "x"), path)


def test_every_address_with_a_number_answers_kindly_to_one_that_nothing_has(desk):
    assert len(NUMBERED) >= 40
    token = desk.csrf()
    for method, path in NUMBERED:
        for number in BEYOND:
            given = {"data": {"csrf": token}} if method == "POST" else {}
            answer = desk.client.request(method, filled(path, number), **given)
            assert answer.status_code == 404, (method, path, number[:20], answer.status_code)
            assert "There is no such page" in answer.text, (method, path)
            assert 'href="/"' in answer.text


def test_a_number_that_nothing_has_yet_is_no_error_either(desk):
    token = desk.csrf()
    for method, path in NUMBERED:
        given = {"data": {"csrf": token}} if method == "POST" else {}
        assert desk.client.request(method, filled(path, str(LARGEST)), **given).status_code < 500, (method, path)


def test_every_call_of_the_api_answers_so_too(desk, monkeypatch):
    monkeypatch.setattr("review_queue.api.caller.AT_ONCE", 10_000)
    api = Api(desk, key(desk))
    for method, path, _ in calls(desk):
        if any(f"{{{name}}}" in path for name in NUMBERS):
            for number in BEYOND:
                answer = api(method, filled(path, number))
                assert answer.status_code in {404, 422}, (method, path, number[:20], answer.status_code)


@pytest.mark.parametrize(
    "address",
    [
        "/?at={}",
        "/?queue={}",
        "/case/1?ahead={}",
        "/quarantine?at={}",
        "/quarantine?n={}",
        "/formal/psow/1/ask?about={}",
    ],
)
def test_numbers_in_the_query_are_bounded(desk, address):
    for number in BEYOND:
        assert desk.client.get(address.format(number)).status_code < 500, (address, number[:20])


def test_numbers_in_forms_are_bounded(desk):
    for number in BEYOND:
        for path, form in (
            ("/case/1/verdict", {"kind": "deliver", "version": number}),
            ("/case/1/verdict", {"kind": "deliver", "version": "1", "apart": [number]}),
            ("/case/1/queue", {"to": number, "note": "x"}),
            ("/quarantine/release", {"chosen": [f"{number}:{number}"], "sure": "yes"}),
            ("/rota/psow/plan", {"opens": "09:00", "closes": "17:00", "minutes": number}),
            ("/formal/psow/1/ask", {"about": number}),
        ):
            answer = desk.client.post(path, data={"csrf": desk.csrf(), **form})
            assert answer.status_code < 500, (path, number[:20], answer.status_code)
    assert "There is no such page" not in desk.client.get("/case/1").text


def test_a_number_in_a_field():
    assert [number_in(text) for text in ("7", "", "x", "-1", str(LARGEST), str(LARGEST + 1), "9" * 5000)] == [
        7, None, None, None, LARGEST, None, None,
    ]  # fmt: skip
