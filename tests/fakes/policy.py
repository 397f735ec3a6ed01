"""A small pack with one clause of each sort, certificates, and short ways to make messages and signals."""

from datetime import UTC, datetime, timedelta

from models.domain import Action, Author, Channel, ChannelGroup, Message, MessageKey, Mode, Nature, Signal, Span
from models.labels import LABELS, Stance
from models.policy.certificate import Certificate
from models.policy.in_force import PolicyInForce
from models.policy.schema import Pack

NOW = datetime(2026, 3, 10, 10, 0, tzinfo=UTC)
HOLD = {"mail": ["quarantine"], "social": ["hide"]}


def _both(text: str) -> dict[str, str]:
    return {"en": text, "cy": f"{text} (cy)"}


def _clause(name: str, signals: list[dict[str, object]], severity: str, **more: object) -> dict[str, object]:
    return {
        "id": f"test/{name}",
        "text": _both(name),
        "kind": ["content"],
        "signals": signals,
        "severity": severity,
        "carried_by": ["classifier:abuse"],
        **more,
    }


def make_pack(**changes: object) -> Pack:
    """Return the small pack; `changes` replace its top-level fields."""
    fields: dict[str, object] = {
        "id": "test",
        "version": "1",
        "organisation": {"name": _both("Test body"), "short_name": _both("Test")},
        "documents": [{"id": "t", "title": _both("Policy"), "clause_prefix": "test/"}],
        "welsh_standard": "statutory",
        "roles": [{"id": "officer", "title": _both("Officer"), "rank": 1}],
        "authority": [],
        "ladder": {
            "steps": [{"id": "warn", "title": _both("Warn"), "clause": "test/insult"}],
            "zero_tolerance_skips_warning": True,
        },
        "clocks": {"review_within_months": 6},
        "appeal": {"exists": False, "clause": "test/insult"},
        "last_line": {"rule": "overridable", "clause": "test/insult"},
        "measures": [],
        "automation": {
            "max_false_action_rate": {"mail": 0.002, "social": 0.002},
            "block_at_once_for": ["abuse.threat", "spam"],
            "daily_quota": {"hide": 100, "quarantine": 100, "block": 10},
        },
        "clauses": [
            _clause("insult", [{"label": "abuse.insult"}], "medium", automatic=HOLD),
            _clause("repeated", [{"label": "abuse.insult", "items_at_least": 2}], "high"),
            _clause("threat", [{"label": "abuse.threat"}], "zero_tolerance", automatic=HOLD, urgent=True),
            _clause("sexist", [{"label": "abuse.identity_hate", "groups": ["sex"]}], "high", automatic=HOLD),
            _clause("rude", [{"label": "abuse.rudeness"}], "low"),
            _clause("online", [{"label": "doxing.third_party", "channels": ["social"]}], "high", automatic=HOLD),
            _clause("spam", [{"label": "spam"}], "low", automatic=HOLD),
            _clause("again", [{"label": "duplicate.same_contact"}], "low"),
        ],
    }
    return Pack.model_validate(fields | changes)


def make_certificate(
    act_at: float = 0.9, review_at: float = 0.5, upper: float = 0.001, **changes: object
) -> Certificate:
    """Return a certificate with one threshold for every label; only harm may be acted on."""
    groups = (ChannelGroup.MAIL, ChannelGroup.SOCIAL)
    fields: dict[str, object] = {
        "certificate_id": "test-cert",
        "basis": "reference",
        "model_version": "0",
        "issued_at": NOW - timedelta(days=1),
        "valid_until": None,
        "act": {(label, g): act_at for label, stance in LABELS.items() for g in groups if stance is Stance.HARM},
        "review": {(label, g): review_at for label in LABELS for g in groups},
        "false_action_upper": dict.fromkeys(groups, upper),
        "legitimate_n": dict.fromkeys(groups, 3000),
    }
    return Certificate(**(fields | changes))  # type: ignore[arg-type]


def in_force(mode: Mode = Mode.ENFORCE, certificate: Certificate | None = None, **pack: object) -> PolicyInForce:
    """Return the small pack in force under a certificate."""
    return PolicyInForce(make_pack(**pack), certificate or make_certificate(), mode)


def make_message(
    text: str = "Hello", channel: Channel = Channel.X, nature: Nature = Nature.ORDINARY, verified: bool = True
) -> Message:
    """Return a message of one author."""
    return Message(
        key=MessageKey("c1", "1"),
        channel=channel,
        org="test",
        author=Author("someone", verified=verified),
        own_text=text,
        received_at=NOW,
        nature=nature,
    )


def found(label: str, probability: float, target: str | None = None) -> Signal:
    """Return a signal of `label` over the first two characters."""
    return Signal(label, probability, "test", "1", (Span(0, 2),), target)


def hardest(actions: tuple[Action, ...]) -> int:
    """Return how hard the hardest of `actions` is; 0 for none."""
    return max((tuple(Action).index(action) for action in actions), default=0)
