"""How good the classifiers are, measured honestly: out of fold, or on sets that were never trained on."""

from classifiers.evaluate.report import evaluate, to_json, to_table

__all__ = ["evaluate", "to_json", "to_table"]
