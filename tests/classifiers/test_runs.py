"""The heaviest run of words: where it stands, and which of several alike."""

import numpy as np

from classifiers.features import BUCKETS, csr
from classifiers.runs import heaviest_runs

IDF = np.ones(BUCKETS, np.float32)


def _weights(**words: int) -> np.ndarray:
    weights = np.zeros((BUCKETS, 1), np.int8)
    for word, weight in words.items():
        weights[csr([word], IDF)[1]] = weight
    return weights


def _run(text: str, weights: np.ndarray) -> str | None:
    ((found,),) = heaviest_runs([text], IDF, weights, [np.ones((1, 1))])
    return None if found is None else text[found[0] : found[1]]


def test_a_run_is_the_words_that_weigh_with_what_stands_between_them() -> None:
    weights = _weights(heavy=100, words=100, lightly=-3)
    assert _run("you said — ŵyn — heavy, heavy words, lightly", weights) == "heavy, heavy words"


def test_of_two_runs_alike_the_first_is_taken() -> None:
    weights = _weights(heavy=100, lightly=-120)
    text = "so heavy lightly lightly lightly lightly so heavy"
    assert heaviest_runs([text], IDF, weights, [np.ones((1, 1))]) == [[(3, 8)]]


def test_where_no_word_adds_anything_there_is_no_run() -> None:
    assert _run("nothing here", _weights()) is None
    assert _run("... !", _weights(heavy=100)) is None
    assert _run("lightly", _weights(lightly=-10)) is None


def test_each_column_has_its_own_run() -> None:
    weights = np.concatenate([_weights(heavy=100), _weights(words=100)], axis=1)
    text = "heavy and other words"
    (runs,) = heaviest_runs([text], IDF, weights, [np.eye(2)])
    assert [None if run is None else text[run[0] : run[1]] for run in runs] == ["heavy", "words"]


def test_texts_looked_at_together_are_looked_at_apart() -> None:
    weights = _weights(heavy=100)
    texts = ["ŵ heavy", "", "heavy ŵ", "ŵ", "ŵŵ heavy heavy"]
    together = heaviest_runs(texts, IDF, weights, [np.ones((1, 1))] * len(texts))
    assert together == [heaviest_runs([text], IDF, weights, [np.ones((1, 1))])[0] for text in texts]
    assert together == [[(2, 7)], [None], [(0, 5)], [None], [(3, 14)]]
