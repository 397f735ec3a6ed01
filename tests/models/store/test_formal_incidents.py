"""Roles that are held, and incidents: reported, upheld or dismissed by people, proposed and never upheld by the machine."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from models.domain import Channel
from models.formal_tables import incident as incident_table
from models.measures.steps import FormalWarning, Incident
from models.store.formal import incidents, offices, sealed
from tests.fakes.desks import KEY, refused
from tests.fakes.formal import at, taken

EMAIL, TELEPHONE = Channel.EMAIL, Channel.TELEPHONE


def test_roles_are_those_somebody_holds(office):
    with pytest.raises(offices.NoOffice, match="holds no role"):
        office.desk("stranger")
    with pytest.raises(offices.NoOffice, match="has no role"):
        offices.appoint(office.database, KEY, "tm", office.pack, "king", "root", office.now)
    offices.appoint(office.database, KEY, "tm", office.pack, "staff", "root", office.now)
    assert office.desk("tm").officer.role == "staff"
    assert offices.orgs_of(office.database, "tm", office.now) == ["psow"]
    assert "stranger" not in {row["name"] for row in offices.holders(office.database, "psow", office.now)}


def test_an_incident_counts_only_once_upheld(office):
    draft = Incident(0, office.now, TELEPHONE, ("psow/2.2.h",), "shouting", "")
    number = incidents.report(office.desk("staff"), office.contact, draft)
    assert office.file().upheld() == ()
    assert refused(office.desk().warn, office.contact, FormalWarning(0, (number,), taken("x"), "stop")) == [
        "not_upheld"
    ]
    incidents.dismiss(office.desk("tm"), number, "it was another caller")
    assert refused(incidents.uphold, office.desk("tm"), number) == ["state"]
    assert incidents.open_ones(office.database, "psow") == []
    for changes, code in (
        ({"what": " "}, "reason_missing"),
        ({"clauses": ()}, "clause_missing"),
        ({"clauses": ("x/1",)}, "clause_unknown"),
        ({"terminated_call": True}, "manager_missing"),
        ({"at": at(2030, 1, 1)}, "state"),
    ):
        assert refused(incidents.report, office.desk("staff"), office.contact, replace(draft, **changes)) == [code]


def test_a_threat_asks_for_the_police_and_skips_the_warning(office):
    draft = Incident(
        0, office.now, TELEPHONE, ("psow/2.3",), "I know where you live", "", staff=("Elin",), manager="tm"
    )
    number = incidents.report(office.desk("staff"), office.contact, draft)
    assert refused(incidents.uphold, office.desk("tm"), number) == ["police"]
    grave = office.incident(grave=True)
    assert not office.desk().restrict(office.contact, office.draft(grave)).proposed


def test_the_machine_proposes_and_never_upholds(office):
    rows = office.database.execute(select(incident_table)).all()
    assert rows == []
    from models.domain import Attention, Author, Decision, Message, MessageKey, Mode, Reason, Signal

    found = Decision(
        MessageKey("c", "1"),
        Attention.REVIEW,
        (),
        (),
        ("psow/2.2.a", "psow/law.safeguarding"),
        (),
        Reason("", ""),
        "psow",
        "1",
        Mode.ENFORCE,
        None,
        office.now,
    )
    message = Message(MessageKey("c", "1"), EMAIL, "psow", Author("jones@example.org"), "text", office.now)
    incidents.propose(
        office.database, office.pack, replace(message, author=Author("x", verified=False)), None, office.contact, found
    )
    incidents.propose(
        office.database, office.pack, message, None, office.contact, replace(found, attention=Attention.DELIVER)
    )
    incidents.propose(
        office.database, office.pack, message, None, office.contact, replace(found, clauses=("psow/law.safeguarding",))
    )
    spam = (Signal("spam", 0.99, "spam", "1"), Signal("links.excessive", 0.9, "links", "1"))
    incidents.propose(office.database, office.pack, message, None, office.contact, replace(found, signals=spam))
    assert office.file().incidents == ()
    incidents.propose(office.database, office.pack, message, None, office.contact, found)
    (proposed,) = office.file().incidents
    assert (proposed.clauses, proposed.state, proposed.reported_by) == (("psow/2.2.a",), "proposed", "machine")
    assert sealed.altered(office.database, KEY) == []
