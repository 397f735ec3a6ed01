"""Reading a pack: hostile files end in a clear sentence, and every rule beyond the form is checked and told."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.policy import loader
from models.policy.loader import PackError, builtin_pack_ids, load_pack, parse_pack

PSOW = (Path(loader.__file__).parent / "packs" / "psow.yaml").read_text("utf-8")


def problems(data, name="our.yaml"):
    with pytest.raises(PackError) as told:
        parse_pack(data, name)
    return told.value.problems


def changed(old, new):
    assert PSOW.count(old) >= 1
    return PSOW.replace(old, new, 1).encode()


@pytest.mark.parametrize("shape", ["a: {open}{close}", "{open}{close}", "a:\n  - b: {open}{close}"])
@pytest.mark.parametrize(("open_", "close"), [("[", "]"), ("{a: ", "}"), ("- ", "1"), ("? ", "1")])
def test_deep_nesting_is_refused_and_never_overflows_the_stack(shape, open_, close):
    depth = 30_000
    data = shape.format(open=open_ * depth, close=close * depth if close != "1" else close)
    program = (
        "import sys\nfrom models.policy.loader import PackError, parse_pack\n"
        "try:\n    parse_pack(sys.stdin.buffer.read(), 'deep.yaml')\n"
        "except PackError as error:\n    print(error)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], input=data.encode(), capture_output=True, timeout=300, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert re.search(r"deep\.yaml:\d+: .*(nesting is deeper|plain text|not valid YAML)", ran.stdout.decode())


def test_a_bomb_of_aliases_costs_nothing():
    rows = ["a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    rows += [f"{c}: &{c} [{', '.join(['*' + p] * 9)}]" for p, c in zip("abcdefgh", "bcdefghi", strict=True)]
    assert "anchors and aliases" in problems("\n".join(rows).encode())[0]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"a: 1\n---\nb: 2\n", "two documents"),
        (b"a: 1\na: 2\nb: 1\nb: 2\n", r"our\.yaml:2: a: the field stands twice, first on line 1"),
        (b"? [a, b]\n: c\n", "must be plain text"),
        (b"a: !custom x\n", "the tag !custom is not allowed"),
        (b"%YAML 9.9\n---\na: b\n", "not valid YAML"),
        (b"\x89PNG\r\n\x1a\n", "not UTF-8"),
        ("version: ŵ".encode("utf-16"), "not UTF-8"),
        (b"a\x00b", "save the pack as plain text"),
        (b"# only a comment\n", "the file is empty"),
        (b"just words", "a pack is a mapping"),
    ],
)
def test_what_is_no_pack_is_told(data, told):
    assert re.search(told, problems(data)[0])


def test_both_fields_that_stand_twice_are_told():
    assert len(problems(b"a: 1\na: 2\nb: 1\nb: 2\n")) == 2


@given(st.binary(max_size=300))
def test_any_bytes_give_a_pack_error(data):
    problems(data)


@given(
    st.integers(0, len(PSOW.encode()) - 1),
    st.sampled_from(["[", "]", "{", '"', "\n", "\t", "&", "*", "!", ":", "x", "9"]),
)
def test_any_one_changed_character_gives_a_pack_or_a_pack_error(place, character):
    data = PSOW.encode()
    try:
        told = parse_pack(data[:place] + character.encode() + data[place + 1 :], "our.yaml").id
    except PackError as error:
        told = str(error)
    assert told.startswith(("our.yaml", "psow"))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("label: abuse.insult", "label: abuse.insul", r"our\.yaml:\d+: clauses\[\d+\]\.signals\[0\]\.label: unknown signal 'abuse\.insul'; .*did you mean 'abuse\.insult'"),
        ("groups: [sex, gender_identity]", "groups: [sex, gender_identiti]", r"signals\[1\]\.groups: .*did you mean 'gender_identity'"),
        ("severity: high", "severity: hihg", r"severity: 'hihg': .*did you mean 'high'"),
        ("welsh_standard: statutory", "welsh_standard: statutry", "did you mean 'statutory'"),
        ("last_line:", "last_lime:", r"last_lime: there is no such field here; .*did you mean 'last_line'"),
        ("last_line:", "last_lime:", r"last_line: the field is missing; add it"),
        ('version: "2024.1"', "version: 2024.1", "version: 2024.1 must be text; put it in quotes"),
        ('cy: "Rheolwr Tîm"', 'cy: ""', r"roles\[1\]\.title\.cy: the text is empty"),
        ("rank: 2", "rank: second", "roles\\[1\\]\\.rank: 'second'"),
        ("within_working_days: 20", "within_working_days: twenty", "within_working_days"),
        ("clause: psow/9.1", "clause: psow/9.11", r"appeal\.clause: .*did you mean 'psow/9\.1'"),
        ("decision: appeal, at_least: edcl", "decision: appeal, at_least: edlc", r"authority\[5\]\.at_least: .*did you mean 'edcl'"),
        ("override_at_least: hopsc", "override_at_least: nobody", r"last_line\.override_at_least: the role 'nobody'"),
        (", override_at_least: hopsc", "", "who may close the last line is missing"),
        ("rank: 1 }", "rank: 1, stands_in_for: nobody }", r"roles\[0\]\.stands_in_for"),
        ("id: tm,", "id: staff,", r"roles\[1\]\.id: 'staff' stands twice"),
        ("decision: appeal,", "decision: terminate_call,", r"authority\[5\]\.decision: .*stands twice"),
        ("id: one_channel,", "id: days_and_times,", r"measures\[1\]\.id: .*stands twice"),
        ("block_at_once_for: [spam,", "block_at_once_for: [duplicate.campaign,", "is a pattern, not harm: it never blocks"),
        ("block_at_once_for: [spam,", "block_at_once_for: [doxing.own_details,", "is a notice, not harm"),
        ("block: 20, ", "", "blocking at once has no daily_quota"),
        ("{ mail: 0.002, social: 0.002 }", "{ social: 0.002 }", "no limit for mail"),
        ("automatic: { mail: [quarantine], social: [hide] }", "automatic: { mail: [hide], social: [hide] }", "'hide' cannot be automatic in mail; here it may be: label, quarantine"),
        ("automatic: { mail: [quarantine], social: [hide] }", "automatic: { mail: [quarantine], social: [mute] }", "acts on a person and stands in no clause"),
        ("automatic: { mail: [quarantine], social: [hide] }", "automatic: { mail: [quarantine], social: [report] }", "'report' has no daily_quota"),
        ("automatic: { mail: [quarantine], social: [hide] }", "automatic: { mail: [quarantine], logged: [hide] }", "cannot be automatic in logged; here it may be: nothing"),
        ("automatic: { mail: [quarantine], social: [hide] }", "automatic: { mial: [quarantine] }", "did you mean 'mail'"),
        ("- { label: welfare.safeguarding }", "- { label: welfare.safeguarding }\n      - { label: abuse.threat }\n    automatic: { mail: [quarantine] }", "welfare or rights"),
        ("carried_by: [rule:complaint_apart]", "carried_by: [rule:complaint_appart]", "there is no rule 'complaint_appart'; .*did you mean 'complaint_apart'"),
        ("carried_by: [document]", "carried_by: [letter:warnin]", "there is no letter 'warnin'; .*did you mean 'warning'"),
        ("carried_by: [document]", "carried_by: [Classifier:abuse]", "KIND:NAME"),
        ("id: psow/1.2", "id: adra/1.2", r"must begin with 'psow/' or 'psow/easy-read/'"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_by_file_line_and_field_with_what_to_do(old, new, told):
    sentences = problems(changed(old, new))
    assert any(re.search(told, sentence) for sentence in sentences), sentences
    assert all(re.match(r"our\.yaml:\d+: \w", sentence) for sentence in sentences)


def test_the_line_told_is_the_line_of_the_mistake():
    data = changed("label: demand.refuses_procedure", "label: demand.refuses")
    line = next(n for n, text in enumerate(data.decode().splitlines(), 1) if text.endswith("demand.refuses }"))
    assert problems(data)[0].startswith(f"our.yaml:{line}: ")


def test_a_signal_that_blocks_needs_a_clause_that_hears_it():
    data = changed("      - { label: doxing.staff_details }\n", "")
    assert any("no clause of the pack listens to 'doxing.staff_details'" in s for s in problems(data))


def test_all_problems_beyond_the_form_are_told_at_once():
    data = changed("clause: psow/9.1", "clause: psow/9.9").replace(b"override_at_least: hopsc", b"override_at_least: x")
    assert len(problems(data)) == 2


def test_words_that_yaml_once_took_for_truth_values_stay_words():
    data = changed('version: "2024.1"', "version: no")
    assert parse_pack(data, "our.yaml").version == "no"


def test_the_pure_reader_gives_the_same_packs(monkeypatch):
    import yaml

    from models.policy import pack_yaml

    fast = {name: load_pack(loader.PACKS / f"{name}.yaml") for name in builtin_pack_ids()}
    monkeypatch.setattr(pack_yaml, "_LOADER", yaml.SafeLoader)
    assert {name: load_pack(loader.PACKS / f"{name}.yaml") for name in builtin_pack_ids()} == fast
