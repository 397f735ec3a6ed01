"""How easily English is read: the Flesch-Kincaid grade, and sentences that are too long for Easy Read in any language.

Source: Kincaid and others 1975; syllables are counted by vowel groups, which errs on the side of more.
"""

import re
from collections.abc import Iterable

from models.letters.blocks import Bullets, Heading, Letter, Paragraph

WORDS_AT_MOST = 15
GRADE_AT_MOST = 4.0
"""A reading age of nine: grade plus five."""
_SENTENCE = re.compile(r"[^.!?:\n]+(?:[.:](?=\d)[^.!?:\n]+)*")
_WORD = re.compile(r"[^\W_]+(?:[’'\-&@./:][^\W_]+)*")
_VOWELS = re.compile(r"[aeiouy]+")
_SILENT = re.compile(r"(?:[^laeiouy]es|[^dtaeiouy]ed|[^laeiouy]e)$")


def sentences(letter: Letter, *, own_words: bool = True) -> list[str]:
    """Return the sentences of a letter's paragraphs, lists and headings; addresses and quotations are not prose."""
    found: list[str] = []
    for block in letter.blocks():
        match block:
            case Heading(text):
                found += split(text)
            case Paragraph(text=text) if own_words or block.key != "why":
                found += split(text)
            case Bullets(items=items):
                found += [sentence for item in items for sentence in split(item)]
            case _:
                pass
    return found


def split(text: str) -> list[str]:
    """Return the sentences of a text."""
    return [found for match in _SENTENCE.finditer(text) if (found := match[0].strip()) and _WORD.search(found)]


def words(text: str) -> list[str]:
    """Return the words of a text."""
    return _WORD.findall(text)


def too_long(found: Iterable[str]) -> list[str]:
    """Return the sentences of more than fifteen words."""
    return [sentence for sentence in found if len(words(sentence)) > WORDS_AT_MOST]


def grade(found: Iterable[str]) -> float:
    """Return the Flesch-Kincaid grade of English sentences, 0 for none."""
    listed = [words(sentence) for sentence in found]
    spoken = [word for sentence in listed for word in sentence]
    if not spoken:
        return 0.0
    each = sum(syllables(word) for word in spoken) / len(spoken)
    return 0.39 * len(spoken) / len(listed) + 11.8 * each - 15.59


def syllables(word: str) -> int:
    """Return about how many syllables an English word has; a number counts as one."""
    lower = word.lower()
    if lower.isdigit():
        return 1
    count = len(_VOWELS.findall(lower))
    return max(1, count - 1 if count > 1 and _SILENT.search(lower) else count)
