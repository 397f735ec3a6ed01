"""What the shipped models were trained on: only sets whose licence allows it, and nothing that judges them."""

import json
from importlib import resources

from classifiers.train import sources


def test_sets_of_unclear_licence_measure_and_are_never_trained_on():
    trained = {entry[0] for entries in sources.PUBLIC.values() for entry in entries}
    assert not trained & set(sources.EVALUATE_ONLY)


def test_the_shipped_heads_name_no_set_that_only_measures():
    card = json.loads((resources.files("classifiers") / "artefacts" / "linear.json").read_text("utf-8"))
    named = {name for sets in card["sets"].values() for name in sets}
    assert named
    assert not named & {*sources.EVALUATE_ONLY, "welsh_toxigen", "welsh_obscenities", "csdmc2010_raw", "sts_pairs"}
