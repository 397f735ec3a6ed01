"""Doxing: own details, a third party's, a member of staff's; identifiers checked as far as they can be."""

import pytest

from classifiers.fold import fold
from classifiers.identifiers import identifiers, nhs_checks
from classifiers.lives import lives
from classifiers.mentions import mentions
from classifiers.names import people
from classifiers.staff import StaffDirectory, StaffFileError
from classifiers.whose import details
from models.domain import Channel
from tests.classifiers.texts import found, message, probability, shown


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Ring me on 07700 900123, my address is 4 Heol Isaf, SA1 2AB", "doxing.own_details"),
        ("My neighbour is a liar, his number is 07700 900456 so ring him", "doxing.third_party"),
        ("Rhodri Ames ignored me again", "doxing.staff_named"),
        ("Rhodri Ames lives at 12 Maple Close, CF10 1AA, pay him a visit", "doxing.staff_details"),
    ],
)
def test_whose_details_they_are(text, label):
    assert found(text)[label].probability >= 0.5
    assert all(words in text for words in shown(text, label))


def test_naming_in_private_mail_and_public_faces_are_no_matter():
    assert "doxing.staff_named" not in found("Rhodri Ames ignored me again", Channel.EMAIL)
    assert (
        found("Marian Foss gave a good speech").get("doxing.staff_named") is None
        or found("Marian Foss gave a good speech")["doxing.staff_named"].probability < 0.5
    )


def test_identifiers_are_found_and_checked():
    text = "NI QQ123456C? no: AB123456C. NHS 943 476 5919 not 943 476 5918. Car AB12 CDE. born 3/3/1958. a@example.org 029 2018 0123"
    kinds = [entry.kind for entry in identifiers(text)]
    assert {"nino", "nhs", "plate", "born", "email", "phone"} <= set(kinds)
    assert kinds.count("nhs") == 1
    assert nhs_checks("943 476 5919")
    assert not nhs_checks("943 476 5918")
    assert not list(identifiers("no details here at all"))


@pytest.mark.parametrize(
    ("text", "told"), [("a,b\n1,2\n", "columns name, org are missing"), ("org,name\npsow,\n", ":2: a row needs")]
)
def test_a_broken_staff_file_is_told(tmp_path, text, told):
    path = tmp_path / "staff.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(StaffFileError, match=told):
        StaffDirectory.from_csv(path)
    with pytest.raises(StaffFileError, match="cannot be read"):
        StaffDirectory.from_csv(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("text", "kind", "shown_as"),
    [
        (
            "ring o double seven hundred, nine double o, four one two",
            "phone",
            "o double seven hundred, nine double o, four one two",
        ),
        ("M +44 (0)7700 900 027", "phone", "+44 (0)7700 900 027"),
        ("rhif ffôn 07700-900-123", "phone", "07700-900-123"),
        ("cod 00-11-33 cyfrif 33445566", "bank", "00-11-33 cyfrif 33445566"),
        ("Halifax 00-14-22, 3310 8845", "bank", "00-14-22, 3310 8845"),
        ("date of birth 3rd of the 3rd 63", "born", "date of birth 3rd of the 3rd 63"),
        ("ganed ar y 3ydd o Fawrth 1958", "born", "ganed ar y 3ydd o Fawrth 1958"),
        ("Tess Wainfleet, 14/06/1983", "born", "14/06/1983"),
        ("yn byw yn 3 Rhes y Coed, Bangor", "address", "3 Rhes y Coed"),
        ("at Flat 2, 31 Stryd y Porth", "address", "Flat 2, 31 Stryd y Porth"),
        ("Heol Glyndwr no 40", "address", "Heol Glyndwr no 40"),
        ("passport 999228174", "passport", "passport 999228174"),
    ],
)
def test_every_datum_is_found_in_odd_forms(text, kind, shown_as):
    assert (kind, shown_as) in {(entry.kind, text[entry.start : entry.end]) for entry in identifiers(text)}


@pytest.mark.parametrize(
    "text", ["ref 07700-9412-B", "crime ref 25000778", "case 02920180123", "we met on 12 May", "nine or seven of us"]
)
def test_references_and_dates_are_no_identifiers(text):
    assert not list(identifiers(text))


def test_traces_of_a_life_are_found_in_both_languages():
    english = fold(
        "gets the 5.40 bus, parks his grey Golf outside the gym, works at the Spar, her kids go to St Mary's"
    )
    welsh = fold("mae o'n byw yn y tŷ pen, Golf gwyn, ei blant yn Ysgol y Felin, yn gweithio yn y Spar")
    assert {"routine", "vehicle", "work", "family"} <= {trace.kind for trace in lives(english)}
    assert {"home", "vehicle", "work", "family"} <= {trace.kind for trace in lives(welsh)}
    assert not list(lives("the bins were late"))


def test_names_are_told_from_places_and_bodies():
    text = "Craig Mostyn wrote. So did Mrs Ellwood. Wrexham Council and Heol Isaf did not."
    assert [text[person.start : person.end] for person in people(text)] == ["Craig Mostyn", "Mrs Ellwood"]


def test_a_pronoun_means_the_last_person_spoken_of():
    message_ = message("The planning officer refused it. He lives at 6 Tan y Bryn.")
    folded = fold(message_.own_text)
    spoken = mentions(message_.own_text, folded, "somebody", ())
    owners = {entry.kind: entry.owner for entry in details(message_, folded, spoken)}
    assert owners["address"] == "staff"


def test_own_details_are_no_matter_in_mail():
    text = "Ring me on 07700 900123, my address is 4 Heol Isaf, SA1 2AB"
    assert "doxing.own_details" not in found(text, Channel.EMAIL)


def test_others_details_in_mail_are_reviewed_at_most():
    signal = found("My neighbour Craig Mostyn, 22 Lôn Cae Glas, 07700 900456", Channel.EMAIL).get("doxing.third_party")
    assert signal is None or signal.probability < 0.75


def test_a_long_word_is_read_in_one_way_only():
    assert list(people("A" + "a" * 60 + "1")) == []
    (found_,) = people("it was Mrs Pen-y-cae again")
    assert "it was Mrs Pen-y-cae again"[found_.start : found_.end] == "Mrs Pen-y-cae"


@pytest.mark.parametrize("text", ["Ask Rhodri from the Ombudsman", "rhodri o'r swyddfa eto", "Rhodri at PSOW again"])
def test_a_first_name_of_the_body_is_staff(text):
    assert probability(text, "doxing.staff_named") >= 0.5


def test_a_first_name_alone_is_anybody():
    assert probability("Rhodri has mended the gate", "doxing.staff_named") < 0.5
