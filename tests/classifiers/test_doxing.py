"""Doxing: own details, a third party's, a member of staff's; identifiers checked as far as they can be."""

import pytest

from classifiers.identifiers import identifiers, nhs_checks
from classifiers.staff import StaffDirectory, StaffFileError
from models.domain import Channel
from tests.classifiers.texts import found, shown


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
