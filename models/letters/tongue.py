"""The two languages of letters: pairs of sentences, dates, counted times, and channels as phrases that stand unchanged."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from models.domain import Channel
from models.measures.ladder import in_words

Language = Literal["en", "cy"]
STANDARD, EASY = "standard", "easy-read"


@dataclass(frozen=True, slots=True)
class Say:
    """A sentence in both languages. What is filled in stands where no Welsh mutation can reach it."""

    en: str
    cy: str

    def put(self, language: Language, **values: object) -> str:
        """Return the sentence in `language` with its values; braces in a value are only text."""
        text = self.en if language == "en" else self.cy
        return text.format(**values) if values else text


def day(on: date, language: Language) -> str:
    """Return a day as people write it."""
    words = in_words(on)
    return words.en if language == "en" else words.cy


_BY: dict[Channel, Say] = {
    Channel.TELEPHONE: Say("by telephone", "dros y ffôn"),
    Channel.EMAIL: Say("by email", "drwy e-bost"),
    Channel.LETTER: Say("by letter", "drwy lythyr"),
    Channel.VISIT: Say("by coming to our office", "drwy ddod i'n swyddfa"),
    Channel.MEETING: Say("in a meeting", "mewn cyfarfod"),
    Channel.X: Say("on X", "ar X"),
    Channel.BLUESKY: Say("on Bluesky", "ar Bluesky"),
    Channel.MASTODON: Say("on Mastodon", "ar Mastodon"),
    Channel.FACEBOOK: Say("on Facebook", "ar Facebook"),
    Channel.INSTAGRAM: Say("on Instagram", "ar Instagram"),
    Channel.YOUTUBE: Say("on YouTube", "ar YouTube"),
}
WEEKDAYS = (
    Say("Monday", "dydd Llun"), Say("Tuesday", "dydd Mawrth"), Say("Wednesday", "dydd Mercher"),
    Say("Thursday", "dydd Iau"), Say("Friday", "dydd Gwener"), Say("Saturday", "dydd Sadwrn"),
    Say("Sunday", "dydd Sul"),
)  # fmt: skip


def by(channel: Channel, language: Language) -> str:
    """Return how a channel is used, `by telephone`."""
    return _BY[channel].put(language)


def capital(text: str) -> str:
    """Return a text that begins with a capital letter."""
    return text[:1].upper() + text[1:]


def alternatives(phrases: Iterable[str], language: Language) -> str:
    """Return phrases joined by `or`; `neu` stands only before prepositional phrases, which it leaves as they are."""
    found = list(phrases)
    if len(found) < 2:
        return "".join(found)
    return ", ".join(found[:-1]) + (" or " if language == "en" else " neu ") + found[-1]


def months(count: int, language: Language) -> str:
    """Return a number of months."""
    if language == "en":
        return "1 month" if count == 1 else f"{count} months"
    return f"{count} fis" if count == 2 else f"{count} mis"


def days(count: int, language: Language) -> str:
    """Return a number of days."""
    if language == "en":
        return "1 day" if count == 1 else f"{count} days"
    return f"{count} ddiwrnod" if count == 2 else f"{count} diwrnod"


def working_days(count: int, language: Language) -> str:
    """Return a number of working days."""
    if language == "en":
        return "1 working day" if count == 1 else f"{count} working days"
    return f"{days(count, 'cy')} gwaith"


def minutes(count: int, language: Language) -> str:
    """Return a number of minutes."""
    if language == "en":
        return "1 minute" if count == 1 else f"{count} minutes"
    return f"{count} funud" if count == 2 else f"{count} munud"
