"""Whatever permitted steps people take in whatever order: the line stays open, needs protect, appeals are heard by others."""

import contextlib
from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import select

from models.domain import Channel
from models.measures import authority, deadlines
from models.measures.enforced import events_of
from models.measures.steps import (
    Appeal,
    AppealOutcome,
    Ask,
    Basis,
    FormalWarning,
    Review,
    ReviewOutcome,
)
from models.measures.terms import Terms, closed_by
from models.policy.history import EventKind
from models.store import audit
from models.store.formal import letters, pausing, people, proposals, sealed
from models.store.formal.desk import StepRefused
from models.tables import contact
from tests.fakes.desks import KEY, Office
from tests.fakes.formal import TOP, need, taken

LINES = [Channel.EMAIL, Channel.TELEPHONE, Channel.LETTER, Channel.VISIT]
channels = st.lists(st.sampled_from(LINES), min_size=1, max_size=4, unique=True).map(tuple)
measures = st.one_of(
    channels.map(lambda found: (Terms("one_channel", channels=found),)),
    channels.map(lambda found: (Terms("block_contact", channels=found),)),
    st.just((Terms("read_and_file"),)),
    st.just((Terms("stop_all"),)),
    st.just((Terms("return_post"), Terms("block_contact", channels=(Channel.EMAIL, Channel.TELEPHONE)))),
)
reasons = st.sampled_from(["", "", "threats on every line"])


class DueProcess(RuleBasedStateMachine):
    """Random people try random steps; those the policy permits are taken, the others change nothing."""

    pack_id = "psow"

    def __init__(self):
        super().__init__()
        self.office = Office(self.pack_id)
        self.people = [role.id for role in self.office.pack.roles]
        self.others = [self.office.contact, self.office.somebody("Other", "other@example.org")]
        self.links: list[int] = []

    def teardown(self):
        self.office.close()

    def attempt(self, step, *args):
        """Take a step if it is permitted. A refused one must leave nothing behind: it runs in a savepoint."""
        with contextlib.suppress(StepRefused), self.office.database.begin_nested():
            return step(*args)
        return None

    def who(self, number):
        return self.office.desk(self.people[number % len(self.people)], standing_in="unavailable")

    def one(self, items, number):
        return items[number % len(items)] if items else None

    @rule(grave=st.booleans(), ended=st.booleans(), who=st.integers(0, 4))
    def something_happens(self, grave, ended, who):
        more = {"terminated_call": True, "warned_first": True, "manager": "m"} if ended else {}
        self.office.incident(by=self.people[who % len(self.people)], grave=grave, **more)

    @rule(hours=st.sampled_from([1, 30, 24 * 20, 24 * 80, 24 * 190]))
    def time_passes(self, hours):
        self.office.forward(hours=hours)
        self.office.tick()

    @rule(who=st.integers(0, 4), asks=st.booleans())
    def somebody_asks_or_warns(self, who, asks):
        numbers = tuple(i.incident_id for i in self.office.file().upheld())
        kind = Ask if asks else FormalWarning
        desk = self.who(who)
        done = self.attempt(desk.take, self.office.contact, kind(0, numbers, taken("x"), "why"))
        if done is not None and not done.proposed:
            self.office.send(done.number)

    @rule(
        who=st.integers(0, 4), wanted=measures, basis=st.sampled_from(list(Basis)), override=reasons,
        weighed=st.booleans(), days=st.sampled_from([None, 30, 170, 400]),
    )  # fmt: skip
    def somebody_restricts(self, who, wanted, basis, override, weighed, days):
        numbers = [i.incident_id for i in self.office.file().upheld()][-2:]
        review = None if days is None else deadlines.london_day(self.office.now) + timedelta(days=days)
        draft = self.office.draft(
            *numbers, measures=wanted, basis=basis, override_why=override, review_on=review,
            circumstances="weighed" if weighed else "", single_occasion_why="grave enough",
        )  # fmt: skip
        self.attempt(self.who(who).restrict, self.office.contact, draft)

    @rule(who=st.integers(0, 4), number=st.integers(0, 9))
    def somebody_takes_a_proposal(self, who, number):
        row = self.one(proposals.open_ones(self.office.database, self.pack_id), number)
        if row is not None:
            self.attempt(proposals.take, self.who(who), row["id"])

    @rule(
        who=st.integers(0, 4), number=st.integers(0, 9), outcome=st.sampled_from(list(ReviewOutcome)), wanted=measures,
        override=reasons, days=st.sampled_from([None, 60, 300]),
    )  # fmt: skip
    def somebody_reviews(self, who, number, outcome, wanted, override, days):
        current = self.one(self.office.file().standing(), number)
        if current is None:
            return
        on = None if days is None else deadlines.london_day(self.office.now) + timedelta(days=days)
        changed = wanted if outcome is ReviewOutcome.VARY else ()
        draft = Review(0, current.restriction_id, outcome, taken("x"), "why", on, changed, override)
        self.attempt(self.who(who).review, self.office.contact, draft)

    @rule(number=st.integers(0, 9))
    def somebody_appeals(self, number):
        current = self.one(self.office.file().standing(), number)
        if current is not None:
            draft = Appeal(0, current.restriction_id, self.office.now, "unfair")
            self.attempt(self.who(0).lodge, self.office.contact, draft)

    @rule(who=st.integers(0, 4), outcome=st.sampled_from(list(AppealOutcome)), wanted=measures, rests=st.booleans())
    def somebody_hears(self, who, outcome, wanted, rests):
        file, desk = self.office.file(), self.who(who)
        open_ones = [appeal for appeal in file.appeals if appeal.outcome is None]
        if not open_ones:
            return
        appeal = open_ones[0]
        involved = authority.took_part(file, file.restriction(appeal.restriction_id))
        if rests:
            self.attempt(pausing.rest_for_appeal, desk, self.office.contact, appeal.appeal_id, "hardship")
        draft = Appeal(
            appeal.appeal_id, appeal.restriction_id, appeal.lodged_at, "unfair", outcome=outcome, why="why",
            late_why="in hospital", measures=wanted,
        )  # fmt: skip
        done = self.attempt(desk.hear, self.office.contact, draft)
        assert done is None or appeal.outside or desk.officer.name not in involved

    @rule(unusable=st.lists(st.sampled_from(LINES), max_size=2, unique=True))
    @precondition(lambda self: len(self.office.file().current_circumstances()) < 2)
    def a_need_becomes_known(self, unusable):
        desk = self.office.desk(self.people[0])
        self.attempt(people.note, desk, self.office.contact, need("a need", *unusable))

    @rule(who=st.integers(0, 4), number=st.integers(0, 9))
    def somebody_lets_a_resting_measure_hold(self, who, number):
        resting = [r for r in self.office.file().standing() if r.suspended_at is not None]
        current = self.one(resting, number)
        if current is not None:
            self.attempt(pausing.resume, self.who(who), self.office.contact, current.restriction_id, "why")

    @rule(who=st.integers(0, 4))
    def two_contacts_become_one_or_two_again(self, who):
        if self.links:
            self.attempt(people.split, self.who(who), self.links.pop(), "not the same")
        elif (link := self.attempt(people.join, self.who(who), *self.others, "the same")) is not None:
            self.links.append(link)

    @rule()
    def work_goes_to_the_other_contact(self):
        self.office.contact = self.others[0] if self.office.contact == self.others[1] else self.others[1]

    @invariant()
    def a_line_stays_open_or_somebody_with_the_authority_wrote_why(self):
        pack, now = self.office.pack, self.office.now
        for number in self.others:
            file = self.office.file(number)
            closing = [r for r in file.in_force(pack, now) if closed_by(pack, r.measures) & set(pack.lines)]
            if not closing or file.open_lines(pack, now):
                continue
            assert pack.last_line.rule != "absolute"
            assert any(r.override_why for r in closing)
            least = authority.role_of(pack, pack.last_line.override_at_least).rank
            deciders = {r.taken.by.role for r in closing} | {review.taken.by.role for review in file.reviews}
            roles = [authority.role_of(pack, role) for role in deciders]
            assert any(role.rank >= least or role.stands_in_for == pack.last_line.override_at_least for role in roles)

    @invariant()
    def every_restriction_has_its_review_day_and_its_letter(self):
        for number in self.others:
            for restriction in self.office.file(number).restrictions:
                assert restriction.review_on is not None
                kinds = [row["kind"] for row in letters.of_measure(self.office.database, restriction.restriction_id)]
                assert "restriction" in kinds
                if restriction.ended is not None:
                    assert len(kinds) > 1 or any(
                        appeal.outcome is AppealOutcome.UPHELD for appeal in self.office.file(number).appeals
                    )

    @invariant()
    def nobody_heard_an_appeal_against_their_own_decision(self):
        for number in self.others:
            file = self.office.file(number)
            for appeal in file.appeals:
                current = file.restriction(appeal.restriction_id)
                if appeal.heard is not None and current is not None and not appeal.outside:
                    assert appeal.heard.by.name not in {current.taken.by.name, current.taken.proposed_by}

    @invariant()
    def whoever_has_a_need_is_marked_for_the_machine(self):
        for number in self.others:
            marked = self.office.database.execute(
                select(contact.c.adjustment).where(contact.c.id == number)
            ).scalar_one()
            assert marked == bool(self.office.file(number).current_circumstances())

    @invariant()
    def the_machine_keeps_to_nothing_that_has_ended_or_rests(self):
        pack, now = self.office.pack, self.office.now
        for number in self.others:
            file = self.office.file(number)
            speaking = [e for e in events_of(file, pack) if e.kind is EventKind.RESTRICTION and e.at <= now]
            held = sum(len(r.measures) for r in file.in_force(pack, now))
            assert sum(e.until is None or now < e.until for e in speaking) <= held

    @invariant()
    def the_trail_is_whole(self):
        assert audit.verify(self.office.database, KEY)[1] is None
        assert sealed.altered(self.office.database, KEY) == []


def machine(name: str) -> type[DueProcess]:
    return type(f"DueProcess{name.title()}", (DueProcess,), {"pack_id": name})


_SETTINGS = settings(max_examples=8, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
assert set(TOP) == {"psow", "adra", "wrexham", "phso"}

TestPsow = machine("psow").TestCase
TestAdra = machine("adra").TestCase
TestWrexham = machine("wrexham").TestCase
TestPhso = machine("phso").TestCase
for case in (TestPsow, TestAdra, TestWrexham, TestPhso):
    case.settings = _SETTINGS
