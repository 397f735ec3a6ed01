"""Hashing all texts of a group at once gives what hashing them byte by byte would."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from classifiers.hashing import GROUP_BYTES, IN_WORD, gram_places, grouped, words_of

PRIME, LIMIT = 1099511628211, 1 << 64
TEXTS = st.lists(st.text(alphabet="ab1'# .-é世", max_size=30), max_size=8)


def _fnv(raw: bytes, seed: int) -> int:
    for byte in raw:
        seed = (seed ^ byte) * PRIME % LIMIT
    return seed


def _split(raw: bytes) -> list[bytes]:
    return bytes(byte if IN_WORD[byte] else 32 for byte in raw).split()


def _grams(word: bytes) -> list[int]:
    padded = b" " + word + b" "
    parts = [padded[at : at + size] for size in (3, 4, 5) for at in range(len(padded) - size + 1)]
    return [(_fnv(part, 7) * 0x9E3779B97F4A7C15 % LIMIT) >> 39 for part in parts]


@given(TEXTS)
def test_words_and_grams_are_those_of_each_text(texts: list[str]) -> None:
    at = 0
    for packed in grouped(texts):
        inside = IN_WORD[packed.buffer]
        words = words_of(packed.buffer, inside)
        mine = packed.texts[words.starts]
        grams, owners = gram_places(packed.buffer, inside, packed.texts)
        for number, text in enumerate(texts[at : at + packed.count]):
            plain = _split(text.encode())
            assert words.hashes[mine == number].tolist() == [_fnv(word, 1469598103934665603) for word in plain]
            wanted = [gram for word in plain for gram in _grams(word)]
            assert sorted(grams[owners == number].tolist()) == sorted(wanted)
        at += packed.count
    assert at == len(texts)


def test_a_word_is_paired_with_the_one_before_it_in_its_own_text_only() -> None:
    (packed,) = grouped(["un dau", "dau", "un dau"])
    words = words_of(packed.buffer, IN_WORD[packed.buffer])
    one, two, alone, *again = words.pairs(packed.texts[words.starts]).tolist()
    assert again == [one, two]
    assert alone != two


def test_a_long_text_is_packed_alone_and_none_is_lost() -> None:
    texts = ["a", "b" * GROUP_BYTES, "", "c", "\ud800"]
    packed = list(grouped(texts))
    assert [group.count for group in packed] == [1, 1, 3]
    assert packed[-1].buffer.tobytes().split() == [b"c", b"?"]


def test_no_group_holds_more_texts_than_fourteen_bits_tell_apart() -> None:
    assert max(group.count for group in grouped([""] * (GROUP_BYTES * 3))) <= GROUP_BYTES
    assert not list(grouped([]))


def test_no_words_no_grams() -> None:
    (packed,) = grouped(["", "... !"])
    inside = IN_WORD[packed.buffer]
    assert len(words_of(packed.buffer, inside).starts) == 0
    assert all(len(part) == 0 for part in gram_places(packed.buffer, inside, packed.texts))
    assert np.all(packed.texts[:-4] <= 1)
