"""The campaign index: it finds what reading everything finds, ages, and takes over what came meanwhile."""

import random
from datetime import timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.campaigns import CampaignIndex
from classifiers.segments import SAME_NIBBLES
from classifiers.signatures import SKETCH_WORDS, is_current, signature, unpacked
from tests.classifiers.texts import NOW

LETTER = "The damp in my back bedroom was reported on 5 February under reference REP-20417 and nobody has been to look at it."
WORDS = (
    "bin damp council nobody letter road boiler school tree noise parking rent ombudsman tenant bridge window garden "
    "dog lamp street play area winter leak roof officer answer weeks again never cwyn tamprwydd ateb stryd ysgol".split()
)


def nibbles(blob):
    sketch = unpacked(blob).sketch
    return [int(sketch[at // 16]) >> 4 * (at % 16) & 15 for at in range(16 * SKETCH_WORDS)]


def brute(blob, known):
    """Say what must be found, reading everything: a shared band and a like sketch, or a shared link or sentence."""
    mine, out = unpacked(blob), []
    for message_id, other in known:
        theirs = unpacked(other)
        band = any(a == b for a, b in zip(mine.keys.tolist(), theirs.keys.tolist(), strict=True))
        same = sum(a == b for a, b in zip(nibbles(blob), nibbles(other), strict=True))
        if (band and same >= SAME_NIBBLES) or set(mine.wholes.tolist()) & set(theirs.wholes.tolist()):
            out.append(message_id)
    return out


def made_up(draw, count):
    """Return messages of which some are edits of others."""
    texts = []
    for _ in range(count):
        if texts and draw.random() < 0.4:
            words = draw.choice(texts).split()
            words[draw.randrange(len(words))] = draw.choice(WORDS)
            texts.append(" ".join(words))
        else:
            texts.append(" ".join(draw.choices(WORDS, k=draw.randrange(3, 30))))
    return texts


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 90), st.sampled_from([(2, 2, 16), (4, 3, 36), (8, 8, 64)]))
def test_the_index_finds_what_reading_everything_finds(seed, count, sizes):
    draw = random.Random(seed)
    blobs = [(number, signature(text)) for number, text in enumerate(made_up(draw, count))]
    index = CampaignIndex(*sizes)
    index.add_many((number, NOW, blob) for number, blob in blobs)
    assert len(index) == count
    for _, blob in draw.sample(blobs, min(10, count)):
        assert index.neighbours(blob) == brute(blob, blobs)


def test_the_index_finds_copies_and_shared_links():
    index = CampaignIndex()
    for number, text in enumerate(
        (LETTER, "Is this real? https://grant.example.net/w", "something else entirely about dogs on the beach"), 1
    ):
        index.add(number, NOW, signature(text))
    assert index.neighbours(signature(LETTER + " Thanks.")) == [1]
    assert index.neighbours(signature("Look at https://grant.example.net/w")) == [2]
    assert index.neighbours(signature("")) == []


def test_the_index_finds_a_template_inside_a_much_longer_letter():
    index = CampaignIndex()
    index.add(1, NOW, signature(LETTER))
    own = " ".join(f"Point {n} of mine concerns quite another side of the house." for n in range(12))
    assert index.neighbours(signature(f"{LETTER} {own}")) == [1]
    assert index.neighbours(signature(own)) == []


def test_what_left_the_window_is_neither_told_nor_kept():
    index = CampaignIndex(2, 2, 4)
    for number in range(8):
        index.add(number, NOW + timedelta(days=number), signature(LETTER))
    assert index.neighbours(signature(LETTER), NOW + timedelta(days=6)) == [6, 7]
    index.forget_before(NOW + timedelta(days=4))
    assert len(index) == 4
    assert index.neighbours(signature(LETTER)) == [4, 5, 6, 7]


def test_a_built_index_takes_over_what_came_meanwhile():
    built, meanwhile = CampaignIndex(2, 2, 8), CampaignIndex(2, 2, 8)
    for number in range(5):
        built.add(number, NOW, signature(f"{LETTER} {number}"))
    for number in range(5, 10):
        meanwhile.add(number, NOW, signature(f"{LETTER} {number}"))
    built.absorb(meanwhile)
    assert (len(built), len(meanwhile)) == (10, 0)
    assert built.neighbours(signature(LETTER)) == list(range(10))


def test_a_crowd_of_copies_is_told_by_its_newest():
    index = CampaignIndex(16, 4, 256)
    for number in range(400):
        index.add(number, NOW, signature(LETTER))
    found = index.neighbours(signature(LETTER))
    assert found[-1] == 399
    assert len(found) < 300


@settings(deadline=None)
@given(st.text(max_size=80))
def test_signatures_are_the_same_each_time_and_of_this_version(text):
    blob = signature(text)
    assert blob == signature(text)
    assert is_current(blob)
    assert (unpacked(blob) is None) == (blob == b"")
    assert unpacked(b"\x01" + blob[1:]) is None
    assert not is_current(b"\x01")
    assert np.array_equal(unpacked(blob).keys, unpacked(signature(text)).keys) if blob else True
