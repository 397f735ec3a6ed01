"""Identifiers: what spares most texts a look lets every form through."""

import pytest

from classifiers.identifiers import identifiers

WRITTEN = [
    ("postcode", "LL30 2AB"),
    ("postcode", "cf101aa"),
    ("address", "12 Castle Street"),
    ("address", "4b, Heol y Bont"),
    ("address", "flat 3, 12 Bryn"),
    ("address", "Castle Street no. 12"),
    ("address", "Ffordd Las rhif 4"),
    ("nino", "QQ 12 34 56 C"),
    ("nino", "ab123456c"),
    ("plate", "CX18 YGB"),
    ("bank", "20-11-33"),
    ("bank", "sort code 201133"),
    ("bank", "account no 1234 5678"),
    ("born", "born 3rd of May 1967"),
    ("born", "ganwyd 12/3/67"),
    ("born", "Sian Jones 12.03.1967"),
    ("passport", "passport number 123456789"),
    ("phone", "07700 900118"),
    ("phone", "+44 (0) 1978 290 000"),
    ("nhs", "943 476 5919"),
    ("nhs", "NHS number 9434765910"),
    ("email", "s.jones+x@mail.example.org"),
    ("phone", "o double seven hundred nine double o one one eight"),
]


@pytest.mark.parametrize(("kind", "text"), WRITTEN)
def test_every_form_is_let_through(kind: str, text: str) -> None:
    assert kind in {found.kind for found in identifiers(f"This is it: {text}, thank you")}


def test_a_post_to_somebody_holds_no_address_of_mail() -> None:
    assert not list(identifiers("@wrexham @adra_tai when is the bin day?"))
