"""The forms as documents: every field of the appendix stands there, with advice and the manager's decision once they came."""

import io

import pytest
from docx import Document

from models.measures.steps import Record, RecordKind, Referral
from models.policy.loader import builtin_pack
from models.records import forms
from models.store.formal import referrals
from tests.fakes.desks import Office
from tests.fakes.formal import taken

APPENDIX_A = (
    "Case Ref", "Name of service user", "Case owner", "Referred by", "Date to the group", "Reason for referral",
    "Has any related action", "particular needs", "Analysis, comments and recommendation", "Manager's decision", "Signed",
)  # fmt: skip


@pytest.fixture(params=["psow", "adra"])
def office(request):
    made = Office(request.param)
    yield made
    made.close()


def filling(office, language="en"):
    return forms.Filling(office.pack, office.file(), "Ms Jones", language)


def referral(office):
    draft = Referral(
        0, taken("x"), "2026-17", "Elin", "shouting each day", "one warning", "believed: a stammer", "letters only"
    )
    return office.desk().refer(office.contact, draft).number


def test_the_referral_holds_every_field_of_the_appendix_and_what_came_back():
    office = Office("psow")
    number = referral(office)
    before = dict(filling(office).form("referral", number).fields)
    labels = list(before)
    assert len(labels) == len(APPENDIX_A)
    assert all(wanted in label for wanted, label in zip(APPENDIX_A, labels, strict=True))
    assert before["Manager's decision"] == ""
    office.forward(days=1)
    referrals.advise(office.desk(), office.contact, number, "it is distress", "one officer")
    office.forward(days=1)
    restriction = office.up_to_restriction()
    after = dict(filling(office).form("referral", number).fields)
    assert "it is distress" in after[labels[8]]
    assert after["Manager's decision"]
    assert "hopsc" in after[labels[-1]]
    assert restriction
    office.close()


def test_an_incident_and_the_considerations_are_documents_in_both_languages(office):
    number = office.up_to_restriction()
    considered = filling(office).form("considered", number)
    assert len(considered.fields) >= 4 + len(builtin_pack(office.pack_id).checklist.before)
    for language in ("en", "cy"):
        form = filling(office, language).form("incident", office.file().incidents[0].incident_id)
        assert any("shouting" in text for _, text in form.fields)
        assert forms.as_pdf(form, office.now).startswith(b"%PDF")
        words = Document(io.BytesIO(forms.as_docx(form)))
        cells = [cell.text for row in words.tables[0].rows for cell in row.cells]
        assert [tuple(cells[at : at + 2]) for at in range(0, len(cells), 2)] == list(form.fields)


def test_the_safety_register_has_its_form_and_what_is_not_there_is_told(office):
    number = (
        office.desk()
        .record(office.contact, Record(0, RecordKind.SAFETY_REGISTER, taken("x"), "he waited outside"))
        .number
    )
    form = dict(filling(office).form("safety", number).fields)
    assert form["Reason"] == "he waited outside"
    for kind, about in (("safety", 99), ("referral", 1), ("incident", 77), ("considered", 5), ("dance", 1)):
        with pytest.raises(forms.NoSuchForm):
            filling(office).form(kind, about)


def test_adra_considers_nine_matters_before_formal_action():
    assert len(builtin_pack("adra").checklist.before) == 9
