"""The list of clause ids against the five documents themselves: paragraphs and bullets counted, none left out."""

import re
from pathlib import Path
from string import ascii_lowercase

import pytest

LISTED = [
    line
    for line in (Path(__file__).parent / "clause_ids.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]
NUMBERED = re.compile(r"^(?:- )?(\d+\.\d+)\s")
BULLET = re.compile(r"^\s*- (?!\d)(.*)")

pytestmark = pytest.mark.shared


@pytest.fixture
def document(shared_dir):
    def read(number):
        (path,) = (shared_dir / "policies").glob(f"{number}_*.txt")
        return path.read_text("utf-8")

    return read


def listed(prefix):
    """The ids of `prefix`, without the rows that the register adds to every pack."""
    return {i for i in LISTED if i.startswith(prefix) and not re.search(r"/(law|rule)\.|/easy-read/", i)}


def numbered_with_bullets(pack, lines):
    """Number every paragraph as the document does, and letter the bullets below each in their order."""
    found, paragraph, bullets = [], None, 0
    for line in lines:
        if number := NUMBERED.match(line):
            paragraph, bullets = number[1], 0
            found.append(f"{pack}/{paragraph}")
        elif BULLET.match(line) and paragraph:
            found.append(f"{pack}/{paragraph}.{ascii_lowercase[bullets]}")
            bullets += 1
    return found


def test_the_ombudsman_for_wales(document):
    lines = document("000").split("1. Introduction and definitions\n")[1].splitlines()
    appendix = lines.index("Appendix A")
    found = numbered_with_bullets("psow", lines[:appendix])
    matrix = lines[lines.index("Decision Type	Grade") + 1 : lines.index("12. Annual review")]
    found += [
        "psow/11",
        *(f"psow/11.{letter}" for letter, _ in zip(ascii_lowercase, filter(None, matrix), strict=False)),
    ]
    fields = [line for line in lines[appendix + 2 :] if line and not line.startswith("Request to")]
    found += ["psow/appendix-a"]
    found += [f"psow/appendix-a.{letter}" for letter, _ in zip(ascii_lowercase, fields, strict=False)]
    assert sorted(found) == sorted(listed("psow/"))
    assert len(found) == 90


def test_wrexham(document):
    text = document("003").split("1. INTRODUCTION AND DEFINITIONS\n")[1]
    text = text.replace("- In the very small number", "- 5.1 In the very small number")  # printed without its number
    assert sorted(numbered_with_bullets("wrexham", text.splitlines())) == sorted(listed("wrexham/"))


def test_easy_read_has_a_clause_for_every_paragraph(document):
    headings = {
        "Difficult behaviour", "Being unreasonable", "Ending a telephone call", "Working with customers in another way",
        "How we decide to deal with difficult behaviour", "Appealing a decision", "Reviewing a decision",
        "For more information", "Post:",
    }  # fmt: skip
    body = document("001").rsplit("\nIntroduction\n", 1)[1]
    paragraphs = [block.strip() for block in re.split(r"\n\s*\n", body) if block.strip()]
    told = [block for block in paragraphs if block not in headings]
    assert len(told) == sum(i.startswith("psow/easy-read/") for i in LISTED)


def test_adra_has_every_bullet_of_every_list(document):
    found, at, section = [], None, ""
    lists = {
        "Everyone has the right": "4.1", "Adra is committed": "4.2", "**Before** deciding": "6.before",
        "**When** it is": "6.when", "The following are reasonable": "6.m", "Adra will keep adequate": "13",
    }  # fmt: skip
    for line in document("002").split("## 2. PURPOSE")[1].splitlines():
        if heading := re.match(r"^#+ \**(\d+)\.", line):
            section, at = heading[1], None
            found.append(f"adra/{section}")
        at = next((name for start, name in lists.items() if line.startswith(start)), at)
        if BULLET.match(line):
            found.append(f"adra/{at}.{ascii_lowercase[sum(f.startswith(f'adra/{at}.') for f in found)]}")
    lettered = {i for i in listed("adra/") - {"adra/6.m"} if re.search(r"\.[a-z]$", i)}
    assert {i for i in found if re.search(r"\.[a-z]$", i)} == lettered
    assert {i for i in found if i.count("/") and i.split("/")[1].isdigit()} - listed("adra/") <= {"adra/4"}
    assert len(lettered) == 50


PHSO = {
    "respect": "respect and dignity:|empathy:|equality:",
    "process": "details about the incident|the stage in our|the end date of",
    "ask": "We will tell people|We will ask if there",
    "warn": "the behaviour continues, happens|Where possible, we will follow|Warnings will stay",
    "manage": "only allowing contact|meeting with the person|returning correspondence|asking for a behaviour"
    "|restricting contact to|not providing direct|explaining that we will read|physically returning"
    "|restricting the issues|restricting the time|extending the time|blocking emails|communicating through|a ‘time out’",
    "Supporting": "connecting them|referring them|making sure they|the manager taking over",
    "demands": "asking for responses|demanding to speak|persistent or too much|raising the same|unfair or vexatious"
    "|repeatedly changing|refusing to accept",
    "contact": "contacting us repeatedly|repeatedly sharing copies|changing the way",
    "refusing": "refusing to give us information or evidence|not giving us a summary|not giving us comments"
    "|not agreeing to a|going over the same",
    "overbearing": "talking over|recording people|manipulative behaviour|threats of self-harm",
    "aggressive": "verbal abuse|degrading, patronising|rudeness|being increasingly|making allegations|comments or actions that subtly",
    "zero": "threats (including implied)|sexual harassment|‘doxing’|cyber stalking|unwanted gifts|looking for or approaching"
    "|identity theft",
}
"""How each bullet begins, in the document's order: its bullets were lost when it was scanned."""


def test_phso_has_every_bullet_in_the_order_of_the_document(document):
    text, at, found = document("004"), 0, set()
    for name, starts in PHSO.items():
        for letter, start in zip(ascii_lowercase, starts.split("|"), strict=False):
            at = text.index(start, at) + 1
            found.add(f"phso/{name}.{letter}")
    assert found == {i for i in listed("phso/") if re.fullmatch(r"phso/\w+\.[a-z]", i)}
    marked = re.findall(r"^\s?(?:[eo¢]|\|) .+|^e \|f", text, re.MULTILINE)
    assert len(found) + 3 >= len(marked)  # the sub-bullets of `ask` and of the aggressive intro are named apart


def test_every_clause_that_the_register_names_is_there(shared_dir):
    register = (shared_dir / "policies" / "REGISTER.md").read_text("utf-8")
    named = re.findall(r"\b(?:psow|adra|wrexham|phso)/[\w.]+[\w]", register.split("## Behaviours")[1])
    whole = {"psow/12": "psow/12.1", "psow/13": "psow/13.1", "phso/Equality": "phso/Equality"}
    missing = {i for i in named if whole.get(i, i) not in LISTED and f"{i}.a" not in LISTED}
    assert not missing
