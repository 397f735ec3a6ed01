"""The ladder of each pack: what must come before, what skips it, and the sentence in which it explains itself."""

from dataclasses import replace

import pytest

from models.measures import ladder
from models.measures.steps import End
from models.policy.loader import builtin_pack
from tests.fakes.formal import NOW, asked, at, dossier, incident, restricted, warned

PACKS = {name: builtin_pack(name) for name in ("psow", "adra", "wrexham", "phso")}
BEFORE, TOLD, AFTER = at(2026, 2, 1), at(2026, 2, 10), at(2026, 3, 1)


def codes(refusals):
    return [found.code for found in refusals]


def managing(pack_id, file, *numbers, now=NOW, serious=""):
    chosen = file.incidents_of(numbers or tuple(i.incident_id for i in file.incidents))
    return codes(ladder.before_managing(file, chosen, PACKS[pack_id], now, serious))


@pytest.mark.parametrize(
    ("pack_id", "code"),
    [("psow", "warn_first"), ("adra", "written_first"), ("wrexham", "warn_first"), ("phso", "warn_first")],
)
def test_a_warning_comes_before_contact_is_managed(pack_id, code):
    file = dossier(pack_id, incidents=(incident(1, BEFORE, pack_id), incident(2, AFTER, pack_id)))
    assert managing(pack_id, file) == [code]
    told = replace(file, warnings=(warned(TOLD, pack_id),))
    assert managing(pack_id, told) == []
    unsent = replace(file, warnings=(replace(warned(TOLD, pack_id), told_at=None),))
    assert managing(pack_id, unsent) == [code], "a warning that nobody received warns nobody"


@pytest.mark.parametrize("pack_id", list(PACKS))
def test_nothing_follows_a_warning_that_was_heeded(pack_id):
    file = dossier(pack_id, incidents=(incident(1, BEFORE, pack_id),), warnings=(warned(TOLD, pack_id),))
    assert managing(pack_id, file) == ["nothing_since_warning"]
    proposed = replace(file, incidents=(*file.incidents, incident(2, AFTER, pack_id, "proposed")))
    assert managing(pack_id, proposed) == ["nothing_since_warning"], "what nobody upheld does not count"


def test_a_spoken_warning_is_enough_except_for_adra():
    for pack_id, expected in (("psow", []), ("wrexham", []), ("phso", []), ("adra", ["written_first"])):
        file = dossier(
            pack_id, incidents=(incident(1, AFTER, pack_id),), warnings=(warned(TOLD, pack_id, written=False),)
        )
        assert managing(pack_id, file) == expected


@pytest.mark.parametrize("pack_id", ["psow", "wrexham", "phso"])
def test_zero_tolerance_needs_no_warning(pack_id):
    file = dossier(pack_id, incidents=(incident(1, AFTER, pack_id, zero_tolerance=True),))
    assert managing(pack_id, file) == []
    proposed = dossier(pack_id, incidents=(incident(1, AFTER, pack_id, "proposed", zero_tolerance=True),))
    assert managing(pack_id, proposed) == ["warn_first"]


def test_adra_skips_the_warning_only_where_somebodys_immediate_safety_was_threatened():
    file = dossier("adra", incidents=(incident(1, AFTER, "adra", zero_tolerance=True),))
    assert managing("adra", file) == ["written_first"]
    assert managing("adra", replace(file, incidents=(replace(file.incidents[0], danger=True),))) == []


def test_only_the_ombudsman_for_wales_may_call_conduct_serious_enough():
    for pack_id, expected in (
        ("psow", []),
        ("wrexham", ["warn_first"]),
        ("adra", ["written_first"]),
        ("phso", ["warn_first"]),
    ):
        file = dossier(pack_id, incidents=(incident(1, AFTER, pack_id),))
        assert managing(pack_id, file, serious="staff in tears") == expected


def test_the_parliamentary_ombudsman_asks_before_warning():
    phso = PACKS["phso"]
    file = dossier("phso", incidents=(incident(1, BEFORE, "phso"),))
    assert codes(ladder.before_warning(file, file.incidents, phso)) == ["ask_first"]
    once = replace(file, asks=(asked(TOLD),))
    assert codes(ladder.before_warning(once, once.incidents, phso)) == ["nothing_since_ask"]
    again = replace(once, incidents=(*once.incidents, incident(2, AFTER, "phso")))
    assert codes(ladder.before_warning(again, again.incidents, phso)) == []
    grave = replace(file, incidents=(incident(1, BEFORE, "phso", zero_tolerance=True),))
    assert codes(ladder.before_warning(grave, grave.incidents, phso)) == []
    for other in ("psow", "adra", "wrexham"):
        assert ladder.before_warning(file, file.incidents, PACKS[other]) == ()


def test_a_lapsed_warning_warns_no_more():
    file = dossier(
        "phso", incidents=(incident(1, at(2026, 9, 20), "phso"),), warnings=(warned(at(2026, 3, 10), "phso"),)
    )
    assert managing("phso", file, now=at(2026, 9, 20, 13)) == ["warn_first"]
    in_time = replace(file, incidents=(incident(1, at(2026, 9, 10, 20), "phso"),))
    assert managing("phso", in_time, now=at(2026, 9, 20)) == []


def test_a_restriction_is_renewed_without_a_warning_within_six_months_of_its_end():
    over = replace(restricted("phso", at(2025, 6, 1)), ended=End(at(2026, 3, 11, 0), "machine", "clock"))
    file = dossier(
        "phso",
        restrictions=(over,),
        incidents=(incident(1, at(2025, 5, 30), "phso"), incident(2, at(2026, 9, 10, 22), "phso")),
    )
    assert managing("phso", file, 2, now=at(2026, 9, 11)) == []
    late = replace(file, incidents=(incident(2, at(2026, 9, 10, 23), "phso"),))
    assert managing("phso", late, 2, now=at(2026, 9, 11)) == ["warn_first"]
    psow = replace(file, org="psow")
    assert managing("psow", psow, 2, now=at(2026, 9, 11)) == ["warn_first"]


def test_the_ladder_explains_itself_in_both_languages():
    phso = PACKS["phso"]
    file = dossier("phso")
    said = []
    for changes in (
        {},
        {"incidents": (incident(1, BEFORE, "phso"),)},
        {"asks": (asked(TOLD),)},
        {"warnings": (warned(at(2026, 2, 20), "phso"),)},
        {"incidents": (incident(1, BEFORE, "phso"), incident(2, AFTER, "phso"))},
        {"restrictions": (restricted("phso", at(2026, 3, 5), 2),)},
    ):
        file = replace(file, **changes)
        said.append(ladder.standing(file, phso, NOW).why)
    assert [why.en for why in said] == [
        "No incident has been upheld: nothing follows.",
        "Nobody has asked yet: this policy asks first.",
        "Asked on 10 February 2026: a warning follows if it goes on.",
        "A warning given on 20 February 2026 is in force until 20 August 2026: nothing has happened since.",
        "A warning given on 20 February 2026 is in force until 1 September 2026, and conduct has gone on: contact may be managed.",
        "A restriction of 5 March 2026 is in force until 1 September 2026.",
    ]
    assert (
        said[3].cy
        == "Mae rhybudd a roddwyd ar 20 Chwefror 2026 mewn grym hyd 20 Awst 2026: nid oes dim wedi digwydd ers hynny."
    )
    assert all(why.cy and why.cy != why.en for why in said)
    lapsed = replace(file, incidents=(incident(1, BEFORE, "phso"),), restrictions=())
    assert ladder.standing(lapsed, phso, at(2026, 9, 1)).why.en == (
        "The last warning was in force until 20 August 2026 and has lapsed: the ladder begins anew."
    )


@pytest.mark.parametrize(
    ("pack_id", "steps"),
    [
        ("psow", ("warn", "manage")),
        ("adra", ("warn", "manage")),
        ("wrexham", ("warn", "manage")),
        ("phso", ("ask", "manage")),
    ],
)
def test_the_next_steps_are_those_the_pack_allows(pack_id, steps):
    file = dossier(
        pack_id,
        incidents=(incident(1, BEFORE, pack_id), incident(2, AFTER, pack_id)),
        warnings=(warned(TOLD, pack_id),),
    )
    assert ladder.standing(file, PACKS[pack_id], NOW).next_steps == steps
