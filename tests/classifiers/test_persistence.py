"""Persistence: each pattern shown once as it is and once as what only looks like it."""

from datetime import timedelta

from models.domain import Channel
from models.policy.history import EventKind, FormalEvent, HistoryView
from tests.classifiers.texts import NOW, past, patterns

OWN = ("ask@psow.example.org",)
LETTER = "Please look at the drain in Heol Isaf which floods our gardens every winter."


def ago(**amount):
    return NOW - timedelta(**amount)


def test_volume_counts_a_day_over_all_channels_and_logged_calls():
    several = (past("one", ago(hours=5)), past("two", ago(hours=4), channel=Channel.X))
    call = FormalEvent(EventKind.LOGGED_CALL, ago(hours=2))
    assert patterns("four", HistoryView(messages=several, events=(call,)))["persistence.volume"].probability >= 0.5
    assert patterns("three", HistoryView(messages=several))["persistence.volume"].probability < 0.5
    spread = tuple(past(f"note {n}", ago(days=3 * n)) for n in range(1, 5))
    assert "persistence.volume" not in patterns("patient", HistoryView(messages=spread))


def test_scattergun_is_one_matter_to_many_desks_unless_passed_on():
    desks = tuple(past(LETTER, ago(hours=n), to=(f"desk{n}@psow.example.org",)) for n in range(1, 5))
    assert (
        patterns(LETTER, HistoryView(messages=desks), to=("desk9@psow.example.org",))[
            "persistence.scattergun"
        ].probability
        >= 0.5
    )
    sent_on = f"{LETTER} I was told to try you."
    assert "persistence.scattergun" not in patterns(
        sent_on, HistoryView(messages=desks), to=("desk9@psow.example.org",)
    )


def test_copied_in_needs_the_office_in_cc_alone_again_and_again():
    others = tuple(
        past(f"To the Trust, letter {n}", ago(days=n), to=("trust@example.com",), cc=OWN) for n in range(1, 5)
    )
    history = HistoryView(messages=others, own_addresses=OWN)
    assert (
        patterns("To the Trust again", history, to=("trust@example.com",), cc=OWN)["persistence.copied_in"].probability
        >= 0.5
    )
    assert "persistence.copied_in" not in patterns("To you", history, to=OWN)


def test_after_a_decision_the_first_disagreement_is_a_right():
    letter = FormalEvent(
        EventKind.DECISION_LETTER, ago(days=20), text="We will not investigate the felling of the lime tree."
    )
    first = patterns("I don't accept your decision about the lime tree.", HistoryView(events=(letter,)))
    assert first["persistence.after_decision"].probability < 0.5
    said = tuple(past("Your decision about the lime tree is wrong.", ago(days=n)) for n in (10, 5))
    third = patterns("The lime tree decision is wrong.", HistoryView(messages=said, events=(letter,)))
    assert third["persistence.after_decision"].probability >= 0.5
    assert third["persistence.refuses_decision"].probability >= 0.5
    other = patterns("My bins were not collected on Tuesday in Porth Street.", HistoryView(events=(letter,)))
    assert "persistence.after_decision" not in other


def test_topic_drift_drops_its_points_a_growing_complaint_does_not():
    drifting = (
        past("My complaint is about the delay in mending a streetlamp.", ago(days=20)),
        past("Forget the lamp. The real matter is where the councillor parks.", ago(days=12)),
        past("I should now like you to look at the mayor's chain.", ago(days=5)),
    )
    text = "Why are you asking me about lamps? My complaint is about the price of the baths."
    assert patterns(text, HistoryView(messages=drifting))["persistence.topic_drift"].probability >= 0.5
    growing = (
        past("The streetlamp is out.", ago(days=20)),
        past("The streetlamp is still out and a child fell.", ago(days=10)),
    )
    assert "persistence.topic_drift" not in patterns(
        "The streetlamp is out and now the next one as well.", HistoryView(messages=growing)
    )


def test_two_long_letters_in_a_day_are_noticed():
    long = "The slab is of another colour than the slab beside it. " * 20
    assert "persistence.length" in patterns(long, HistoryView(messages=(past(long, ago(hours=4)),)))
    assert "persistence.length" not in patterns(long, HistoryView.empty())


def test_a_desk_that_sent_the_person_on_excuses_the_next_desk():
    text = "The culvert on Lon Wen is blocked."
    desks = ("drainage", "highways", "estates", "planning")
    asked = tuple(past(text, ago(hours=n + 2), to=(f"{d}@psow.example.org",)) for n, d in enumerate(desks))
    history = HistoryView(messages=asked)
    new_desk = ("works@psow.example.org",)
    assert "persistence.scattergun" in patterns(text, history, to=new_desk)
    assert "persistence.scattergun" not in patterns(f"Drainage pointed me to you. {text}", history, to=new_desk)
    assert "persistence.scattergun" in patterns(f"I wrote to drainage as well. {text}", history, to=new_desk)


def test_a_new_complaint_without_particulars_after_the_last_word_is_for_a_person():
    letter = FormalEvent(EventKind.DECISION_LETTER, ago(days=5), text="Our final answer about the garden fence.")
    closed = HistoryView(events=(letter,))
    assert (
        patterns('Please open a new complaint about "panels".', closed)["persistence.after_decision"].probability >= 0.5
    )
    assert patterns("Hoffwn wneud cwyn newydd am y paneli.", closed)["persistence.after_decision"].probability >= 0.5
    facts = "Please open a new complaint. On 9 May your van broke our window and left glass in the flower bed."
    assert "persistence.after_decision" not in patterns(facts, closed)
    long_ago = HistoryView(events=(FormalEvent(EventKind.DECISION_LETTER, ago(days=90), text="About the fence."),))
    assert "persistence.after_decision" not in patterns('Please open a new complaint about "panels".', long_ago)
