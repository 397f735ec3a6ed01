"""The decision, case by case: what each rule permits and what it refuses."""

from datetime import UTC, datetime, timedelta

import pytest

from models.domain import Action, Attention, Channel, Handling, Mode, Nature
from models.policy.decide import decide
from models.policy.history import EventKind, FormalEvent, HistoryView, PastMessage, RestrictionType, Standing
from tests.fakes.policy import NOW, found, in_force, make_certificate, make_message

EMPTY = HistoryView.empty()


def past(days_ago: float = 1, **signals: float) -> PastMessage:
    named = {name.replace("__", "."): value for name, value in signals.items()}
    at = NOW - timedelta(days=days_ago)
    return PastMessage(str(days_ago), at, Channel.EMAIL, "someone", "text", signals=named)


def restriction(kind: RestrictionType, days_ago: float = 5, **more: object) -> FormalEvent:
    at = NOW - timedelta(days=days_ago)
    return FormalEvent(EventKind.RESTRICTION, at, restriction=kind, **more)  # type: ignore[arg-type]


def test_decide_nothing_found_delivers():
    decision = decide(make_message(), [], EMPTY, in_force(), NOW)
    assert decision.handling is Handling.DELIVER
    assert (decision.actions, decision.proposed, decision.clauses) == ((), (), ())
    assert decision.why.en.startswith("Nothing found")
    assert decision.why.cy.startswith("Dim byd")


def test_decide_clear_insult_is_held_provisionally_until_next_working_day():
    decision = decide(make_message(), [found("abuse.insult", 0.97)], EMPTY, in_force(), NOW)
    assert decision.handling is Handling.ENFORCE
    assert decision.actions == (Action.HIDE,)
    assert decision.attention is Attention.REVIEW
    assert decision.provisional_until == datetime(2026, 3, 11, 17, 0, tzinfo=UTC)
    assert decision.clauses == ("test/insult",)
    assert "provisional" in decision.rules


def test_decide_doubtful_insult_goes_to_a_person_with_the_hold_proposed():
    decision = decide(make_message(), [found("abuse.insult", 0.6)], EMPTY, in_force(), NOW)
    assert (decision.handling, decision.actions, decision.proposed) == (Handling.REVIEW, (), (Action.HIDE,))


def test_decide_mail_is_quarantined_and_never_blocked():
    message = make_message(channel=Channel.EMAIL)
    decision = decide(message, [found("abuse.threat", 0.99)], EMPTY, in_force(), NOW)
    assert decision.actions == (Action.QUARANTINE,)


def test_decide_threat_is_urgent_and_held_and_its_named_account_blocked():
    decision = decide(make_message(), [found("abuse.threat", 0.99)], EMPTY, in_force(), NOW)
    assert decision.handling is Handling.URGENT
    assert decision.actions == (Action.HIDE, Action.BLOCK)
    assert "threat_first" in decision.rules


@pytest.mark.parametrize(("label", "blocked"), [("spam", True), ("abuse.insult", False)])
def test_decide_blocks_only_for_what_the_pack_names(label, blocked):
    decision = decide(make_message(), [found(label, 0.99)], EMPTY, in_force(), NOW)
    assert (Action.BLOCK in decision.actions) is blocked


def test_decide_unproven_origin_is_held_but_its_account_left_alone():
    decision = decide(make_message(verified=False), [found("spam", 0.99)], EMPTY, in_force(), NOW)
    assert decision.actions == (Action.HIDE,)


@pytest.mark.parametrize("label", ["welfare.self_harm", "welfare.emergency", "welfare.safeguarding"])
def test_decide_welfare_is_urgent_and_never_enforced_on(label):
    signals = [found(label, 0.7), found("abuse.threat", 0.99), found("abuse.insult", 0.99)]
    decision = decide(make_message(), signals, EMPTY, in_force(), NOW)
    assert decision.handling is Handling.URGENT
    assert decision.actions == ()
    assert decision.signals[0].label == label


def test_decide_welfare_between_its_thresholds_is_reviewed():
    certificate = make_certificate(urgent={("welfare.emergency", make_message().channel.group): 0.8})
    policy = in_force(certificate=certificate)
    assert decide(make_message(), [found("welfare.emergency", 0.6)], EMPTY, policy, NOW).handling is Handling.REVIEW
    assert decide(make_message(), [found("welfare.emergency", 0.9)], EMPTY, policy, NOW).handling is Handling.URGENT


def test_decide_rights_request_is_delivered_and_stops_automation():
    alone = decide(make_message(), [found("rights.request", 0.9)], EMPTY, in_force(), NOW)
    assert (alone.handling, alone.rules) == (Handling.DELIVER, ("rights_pass",))
    rude = decide(make_message(), [found("rights.request", 0.9), found("abuse.insult", 0.99)], EMPTY, in_force(), NOW)
    assert (rude.handling, rude.actions) == (Handling.REVIEW, ())


@pytest.mark.parametrize(
    "history",
    [
        HistoryView(standing=Standing(adjustment=True)),
        HistoryView(standing=Standing(organisation_or_professional=True)),
        HistoryView(messages=(past(welfare__adjustment=0.9),)),
    ],
)
def test_decide_never_acts_on_a_need_or_a_professional(history):
    decision = decide(make_message(), [found("abuse.insult", 0.99)], history, in_force(), NOW)
    assert (decision.handling, decision.actions) == (Handling.REVIEW, ())
    assert set(decision.proposed) <= {Action.HIDE}


def test_decide_need_disclosed_in_the_message_itself_stops_automation():
    signals = [found("welfare.adjustment", 0.8), found("abuse.insult", 0.99)]
    assert decide(make_message(), signals, EMPTY, in_force(), NOW).actions == ()


@pytest.mark.parametrize(
    ("nature", "handling", "rule"),
    [
        (Nature.OWN, Handling.DELIVER, "own_context"),
        (Nature.HISTORY, Handling.DELIVER, "history_untouched"),
        (Nature.OPAQUE, Handling.REVIEW, "opaque_to_person"),
    ],
)
def test_decide_nature_never_lets_the_machine_act(nature, handling, rule):
    decision = decide(make_message(nature=nature), [found("abuse.insult", 0.99)], EMPTY, in_force(), NOW)
    assert (decision.handling, decision.actions) == (handling, ())
    assert rule in decision.rules


def test_decide_automatic_mail_makes_no_pattern_and_loses_no_account_but_its_abuse_is_held():
    message = make_message(nature=Nature.AUTOMATIC)
    repeat = decide(message, [found("duplicate.same_contact", 0.9)], EMPTY, in_force(), NOW)
    assert (repeat.handling, repeat.rules) == (Handling.DELIVER, ("automatic_mail",))
    assert decide(message, [found("spam", 0.99)], EMPTY, in_force(), NOW).actions == (Action.HIDE,)
    assert decide(message, [found("abuse.insult", 0.99)], EMPTY, in_force(), NOW).actions == (Action.HIDE,)


def test_decide_claim_to_be_the_organisation_counts_only_when_proven():
    forged = make_message(nature=Nature.OWN, verified=False)
    assert decide(forged, [found("abuse.insult", 0.99)], EMPTY, in_force(), NOW).actions == (Action.HIDE,)


def test_decide_old_message_in_despair_still_reaches_a_person():
    message = make_message(nature=Nature.HISTORY)
    assert decide(message, [found("welfare.self_harm", 0.9)], EMPTY, in_force(), NOW).handling is Handling.REVIEW


def test_decide_missing_classifier_means_a_person():
    missing = frozenset({"welfare"})
    assert decide(make_message(), [], EMPTY, in_force(), NOW, missing).handling is Handling.REVIEW
    acted = decide(make_message(), [found("abuse.insult", 0.99)], EMPTY, in_force(), NOW, missing)
    assert (acted.handling, acted.actions) == (Handling.REVIEW, ())


def test_decide_hate_cites_the_clause_of_its_group_only():
    sexist = decide(make_message(), [found("abuse.identity_hate", 0.95, "group:sex")], EMPTY, in_force(), NOW)
    assert sexist.clauses == ("test/sexist",)
    other = decide(make_message(), [found("abuse.identity_hate", 0.95, "group:race")], EMPTY, in_force(), NOW)
    assert (other.clauses, other.handling) == ((), Handling.DELIVER)


def test_decide_repeated_conduct_needs_its_items():
    once = decide(make_message(), [found("abuse.insult", 0.6)], EMPTY, in_force(), NOW)
    history = HistoryView(messages=(past(abuse__insult=0.8),))
    again = decide(make_message(), [found("abuse.insult", 0.6)], history, in_force(), NOW)
    old = HistoryView(messages=(past(days_ago=200, abuse__insult=0.8),))
    assert once.clauses == ("test/insult",)
    assert again.clauses == ("test/repeated", "test/insult")
    assert decide(make_message(), [found("abuse.insult", 0.6)], old, in_force(), NOW).clauses == ("test/insult",)


def test_decide_details_of_others_count_online_only():
    signals = [found("doxing.third_party", 0.95)]
    assert decide(make_message(), signals, EMPTY, in_force(), NOW).handling is Handling.ENFORCE
    mail = make_message(channel=Channel.EMAIL)
    assert decide(mail, signals, EMPTY, in_force(), NOW).handling is Handling.DELIVER


def test_decide_harm_without_a_clause_is_looked_at_never_acted_on():
    decision = decide(make_message(), [found("abuse.incitement", 0.99)], EMPTY, in_force(), NOW)
    assert (decision.handling, decision.actions, decision.clauses) == (Handling.REVIEW, (), ())
    assert "no_clause" in decision.rules


@pytest.mark.parametrize(("mode", "handling"), [(Mode.SHADOW, Handling.REVIEW), (Mode.ASSIST, Handling.REVIEW)])
def test_decide_shadow_and_assist_do_nothing_but_propose(mode, handling):
    decision = decide(make_message(), [found("abuse.insult", 0.99)], EMPTY, in_force(mode), NOW)
    assert (decision.handling, decision.actions, decision.proposed) == (handling, (), (Action.HIDE,))


@pytest.mark.parametrize(
    "certificate",
    [make_certificate(upper=0.01), make_certificate(valid_until=NOW - timedelta(days=1)), make_certificate(act={})],
)
def test_decide_acts_only_under_a_certificate_that_holds(certificate):
    decision = decide(make_message(), [found("abuse.insult", 0.99)], EMPTY, in_force(certificate=certificate), NOW)
    assert (decision.handling, decision.actions) == (Handling.REVIEW, ())


REPEAT = [found("duplicate.same_contact", 0.9), found("persistence.after_decision", 0.9)]


def test_decide_read_and_file_files_what_holds_nothing_new():
    history = HistoryView(events=(restriction(RestrictionType.READ_AND_FILE),))
    message = make_message(channel=Channel.EMAIL)
    decision = decide(message, REPEAT, history, in_force(), NOW)
    assert (decision.handling, decision.actions) == (Handling.ENFORCE, (Action.FILE,))
    assert (decision.attention, decision.provisional_until) == (Attention.DELIVER, None)
    new = decide(message, [*REPEAT, found("novelty", 0.8)], history, in_force(), NOW)
    assert (new.actions, "novelty_to_person" in new.rules) == ((), True)


def test_decide_read_and_file_lets_other_matters_welfare_rights_and_harm_through():
    history = HistoryView(events=(restriction(RestrictionType.READ_AND_FILE),))
    policy = in_force()
    assert decide(make_message(), [], history, policy, NOW).handling is Handling.REVIEW
    assert decide(make_message(), [*REPEAT, found("rights.appeal", 0.9)], history, policy, NOW).actions == ()
    assert decide(make_message(), [*REPEAT, found("welfare.emergency", 0.9)], history, policy, NOW).actions == ()
    abusive = decide(make_message(), [*REPEAT, found("abuse.insult", 0.7)], history, policy, NOW)
    assert (abusive.actions, abusive.attention) == ((Action.FILE,), Attention.REVIEW)
    unproven = decide(make_message(verified=False), REPEAT, history, policy, NOW)
    assert unproven.actions == ()


def test_decide_read_and_file_waits_for_a_person_when_a_detector_is_missing_or_a_need_is_recorded():
    events = (restriction(RestrictionType.READ_AND_FILE),)
    assert (
        decide(make_message(), REPEAT, HistoryView(events=events), in_force(), NOW, frozenset({"novelty"})).actions
        == ()
    )
    need = HistoryView(events=events, standing=Standing(adjustment=True))
    assert decide(make_message(), REPEAT, need, in_force(), NOW).actions == ()


def test_decide_volume_limit_files_only_what_exceeds_it():
    event = restriction(RestrictionType.VOLUME_LIMIT, max_items=1, per_days=7)
    first = decide(make_message(), REPEAT, HistoryView(events=(event,)), in_force(), NOW)
    second = decide(make_message(), REPEAT, HistoryView(messages=(past(2),), events=(event,)), in_force(), NOW)
    assert (first.actions, second.actions) == ((), (Action.FILE,))
    monday = restriction(RestrictionType.VOLUME_LIMIT, weekdays=(0,))
    assert decide(make_message(), REPEAT, HistoryView(events=(monday,)), in_force(), NOW).actions == (Action.FILE,)


def test_decide_closed_channel_holds_abuse_and_shows_the_rest():
    closed = HistoryView(events=(restriction(RestrictionType.ONE_CHANNEL, open_channels=(Channel.LETTER,)),))
    abusive = decide(make_message(channel=Channel.EMAIL), [found("abuse.insult", 0.6)], closed, in_force(), NOW)
    civil = decide(make_message(channel=Channel.EMAIL), [], closed, in_force(), NOW)
    assert abusive.actions == (Action.QUARANTINE,)
    assert (civil.handling, civil.actions) == (Handling.REVIEW, ())
    blocked = HistoryView(events=(restriction(RestrictionType.BLOCK_CONTACT),))
    assert decide(make_message(channel=Channel.EMAIL), [], blocked, in_force(), NOW).actions == (Action.QUARANTINE,)


def test_decide_open_channel_and_other_measures_change_nothing():
    open_mail = HistoryView(
        events=(
            restriction(RestrictionType.ONE_CHANNEL, open_channels=(Channel.EMAIL,)),
            restriction(RestrictionType.OTHER),
        )
    )
    assert decide(make_message(channel=Channel.EMAIL), [], open_mail, in_force(), NOW).handling is Handling.DELIVER


def test_decide_ended_or_run_out_restriction_has_no_force():
    ended = FormalEvent(EventKind.RESTRICTION_END, NOW - timedelta(days=1))
    events = (restriction(RestrictionType.READ_AND_FILE), ended)
    assert decide(make_message(), REPEAT, HistoryView(events=events), in_force(), NOW).actions == ()
    over = (restriction(RestrictionType.READ_AND_FILE, until=NOW - timedelta(hours=1)),)
    assert decide(make_message(), REPEAT, HistoryView(events=over), in_force(), NOW).actions == ()
    unreviewed = (restriction(RestrictionType.READ_AND_FILE, days_ago=200),)
    assert decide(make_message(), REPEAT, HistoryView(events=unreviewed), in_force(), NOW).actions == ()
    future = (restriction(RestrictionType.READ_AND_FILE, days_ago=-1),)
    assert decide(make_message(), REPEAT, HistoryView(events=future), in_force(), NOW).actions == ()


def test_decide_rolling_restriction_runs_from_the_last_incident():
    clocks = {"restriction_lasts_months": 6, "restriction_rolls_from_last_incident": True}
    policy = in_force(clocks=clocks)
    event = restriction(RestrictionType.READ_AND_FILE, days_ago=200)
    assert decide(make_message(), REPEAT, HistoryView(events=(event,)), policy, NOW).actions == ()
    rolled = HistoryView(messages=(past(days_ago=100, abuse__insult=0.9),), events=(event,))
    assert decide(make_message(), REPEAT, rolled, policy, NOW).actions == (Action.FILE,)
    late = HistoryView(messages=(past(days_ago=5, abuse__insult=0.9),), events=(event,))
    assert decide(make_message(), REPEAT, late, policy, NOW).actions == ()


def test_decide_restriction_without_any_clock_stands():
    event = restriction(RestrictionType.READ_AND_FILE, days_ago=900)
    policy = in_force(clocks={})
    assert decide(make_message(), REPEAT, HistoryView(events=(event,)), policy, NOW).actions == (Action.FILE,)


def test_decide_restriction_is_only_proposed_outside_enforce():
    history = HistoryView(events=(restriction(RestrictionType.READ_AND_FILE),))
    decision = decide(make_message(), REPEAT, history, in_force(Mode.ASSIST), NOW)
    assert (decision.actions, decision.proposed, decision.handling) == ((), (Action.FILE,), Handling.REVIEW)


def test_decide_without_certificate_uses_even_odds_for_looking():
    policy = type(in_force())(in_force().pack, None, Mode.ENFORCE)
    assert decide(make_message(), [found("abuse.insult", 0.6)], EMPTY, policy, NOW).handling is Handling.REVIEW
    assert decide(make_message(), [found("welfare.self_harm", 0.6)], EMPTY, policy, NOW).handling is Handling.URGENT


def test_decide_the_first_answer_to_a_decision_may_disagree_ask_and_refuse():
    letter = FormalEvent(EventKind.DECISION_LETTER, NOW - timedelta(days=2), text="our decision")
    noted = found("persistence.after_decision", 0.35)
    demands = [noted, found("demand.refuses_procedure", 0.6), found("demand.information", 0.6)]
    first = decide(make_message(), demands, HistoryView(events=(letter,)), in_force(), NOW)
    assert first.handling is Handling.DELIVER
    assert "first_disagreement" in first.rules
    again = HistoryView(events=(letter,), messages=(past(1),))
    assert decide(make_message(), demands, again, in_force(), NOW).handling is Handling.REVIEW
    assert decide(make_message(), demands[1:], EMPTY, in_force(), NOW).handling is Handling.REVIEW
    hurried = [noted, found("demand.deadline", 0.9)]
    assert decide(make_message(), hurried, HistoryView(events=(letter,)), in_force(), NOW).handling is Handling.REVIEW


def test_decide_stalking_goes_first_to_a_person():
    near = decide(make_message(), [found("abuse.harassment", 0.95)], EMPTY, in_force(), NOW)
    assert near.handling is Handling.URGENT
    assert "stalking_first" in near.rules
    doubtful = decide(make_message(), [found("abuse.harassment", 0.7)], EMPTY, in_force(), NOW)
    assert doubtful.handling is Handling.REVIEW
