"""The rules that always hold, as properties over every label, history, nature and mode."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from models.domain import ACTION_ORDER, Action, Attention, Channel, Mode, Nature, Signal
from models.labels import LABELS, RIGHTS, URGENT_WELFARE, Stance
from models.policy.decide import decide
from models.policy.history import EventKind, FormalEvent, HistoryView, PastMessage, RestrictionType, Standing
from models.policy.schema import Severity
from tests.fakes.policy import NOW, found, hardest, in_force, make_certificate, make_message

HARM = sorted(label for label, stance in LABELS.items() if stance is Stance.HARM)
PATTERNS = sorted(label for label, stance in LABELS.items() if stance is Stance.PATTERN)
probabilities = st.floats(0, 1)
targets = st.sampled_from([None, "staff", "group:sex", "group:race"])
signals = st.lists(
    st.builds(found, st.sampled_from(sorted(LABELS)), probabilities, targets), max_size=6, unique_by=lambda s: s.label
)
channels = st.sampled_from([Channel.EMAIL, Channel.X, Channel.FACEBOOK])
messages = st.builds(make_message, channel=channels, nature=st.sampled_from(Nature), verified=st.booleans())
pasts = st.builds(
    lambda days, label, p: PastMessage("p", NOW - timedelta(days=days), Channel.X, "someone", "t", signals={label: p}),
    st.floats(0, 400),
    st.sampled_from(sorted(LABELS)),
    probabilities,
)
events = st.builds(
    lambda days, kind, items: FormalEvent(
        EventKind.RESTRICTION, NOW - timedelta(days=days), restriction=kind, max_items=items, per_days=7
    ),
    st.floats(0, 300),
    st.sampled_from(RestrictionType),
    st.integers(0, 3),
)
histories = st.builds(
    lambda past, event, adjustment, professional: HistoryView(
        tuple(past), tuple(event), standing=Standing(adjustment, professional)
    ),
    st.lists(pasts, max_size=3),
    st.lists(events, max_size=2),
    st.booleans(),
    st.booleans(),
)
modes = st.sampled_from(Mode)
POLICIES = {mode: in_force(mode) for mode in Mode}


def raised(signal: Signal, probability: float) -> Signal:
    return found(signal.label, probability, signal.target)


@given(messages, signals, histories, modes)
def test_welfare_is_never_enforced_on_and_first(message, found_signals, history, mode):
    decision = decide(message, [*found_signals, found("welfare.self_harm", 0.9)], history, POLICIES[mode], NOW)
    assert decision.actions == ()
    if message.nature not in {Nature.OWN, Nature.HISTORY}:
        assert decision.attention is Attention.URGENT


@given(messages, signals, histories, modes)
def test_rights_requests_pass_everything(message, found_signals, history, mode):
    assert decide(message, [*found_signals, found("rights.appeal", 0.9)], history, POLICIES[mode], NOW).actions == ()


@given(messages, st.lists(st.sampled_from(PATTERNS), min_size=1, unique=True), st.lists(pasts, max_size=3))
def test_patterns_alone_never_act(message, labels, past):
    history = HistoryView(messages=tuple(past))
    decision = decide(message, [found(label, 1.0) for label in labels], history, POLICIES[Mode.ENFORCE], NOW)
    assert decision.actions == ()


@given(messages, signals, histories, modes, st.sets(st.sampled_from(["abuse", "welfare", "novelty"]), min_size=1))
def test_a_missing_classifier_means_review_never_clean_never_act(message, found_signals, history, mode, missing):
    decision = decide(message, found_signals, history, POLICIES[mode], NOW, frozenset(missing))
    assert decision.actions == ()
    if message.nature not in {Nature.OWN, Nature.HISTORY}:
        assert decision.attention >= Attention.REVIEW


@given(messages, signals, histories, st.sampled_from([Mode.SHADOW, Mode.ASSIST]))
def test_only_enforce_mode_acts(message, found_signals, history, mode):
    assert decide(message, found_signals, history, POLICIES[mode], NOW).actions == ()


@given(messages, signals, st.lists(pasts, max_size=3), st.booleans())
def test_a_need_or_a_professional_is_never_acted_on(message, found_signals, past, adjustment):
    standing = Standing(adjustment=adjustment, organisation_or_professional=not adjustment)
    history = HistoryView(messages=tuple(past), standing=standing)
    assert decide(message, found_signals, history, POLICIES[Mode.ENFORCE], NOW).actions == ()


@given(messages, signals, histories)
def test_every_automatic_hold_is_provisional_and_stands_before_a_person(message, found_signals, history):
    decision = decide(message, found_signals, history, POLICIES[Mode.ENFORCE], NOW)
    if "provisional" in decision.rules:
        assert decision.provisional_until is not None
        assert decision.provisional_until > NOW
        assert decision.attention >= Attention.REVIEW
    elif decision.actions:
        assert history.events, "only a restriction that a person decided acts without being provisional"


@settings(max_examples=300)
@given(messages, signals, histories, modes, st.sampled_from(HARM), targets, probabilities, probabilities)
def test_more_harm_is_never_decided_more_mildly(message, others, history, mode, label, target, one, two):
    low, high = sorted((one, two))
    rest = [signal for signal in others if signal.label != label]
    milder = decide(message, [*rest, found(label, low, target)], history, POLICIES[mode], NOW)
    harsher = decide(message, [*rest, found(label, high, target)], history, POLICIES[mode], NOW)
    assert harsher.attention >= milder.attention
    assert hardest(harsher.actions) >= hardest(milder.actions)


@settings(max_examples=300)
@given(messages, signals, histories, modes, st.sampled_from(["novelty", "welfare.adjustment", *RIGHTS]), probabilities)
def test_a_mitigating_fact_is_never_decided_more_harshly(message, others, history, mode, label, probability):
    rest = [signal for signal in others if signal.label != label]
    without = decide(message, rest, history, POLICIES[mode], NOW)
    mitigated = decide(message, [*rest, found(label, probability)], history, POLICIES[mode], NOW)
    assert set(mitigated.actions) <= set(without.actions)


@given(messages, signals, histories)
def test_a_repeat_with_new_information_is_never_filed(message, found_signals, history):
    signals_with_news = [s for s in found_signals if s.label != "novelty"] + [found("novelty", 0.9)]
    assert Action.FILE not in decide(message, signals_with_news, history, POLICIES[Mode.ENFORCE], NOW).actions


@given(messages, signals, histories)
def test_accounts_are_blocked_only_for_what_the_pack_names(message, found_signals, history):
    decision = decide(message, found_signals, history, POLICIES[Mode.ENFORCE], NOW)
    if Action.BLOCK in decision.actions:
        named = POLICIES[Mode.ENFORCE].pack.automation.block_at_once_for
        assert any(signal.label in named and signal.probability >= 0.9 for signal in decision.signals)
    assert Action.REPORT not in decision.actions


@given(messages, signals, histories, modes)
def test_deciding_is_pure_and_its_actions_run_mildest_first(message, found_signals, history, mode):
    first = decide(message, found_signals, history, POLICIES[mode], NOW)
    assert first == decide(message, list(found_signals), history, POLICIES[mode], NOW)
    assert list(first.actions) == sorted(first.actions, key=ACTION_ORDER.index)
    assert first.why.en
    assert first.why.cy


@given(messages, signals, histories)
def test_nothing_acts_beyond_the_packs_limit(message, found_signals, history):
    policy = in_force(certificate=make_certificate(upper=0.5))
    decision = decide(message, found_signals, history, policy, NOW)
    assert "provisional" not in decision.rules


@given(signals)
def test_notice_labels_and_criticism_never_act(found_signals):
    mild = [s for s in found_signals if LABELS[s.label] in {Stance.NOTICE, Stance.MITIGATING}]
    assert decide(make_message(), mild, HistoryView.empty(), POLICIES[Mode.ENFORCE], NOW).actions == ()


def test_the_words_cover_every_label_and_severity_is_ordered():
    from models.policy.wording import ACTION_WORDS, LABEL_WORDS

    assert set(LABEL_WORDS) == set(LABELS)
    assert set(ACTION_WORDS) == set(Action)
    assert URGENT_WELFARE[0] in LABELS
    assert next(iter(Severity)) is Severity.NONE
