"""A form as a list of questions, one a page, then a page to check the answers: nothing is kept until it is confirmed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from models.measures.dossier import Dossier
from models.policy.clocks import LONDON
from models.store.formal.desk import Desk, Done
from review_queue.numbers import number_in

Kind = str
LONG = 4000


def N_(text: str) -> str:  # noqa: N802 - the name by which texts are found for the catalogue
    """Mark a text for the catalogue; it is put into the reader's language where it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: `label` is looked up in the catalogue, `text` stands as it is (a clause, a name)."""

    value: str
    label: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One page of a form. `kind` is text, textarea, radios, checkboxes, date or time; `chosen` is ticked beforehand."""

    name: str
    label: str
    kind: Kind = "text"
    hint: str = ""
    options: tuple[Option, ...] = ()
    optional: bool = False
    about: str = ""
    chosen: tuple[str, ...] = ()


YES_NO = (Option("yes", N_("Yes")), Option("no", N_("No")))
STAND_IN = Question(
    "stand",
    N_("Do you decide in place of somebody of a higher grade, and why?"),
    "radios",
    options=(
        Option("no", N_("No, in my own grade")),
        Option("unavailable", N_("Yes: nobody of that grade is available")),
        Option("conflict", N_("Yes: there is a conflict of interest")),
    ),
)
"""Asked of those whose role may stand in for another."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What was answered so far; `seen` names the questions that were put, also those left empty."""

    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    seen: frozenset[str] = frozenset()

    def one(self, name: str) -> str:
        """Return a single answer, empty when there is none."""
        found = self.values.get(name, ())
        return found[0].strip()[:LONG] if found else ""

    def many(self, name: str) -> tuple[str, ...]:
        """Return all choices."""
        return tuple(value for value in self.values.get(name, ()) if value.strip())

    def yes(self, name: str) -> bool:
        """True when the answer is yes."""
        return self.one(name) == "yes"

    def numbers(self, name: str) -> tuple[int, ...]:
        """Return choices that are numbers."""
        return tuple(number for value in self.many(name) if (number := number_in(value)) is not None)

    def number(self, name: str) -> int | None:
        """Return a whole number, None when there is none."""
        found = self.one(name)
        return int(found) if found.isdecimal() and len(found) < 7 else None

    def day(self, name: str) -> date | None:
        """Return a date, None when there is none or it is no date."""
        try:
            return date.fromisoformat(self.one(name))
        except ValueError:
            return None

    def moment(self, name: str, time_name: str) -> datetime | None:
        """Return a London date and time as a moment."""
        day = self.day(name)
        try:
            clock = datetime.strptime(self.one(time_name) or "12:00", "%H:%M").time()  # noqa: DTZ007 - a time of day
        except ValueError:
            return None
        return None if day is None else datetime.combine(day, clock, tzinfo=LONDON)


@dataclass(frozen=True, slots=True)
class Context:
    """Whom a form is about and who fills it in; `about` is the number of what it acts on, 0 for nothing."""

    desk: Desk
    contact_id: int
    about: int
    file: Dossier
    language: str

    def clause(self, clause_id: str) -> str:
        """Return the words of a clause in the reader's language."""
        found = next((c.text for c in self.desk.pack.clauses if c.id == clause_id), None)
        return clause_id if found is None else f"{clause_id} {getattr(found, self.language)}"


@dataclass(frozen=True, slots=True)
class Form:
    """A form: what it is called, what it asks in view of what was answered, and what it does.

    `graded` forms take a decision that belongs to a grade, so that a stand-in says why they decide.
    """

    title: str
    questions: Callable[[Context, Answers], list[Question]]
    take: Callable[[Context, Answers], Done]
    consequence: Callable[[Context, Answers], str] = lambda _context, _answers: ""
    graded: bool = False


def wrong(question: Question, answers: Answers) -> str:
    """Return what is wrong with an answer, empty for nothing; the page says it in words."""
    given = [value for value in answers.many(question.name) if value.strip()]
    if not given:
        return "" if question.optional else "empty"
    known = {option.value for option in question.options}
    if question.kind in {"radios", "checkboxes"} and not set(given) <= known:
        return "unknown"
    if question.kind == "date" and answers.day(question.name) is None:
        return "no_date"
    if any(len(value) > LONG for value in given):
        return "long"
    return ""


def following(questions: Sequence[Question], answers: Answers, after: str) -> Question | None:
    """Return the next question that was not put yet, None when all were."""
    names = [question.name for question in questions]
    start = names.index(after) + 1 if after in names else 0
    rest = [*questions[start:], *questions[:start]]
    return next((question for question in rest if question.name not in answers.seen), None)
