"""The quarantine and the page of connections: everything held is found, released and kept as a harmless file."""

import csv
import io

import pytest
from sqlalchemy import select

from models.domain import Action
from models.engine_tables import command
from models.session import reading, writing
from models.store import quarantine, quotas
from models.store.quarantine import HeldFilter
from models.tables import verdict
from review_queue.csv_export import inert


def held(desk, **wanted):
    with reading(desk.world.engine) as database:
        return quarantine.listed(database, HeldFilter(**wanted), 50)


def chosen(rows):
    return [f"{row['case_id']}:{row['version']}" for row in rows]


def test_what_is_held_is_found_by_word_author_and_channel(desk):
    desk.world.act()
    rows, total = held(desk)
    assert total == len(rows) > 0
    assert held(desk, text="worthless scum")[1] == 1
    assert held(desk, text="100%")[1] == 0, "a wildcard is only a letter"
    assert held(desk, channel="youtube")[1] == 0
    assert held(desk, by="person")[1] == 0
    page = desk.client.get("/quarantine?text=worthless").text
    assert page.count('name="chosen"') == 1
    assert "<script>alert" not in desk.client.get("/quarantine").text


def test_insults_are_covered_as_the_reader_wished(desk):
    desk.world.act()
    assert "worthless scum" not in desk.client.get("/quarantine").text
    desk.client.post("/care", data={"csrf": desk.csrf(), "gentle": "1"})
    assert "worthless scum" in desk.client.get("/quarantine").text


def test_release_asks_first_then_delivers_and_the_bot_takes_the_hold_back(desk):
    desk.world.act()
    rows, _ = held(desk)
    assert desk.world.platform.in_force
    form = {"csrf": desk.csrf(), "chosen": chosen(rows)}
    asked = desk.client.post("/quarantine/release", data=form)
    assert "Release these?" in asked.text
    assert held(desk)[1] == len(rows), "nothing is released before the answer"
    done = desk.client.post("/quarantine/release", data=form | {"sure": "yes", "note": "mistake"})
    assert "said=released" in done.headers["location"]
    desk.world.act()
    assert held(desk)[1] == 0
    assert not {place for place in desk.world.platform.in_force if place[0] in {"hide", "quarantine"}}
    with reading(desk.world.engine) as database:
        assert {row.kind for row in database.execute(select(verdict))} == {"deliver"}


def test_a_case_that_changed_meanwhile_is_not_released(desk):
    desk.world.act()
    rows, _ = held(desk)
    stale = [f"{row['case_id']}:{row['version'] + 1}" for row in rows]
    answer = desk.client.post("/quarantine/release", data={"csrf": desk.csrf(), "chosen": stale, "sure": "yes"})
    assert "said=moved" in answer.headers["location"]
    assert desk.client.post("/quarantine/release", data={"csrf": desk.csrf()}).headers["location"].endswith("none")
    assert held(desk)[1] == len(rows)


def test_the_file_holds_every_row_and_no_formula(desk):
    desk.world.act()
    answer = desk.client.get("/quarantine/file.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == held(desk)[1] + 1


@pytest.mark.parametrize(
    "cell", ["=1+1", "+44", "-2", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u200b=1", "\uff1d1", "\n=1"]
)
def test_no_cell_begins_a_formula(cell):
    assert inert(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["Mrs Jones", "a=b", "", "£5"])
def test_ordinary_cells_stay_as_they_are(cell):
    assert inert(cell) == cell


def test_connections_show_quotas_and_breakers_and_stop_as_one(desk):
    with writing(desk.world.engine) as database:
        quotas.trip(database, "c1", Action.HIDE, "person", desk.world.clock())
    page = desk.client.get("/connections").text
    assert "stopped by a person" in page
    assert "without a certificate in force" in page
    assert desk.client.post("/connections/all/pause", data={"csrf": desk.csrf()}).status_code == 303
    assert "not yet done" in desk.client.get("/connections").text
    desk.world.act()
    assert "goes on" not in desk.client.get("/connections").text
    assert desk.client.post("/connections/all/resume", data={"csrf": desk.csrf()}).status_code == 303
    with reading(desk.world.engine) as database:
        told = [(row.kind, row.connection_id) for row in database.execute(select(command).order_by(command.c.id))]
    assert told == [("pause", "c1"), ("resume", "c1")]
