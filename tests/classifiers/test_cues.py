"""Cues: what their notation means, and that the words which make a phrase possible let every phrase through."""

import pytest

from classifiers.cues import CueSet, cue, load_cues, words_in

FILES = ("welfare", "rights", "demands")


def _found(phrase: str, text: str) -> bool:
    return bool(CueSet([cue("welfare.emergency", 1.0, phrase)]).find(text, words_in(text)))


@pytest.mark.parametrize(
    ("phrase", "text", "holds"),
    [
        ("i've|has autism", "ive autism", True),
        ("i've|has autism", "i've autism", True),
        ("i've|has autism", "i have autism", False),
        ("go_on", "cannot go on", True),
        ("go_on", "cannot go_on", False),
        ("suffer* ..2 pain", "suffering in pain", True),
        ("'da gryd", "gyda gryd", False),
        ("'da gryd", "mae 'da gryd", True),
        ("od'd", "he odd", True),
        ("kill my? self", "kill self", True),
        ("kill my? self", "skill my self", False),
    ],
)
def test_the_notation(phrase: str, text: str, holds: bool) -> None:
    assert _found(phrase, text) is holds


@pytest.mark.parametrize("name", FILES)
def test_every_choice_of_every_phrase_is_let_through(name: str) -> None:
    """The words that spare most texts a look must stand in whatever the expressions find."""
    cues = load_cues(name)
    assert cues.cues
    for one in cues.cues:
        tokens = [token.removesuffix("?").split("|") for token in one.phrase.split() if not token.startswith("..")]
        for place, choices in enumerate(tokens):
            for choice in choices:
                written = [
                    *(words[0] for words in tokens[:place]),
                    choice,
                    *(words[0] for words in tokens[place + 1 :]),
                ]
                for text in (_said(written), _said(written).replace("'", "")):
                    if one.expression.search(text):
                        found = {hit.cue for hit in cues.find(text, words_in(text))}
                        assert one in found, (one.phrase, text)


def _said(words: list[str]) -> str:
    return " ".join(word.replace("*", "es").replace("_", " ") for word in words)
