"""The settings shown for the social platforms are whole and true: each parses, names every option, and opens."""

import re
import tomllib

import pytest

from bot.settings import FileSettings
from connectors.base import Place
from connectors.registry import connector_class
from models.domain import Connection
from tests.docs.generate import ROOT

KINDS = ("facebook", "instagram", "mastodon", "x", "youtube")
PAGES = {kind: (ROOT / "docs" / "how-to" / f"connect-{kind}.md").read_text("utf-8") for kind in KINDS}
BLOCKS = [(kind, block) for kind, page in PAGES.items() for block in re.findall(r"```toml\n(.*?)```", page, re.DOTALL)]


@pytest.mark.parametrize(("kind", "block"), BLOCKS, ids=lambda part: part if part in PAGES else "toml")
def test_the_settings_shown_open_a_connection(kind, block, tmp_path, now):
    (shown,) = FileSettings.model_validate(tomllib.loads(block)).connection
    assert shown.kind == kind
    asked = []
    place = Place(tmp_path, lambda reference: asked.append(reference) or "a secret", lambda: now)
    wanted = connector_class(kind)
    connector = wanted.open(Connection(shown.name, kind, shown.org), shown.options(wanted.options), place)
    assert connector.can()
    assert asked
    assert all(re.match(r"(env|file):", reference) for reference in asked)


@pytest.mark.parametrize("kind", sorted(PAGES))
def test_every_option_has_its_row(kind):
    rows = set(re.findall(r"^\| `(\w+)`", PAGES[kind], re.MULTILINE))
    assert rows | {"old_api"} == set(connector_class(kind).options.model_fields) | {"old_api"}
