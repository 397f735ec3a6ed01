"""The statement as text and as a page of HTML to put on a website: Welsh first, English after it, no script and no style."""

from collections.abc import Iterator
from html import escape

from models.domain import Reason
from models.records.public.statement import Section, Statement

LANGUAGES = ("cy", "en")


def text(found: Statement) -> str:
    """Return it as plain text, Welsh first."""
    return f"\n{'-' * 60}\n\n".join("\n".join(_lines(found, language)) for language in LANGUAGES)


def _lines(found: Statement, language: str) -> Iterator[str]:
    yield _of(found.organisation, language)
    yield f"{_of(found.title, language)}\n"
    for section in found.sections:
        yield _of(section.heading, language).upper()
        yield from (_of(one, language) for one in section.says)
        yield from (f"  - {_of(one, language)}" for one in section.listed)
        yield from (_of(one, language) for one in section.after)
        yield ""
    yield f"{_of(found.made, language)}\n"


def html(found: Statement) -> str:
    """Return it as a whole page; each part says its language, so that it is read aloud rightly."""
    title = " / ".join(dict.fromkeys(escape(_of(found.title, language)) for language in LANGUAGES))
    parts = "\n".join(part(found, language) for language in LANGUAGES)
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>'
    return (
        f'<!doctype html>\n<html lang="cy">\n<head>{head}</head>\n<body>\n<main>\n{parts}\n</main>\n</body>\n</html>\n'
    )


def part(found: Statement, language: str) -> str:
    """Return one language of it as a section."""
    heads = f"<h1>{escape(_of(found.title, language))}</h1>\n<p>{escape(_of(found.organisation, language))}</p>"
    body = "\n".join(_section(section, language) for section in found.sections)
    return f'<section lang="{language}">\n{heads}\n{body}\n<p>{escape(_of(found.made, language))}</p>\n</section>'


def _section(section: Section, language: str) -> str:
    said = [f"<p>{escape(_of(one, language))}</p>" for one in section.says]
    listed = [f"<li>{escape(_of(one, language))}</li>" for one in section.listed]
    after = [f"<p>{escape(_of(one, language))}</p>" for one in section.after]
    whole = ["<ul>", *listed, "</ul>"] if listed else []
    return "\n".join([f"<h2>{escape(_of(section.heading, language))}</h2>", *said, *whole, *after])


def _of(words: Reason, language: str) -> str:
    return words.cy if language == "cy" else words.en
