"""The page of the blind sample: neither score nor proposal, a judgement once, hostile text stays text."""

import re

from sqlalchemy import insert, select

from models.guarantee_tables import blind_draw, blind_verdict
from models.session import reading, writing
from models.tables import audit_event, decision, message


def drawn(desk, *message_ids):
    with writing(desk.world.engine) as database:
        for row in database.execute(select(message).where(message.c.id.in_(message_ids))).all():
            database.execute(
                insert(blind_draw).values(
                    message_id=row.id, connection_id="c1", contact_id=row.contact_id, revision=row.revision, stratum="action",
                    probability=0.02, second=False, act_at=0.9, model_version="1", pack_id="psow", pack_version="1",
                    drawn_at=desk.world.clock(),
                )
            )  # fmt: skip


def judge(desk, message_id, judgement):
    return desk.client.post(f"/blind/{message_id}", data={"csrf": desk.csrf(), "judgement": judgement})


def test_a_reader_sees_the_words_and_nothing_that_the_machine_said(desk):
    drawn(desk, 1, 3)
    page = desk.client.get("/blind").text
    assert "worthless scum" in page
    assert "porthor-mark" not in page
    assert "%</" not in page
    assert not re.search(r"\d+ %", page)
    with reading(desk.world.engine) as database:
        why = database.execute(select(decision.c.why_en).where(decision.c.message_id == 1)).scalar_one()
    assert why not in page
    assert {'data-key="l"', 'data-key="h"', 'data-key="c"'} <= set(re.findall(r'data-key="\w"', page))


def test_a_judgement_is_kept_with_its_audit_event_and_the_next_is_shown(desk):
    drawn(desk, 1, 3)
    assert judge(desk, 1, "harmful").headers["location"] == "/blind?said=kept"
    assert judge(desk, 1, "legitimate").headers["location"] == "/blind?said=twice"
    assert judge(desk, 2, "legitimate").status_code == 404
    assert judge(desk, 3, "nonsense").status_code == 403
    page = desk.client.get("/blind?said=kept").text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    with reading(desk.world.engine) as database:
        (row,) = database.execute(select(blind_verdict)).all()
        assert (row.message_id, row.judgement, row.by) == (1, "harmful", "nia")
        assert database.execute(select(audit_event.c.what)).scalar() == "blind.judged"


def test_it_speaks_welsh_and_says_when_nothing_waits(desk):
    desk.client.get("/language/cy")
    page = desk.client.get("/blind").text
    assert "Sampl dall" in page
    assert "Nid oes dim yn aros amdanoch yma." in page
