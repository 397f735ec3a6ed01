"""The four packs: every clause there, nothing claimed that does not exist, and broken packs told by line and field."""

import re
from pathlib import Path

import pytest

from classifiers.registry import Registry
from classifiers.staff import StaffDirectory
from models.domain import Action
from models.labels import LABELS, Stance
from models.measures.carriers import CARRIED
from models.policy import coverage
from models.policy.loader import PackError, builtin_pack, builtin_pack_ids, load_pack, parse_pack
from models.policy.rules import RULES

IDS = [
    line
    for line in (Path(__file__).parent / "clause_ids.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]
PACKS = ("adra", "phso", "psow", "wrexham")
GOOD = (Path(coverage.__file__).parent / "packs" / "wrexham.yaml").read_text("utf-8")


def broken(old, new, count=1):
    assert old in GOOD
    return GOOD.replace(old, new, count).encode()


def problems(data):
    with pytest.raises(PackError) as told:
        parse_pack(data, "our.yaml")
    return "\n".join(told.value.problems)


def test_the_four_packs_are_there_and_every_clause_is_in_its_pack():
    assert sorted(builtin_pack_ids()) == list(PACKS)
    have = [clause.id for pack_id in PACKS for clause in builtin_pack(pack_id).clauses]
    assert sorted(have) == sorted(IDS)
    assert len(IDS) == len(set(IDS)) == 454


def test_every_clause_has_its_row_spelt_out():
    rows = re.findall(r"^\| ([a-z]+/\S+) \|", coverage.page(), re.MULTILINE)
    assert sorted(rows) == sorted(IDS)
    assert not [row for row in rows if re.search(r"[–]|\.[a-z]-[a-z]$", row)]


@pytest.mark.shared
def test_every_id_that_the_register_names_has_its_row(shared_dir):
    text = (shared_dir / "policies" / "REGISTER.md").read_text("utf-8")
    named = {found.rstrip(".,") for found in re.findall(r"\b((?:psow|adra|wrexham|phso)/[A-Za-z0-9.\-–]+)", text)}
    spelt = set()
    for name in named:
        ends = re.match(r"(.*\.)([a-z])[–-]([a-z])$", name)
        spelt |= {ends[1] + chr(c) for c in range(ord(ends[2]), ord(ends[3]) + 1)} if ends else {name}
    assert len(spelt) > 120
    assert not {name for name in spelt if name not in IDS and not any(row.startswith(f"{name}.") for row in IDS)}


@pytest.mark.shared
@pytest.mark.parametrize(
    ("document", "heading", "count", "prefix"),
    [
        ("000_5f1b73d62a857e48.txt", "2.2 The Ombudsman considers", 9, "psow/2.2."),
        ("000_5f1b73d62a857e48.txt", "3.2 The Ombudsman considers", 9, "psow/3.2."),
        ("000_5f1b73d62a857e48.txt", "4.2 In addition", 6, "psow/4.2."),
        ("002_fcef7c8dc3fb6091.txt", "Unacceptable Behaviour to include", 10, "adra/4.1."),
        ("002_fcef7c8dc3fb6091.txt", "Unreasonable Contact to include", 11, "adra/4.2."),
    ],
)
def test_the_bullets_of_a_list_are_the_clauses_of_its_paragraph(shared_dir, document, heading, count, prefix):
    lines = (shared_dir / "policies" / document).read_text("utf-8").split(heading, 1)[1].splitlines()[1:]
    bullets = 0
    for line in lines:
        bullets += line.startswith("- ")
        if bullets and line.strip() and not line.startswith(("- ", " ")) and not line[0].isalpha():
            break
        if bullets and line.startswith(("2.3", "This list", "## ", "5.")):
            break
    assert bullets == count == len([name for name in IDS if re.fullmatch(re.escape(prefix) + "[a-z]", name)])


def test_the_page_is_up_to_date():
    assert coverage.PAGE.read_text("utf-8") == coverage.page()


def test_whatever_carries_a_clause_out_exists():
    registry = Registry.default(StaffDirectory.empty())
    known = {f"classifier:{name}" for name in registry.names} | {f"detector:{name}" for name in registry.detector_names}
    known |= set(CARRIED)
    known |= {f"rule:{name}" for name in RULES} | {f"not_yet:part-{n}" for n in range(2, 7)} | {"document"}
    claimed = {
        carrier for pack_id in PACKS for clause in builtin_pack(pack_id).clauses for carrier in clause.carried_by
    }
    assert claimed <= known


@pytest.mark.parametrize("pack_id", PACKS)
def test_every_label_that_reaches_a_person_has_a_clause(pack_id):
    pack = builtin_pack(pack_id)
    heard = {match.label for clause in pack.clauses for match in clause.signals}
    silent = {label for label, stance in LABELS.items() if stance is not Stance.MITIGATING} - heard
    assert silent <= {"persistence.rising_severity", "persistence.topic_drift", "abuse.recording"}


@pytest.mark.parametrize("pack_id", PACKS)
def test_what_is_automatic_keeps_to_the_register(pack_id):
    pack = builtin_pack(pack_id)
    for clause in pack.clauses:
        for actions in clause.automatic.values():
            assert set(actions) <= {Action.HIDE, Action.QUARANTINE}, clause.id
    assert all(LABELS[label] is Stance.HARM for label in pack.automation.block_at_once_for)
    assert "spam" in pack.automation.block_at_once_for


def test_where_the_documents_disagree_the_packs_do():
    psow, adra, wrexham, phso = (builtin_pack(name) for name in ("psow", "adra", "wrexham", "phso"))
    assert (psow.appeal.within_working_days, phso.appeal.exists) == (20, False)
    assert wrexham.appeal.if_conflict is not None
    assert (adra.last_line.rule, psow.last_line.rule, phso.last_line.rule) == ("absolute", "overridable", "executive")
    assert phso.clocks.restriction_rolls_from_last_incident
    assert [pack.clocks.review_within_months for pack in (psow, adra, wrexham, phso)] == [6, 12, None, None]
    assert [len(pack.measures) for pack in (psow, adra, wrexham, phso)] == [7, 10, 6, 15]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (broken("label: abuse.profanity", "label: abuse.profanty"), r"our\.yaml:\d+: clauses\[6\]\.signals\[0\].*abuse\.profanty.*did you mean 'abuse\.profanity'"),
        (broken("severity: high", "severity: dreadful"), r"our\.yaml:\d+: clauses\[6\]\.severity"),
        (broken("id: wrexham/1.2", "id: wrexham/1.1"), "stands twice"),
        (broken("id: wrexham/1.2", "id: adra/1.2"), "must begin with 'wrexham/'"),
        (broken("clause: wrexham/6.2", "clause: wrexham/9.9"), "'wrexham/9.9' is not among"),
        (broken("at_least: staff", "at_least: nobody"), "the role 'nobody' is not among"),
        (broken("role: complaints_team", "role: nobody"), "appeal.role"),
        (broken("carried_by: [document]", "carried_by: [magic]"), "not of the form KIND:NAME"),
        (broken("welsh_standard: statutory", "welsh_standard: maybe"), "welsh_standard"),
        (broken("welsh_standard: statutory", "welsh_standard: statutory\nwelsh_standard: none"), "stands twice"),
        (broken("quarantine: 200, ", ""), "has no daily_quota"),
        (broken("social: [hide] }", "social: [block] }"), "block_at_once_for"),
        (broken("- { label: abuse.rudeness }\n    severity: low", "- { label: abuse.rudeness }\n    automatic: { mail: [quarantine] }\n    severity: low"), "nothing may be automatic"),
        (broken("exists: true", "exists: true\n  surprise: 1"), r"appeal\.surprise"),
        (broken('  to: { en: "the Complaints Team", cy: "y Tîm Cwynion" }\n', ""), "needs 'to'"),
        (broken("block_at_once_for: [spam]", "block_at_once_for: [ham]"), "unknown signals"),
        (broken("groups: [sex, gender_identity]", "groups: [planet]"), "unknown groups"),
        (b"", "the file is empty"),
        (b"- a\n- b\n", "a pack is a mapping"),
        (b"a: [1\nb: }", r"our\.yaml:\d+: this is not valid YAML"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"a: &x [1]\nb: *x\n", "anchors and aliases"),
        (b"a: !!python/object:os.system x\n", "not allowed in a pack"),
        (b"[" * 100_000, "nesting"),
        (b"a: b\n" * 500_000, "larger than"),
        (b"a:\n" + b"".join(b" " * n + b"b:\n" for n in range(1, 60)), "nesting"),
        (b"a: \x01", "not valid YAML"),
    ],
)  # fmt: skip
def test_a_broken_pack_is_told_by_file_line_and_field(data, told):
    assert re.search(told, problems(data), re.DOTALL)


def test_all_problems_are_told_at_once():
    data = broken("severity: high", "severity: dreadful").replace(
        b"welsh_standard: statutory", b"welsh_standard: maybe"
    )
    assert len(problems(data).splitlines()) == 2


def test_odd_values_are_told_not_crashed_on():
    assert "version" in problems(broken('version: "2024.1"', "version: null"))
    assert "rank" in problems(broken("rank: 1", "rank: 1:30:00"))
    assert "review_within_months" in problems(
        broken("review_tells_contact", "review_within_months: yes please, review_tells_contact")
    )
    assert "zero_tolerance" in problems(
        broken("zero_tolerance_skips_warning: true", "zero_tolerance_skips_warning: perhaps")
    )
    assert "max_false_action_rate" in problems(broken("mail: 0.002", "mail: .inf"))


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(PackError, match="cannot be read"):
        load_pack(tmp_path / "none.yaml")
    with pytest.raises(PackError, match="cannot be read"):
        builtin_pack("nobody")
