"""What every page of a demonstration says at its head, in both languages whatever the page's own."""

from review_queue import i18n


def banner() -> tuple[tuple[str, str], ...]:
    """Return language and words, Welsh first."""
    return tuple((language, _words(language)) for language in ("cy", "en"))


def _words(language: str) -> str:
    _ = i18n.gettext_of(language)
    return _(
        "Demonstration: every message is invented, nothing is connected, and all of it is removed at the next start."
    )
