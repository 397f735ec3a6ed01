"""The examples of a pack: messages with what should become of them, tried on the classifiers and the pack's own rules."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from bot.cli.errors import CommandError
from classifiers.calibration import reference_certificate
from classifiers.registry import Registry, joined
from models.domain import Action, Author, Channel, Message, MessageKey, Mode
from models.policy.decide import decide
from models.policy.history import HistoryView
from models.policy.in_force import PolicyInForce
from models.policy.schema import Pack

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


class Example(BaseModel):
    """One message and what is expected: `clauses` are cited among others, `never` are actions that must not be taken."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    channel: Channel = Channel.EMAIL
    handling: tuple[Literal["deliver", "review", "enforce", "urgent"], ...]
    clauses: tuple[str, ...] = ()
    never: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class Tried:
    """An example and everything in which it came out otherwise."""

    number: int
    example: Example
    problems: tuple[str, ...]


def read_examples(path: Path) -> list[Example]:
    """Return the examples of a YAML file, a list.

    Raises:
        CommandError: It cannot be read, or an example is not in order; the message says which and why.
    """
    try:
        found = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise CommandError(f"{path}: the examples cannot be read: {error}") from error
    if not isinstance(found, list) or not found:
        raise CommandError(f"{path}: examples are a list, each with text and handling")
    examples = []
    for number, entry in enumerate(found, 1):
        try:
            examples.append(Example.model_validate(entry))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise CommandError(f"{path}: example {number}: {where}: {first['msg']}") from error
    return examples


def try_all(pack: Pack, examples: list[Example], registry: Registry) -> list[Tried]:
    """Classify and decide each example by itself under the reference certificate."""
    policy = PolicyInForce(pack, reference_certificate(), Mode.ENFORCE)
    history = HistoryView.empty()
    sent = [
        Message(MessageKey("examples", str(n)), e.channel, pack.id, Author(f"author{n}@example.org"), e.text, NOW)
        for n, e in enumerate(examples, 1)
    ]
    tried = []
    for number, (example, message, found) in enumerate(zip(examples, sent, registry.classify(sent), strict=True), 1):
        patterns, failed = registry.detect(message, found.signals, history, pack.limits)
        signals = tuple(joined(found.signals, patterns))
        decision = decide(message, signals, history, policy, NOW, found.missing | failed)
        wrong = []
        if decision.handling not in example.handling:
            wrong.append(f"is {decision.handling}, not {' or '.join(example.handling)}: {decision.why.en}")
        wrong += [f"does not cite {name}" for name in example.clauses if name not in decision.clauses]
        wrong += [f"does {action.value}" for action in example.never if action in decision.actions]
        tried.append(Tried(number, example, tuple(wrong)))
    return tried
