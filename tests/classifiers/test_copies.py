"""Copies and look-alikes: slips, order, greeting and signature leave a text the same; another fact makes another text."""

import json
import random
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.quality.edited import EDITS
from classifiers.copies import alike
from classifiers.known import is_known
from classifiers.slips import is_mutation
from classifiers.train import sources
from classifiers.wording import wording_of

OWN = Path(sources.__file__).parent / "own"
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
SHORT = "Bins not emptied again in Stryd Fawr this week"
LONG = (
    "The damp in my back bedroom was reported on 5 February under reference REP-20417 and nobody has been to look at it. "
    "My daughter has asthma and sleeps there. The surveyor promised a visit before the end of the month, and then he did not come."
)


@pytest.mark.parametrize(
    "copy",
    [
        "bins not emptied again in stryd fawr this week!!!",
        "Bins not empteid again in Styrd Fawr this wek",
        "Hi there, bins not emptied again in Stryd Fawr this week. Regards, Huw",
        "Bins not emptied again in Stryd Fawr this week\n\nNia Pugh\nTel: 01632 960123",
        "> Bins not emptied again in Stryd Fawr this week",
        "@wrecsam Bins not emptied again in Stryd Fawr this week",
    ],
)
def test_a_short_text_typed_again_is_the_same(copy):
    assert alike(SHORT, copy, 0.7)
    assert alike(copy, SHORT, 0.7)


@pytest.mark.parametrize(
    "other",
    [
        "Bins not emptied again in Stryd Newydd this week",
        "Lamps not mended again in Stryd Fawr this week",
        "Bins emptied again in Stryd Fawr this week",
        "Bins not emptied again in Stryd Fawr this week, three of us rang and a man swore at my wife",
        "Bins",
        "",
    ],
)
def test_a_changed_place_thing_or_negation_is_another_matter(other):
    assert not alike(SHORT, other, 0.7)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("My flat at number 12 floods when it rains", "My flat at number 14 floods when it rains"),
        ("I can come on Tuesday to see the officer", "I can't come on Tuesday to see the officer"),
        ("Two visits were missed by your plumber", "Three visits were missed by your plumber"),
        ("Will it be a party without a genuine birthday", "Will it be a birthday without a genuine party"),
    ],
)
def test_another_number_or_order_of_words_is_another_matter(one, two):
    assert not alike(one, two, 0.7)


def test_a_long_letter_stays_the_same_with_a_sentence_more_and_not_when_most_is_new():
    assert alike(LONG, f"{LONG} PS the ceiling has come down since.", 0.7)
    assert not alike(
        LONG, LONG.partition(". ")[0] + ". " + "Quite another thing is the parking in our street. " * 8, 0.7
    )


def test_both_ways_of_saying_no_and_mutated_words_are_the_same():
    assert alike("I do not accept what you decided", "i dont accept what you decided", 0.7)
    assert alike("Mae'r tamprwydd yn y gegin eto, trydydd tro", "Mae'r damprwydd yn y cegin eto, drydydd tro", 0.7)
    assert is_mutation("cwyn", "gwyn")
    assert is_mutation("tad", "dad") is False
    assert not is_mutation("llythyr", "cyngor")


@settings(deadline=None)
@given(st.text(max_size=120), st.text(max_size=120))
def test_likeness_goes_both_ways_and_every_text_is_its_own_copy(one, two):
    assert alike(one, two, 0.7) == alike(two, one, 0.7)
    assert alike(one, one, 0.7) == bool(one.strip())
    assert len(wording_of(one).words) == len(wording_of(one).units)


def test_edited_copies_of_our_own_messages_are_found_and_others_are_not():
    draw = random.Random(3)
    texts = draw.sample([row.text for row in _own() if row.text.strip()], 150)
    for name, edit in EDITS.items():
        found = sum(alike(edit(text, draw), text, 0.7) for text in texts)
        assert found >= 0.97 * len(texts), name
    assert not any(alike(one, two, 0.7) for one, two in pairwise(texts))


def _own():
    for path in sorted(OWN.glob("*.jsonl")):
        for line in path.read_bytes().splitlines():
            yield sources._domain_row(json.loads(line), path.stem)


@pytest.mark.shared
def test_merely_similar_sentences_are_hardly_ever_merged():
    if not (DATA / "sts_pairs").is_dir():
        pytest.skip("the sentence pairs beside the project are absent")
    pairs = [row for row in sources.rows(DATA, "sts_pairs") if row["label"] == "different"]
    merged = sum(alike(row["text"], row["text_b"], 0.7) for row in pairs)
    assert merged <= 0.001 * len(pairs)


def test_common_words_of_both_languages_are_known_and_slips_are_not():
    assert all(map(is_known, ("council", "reported", "cyngor", "llythyr")))
    assert not any(map(is_known, ("cuoncil", "reprted", "llythr")))
