"""The built-in example: every mail reads back, every part is exercised, in both languages."""

from pathlib import Path

from bot.example import connections, staff_file
from classifiers.registry import Registry
from classifiers.staff import StaffDirectory
from connectors.files import FilesConnector, FilesOptions
from models.domain import Connection, Nature


def test_the_example_exercises_every_part(tmp_path: Path):
    items = []
    for wanted in connections():
        own = Connection(wanted.name, wanted.kind, wanted.org, wanted.mode, wanted.own_addresses)
        connector = FilesConnector(own, wanted.options(FilesOptions), tmp_path)
        items += [item.message for batch in connector.fetch(None) for item in batch.items]
    assert len(items) > 150
    assert {item.org for item in items} == {"psow", "adra", "wrexham", "phso"}
    natures = {item.nature for item in items}
    assert {Nature.ORDINARY, Nature.AUTOMATIC, Nature.OPAQUE} <= natures
    found = Registry.default(StaffDirectory.from_csv(staff_file())).classify(items)
    assert {one.lang for one in found} == {"en", "cy", "mixed"}
    labels = {signal.label for one in found for signal in one.signals if signal.probability >= 0.4}
    for family in ("abuse.insult", "abuse.threat", "abuse.identity_hate", "abuse.sexual", "spam", "spam.phishing", "links.excessive", "doxing.staff_details",
                   "doxing.own_details", "welfare.self_harm", "welfare.emergency", "welfare.safeguarding", "rights.request", "demand.deadline"):  # fmt: skip
        assert family in labels
