"""The documentation: generated pages fresh, links whole, every dependency and decision told."""

import re

import pytest

from bot.cli import COMMANDS
from tests.docs import generate

ROOT = generate.ROOT
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_the_page_of_commands_is_up_to_date():
    assert generate.PAGE.read_text("utf-8") == generate.page(), "run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_commands_in_the_docs_exist(page):
    known = {words[0] for words in generate.COMMANDS}
    for name in re.findall(r"^porthor (\w+)", page.read_text("utf-8"), re.MULTILINE):
        assert name in known
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for name in re.findall(r"^make (\w+)", page.read_text("utf-8"), re.MULTILINE):
        assert name in targets


def test_every_command_has_its_help_on_the_page():
    assert {words[0] for words in generate.COMMANDS} == set(COMMANDS)


def test_every_dependency_has_its_line():
    text = (ROOT / "docs" / "reference" / "dependencies.md").read_text("utf-8")
    for name in ("base", "dev"):
        for line in (ROOT / "requirements" / f"{name}.in").read_text("utf-8").splitlines():
            if line and not line.startswith("-"):
                package = re.split("[][<>=]", line)[0]
                assert re.search(rf"\b{re.escape(package)}\b", text), line


def test_requirements_are_pinned_hashed_and_name_no_index():
    for name in ("base", "dev"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
        assert "--index-url" not in text
        assert "http://" not in text
        assert "https://" not in text
        pins = re.findall(r"^[a-z0-9._-]+==", text, re.MULTILINE)
        assert len(pins) > 50
        assert text.count("--hash=sha256:") > len(pins)


def test_the_settings_page_names_every_variable():
    text = (ROOT / "docs" / "reference" / "settings.md").read_text("utf-8")
    source = "".join(path.read_text("utf-8") for path in (ROOT / "bot").rglob("*.py"))
    for name in set(re.findall(r'environment\.get\("([A-Z_]+)"|environ\.get\("([A-Z_]+)"', source)):
        assert next(filter(None, name)) in text
