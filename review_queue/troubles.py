"""What stands in the bot's way, in words of both languages: alarms, and why a connection stands still.

The store keeps names and numbers (`models.store.alarms`); what the other side answered stays as it came, beside them.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from models.domain import Action
from models.policy.wording import ACTION_WORDS
from models.trouble import Trouble
from review_queue.i18n import gettext_of, local_day

Facts = Mapping[str, Any]


def alarm_words(kind: str, facts: Facts, language: str) -> str:
    """Return what an alarm says: one that was raised before its facts were kept says only of what kind it is."""
    telling = _Telling(facts, language)
    words = {
        "paused": telling.paused,
        "breaker": telling.breaker,
        "enforcement": telling.enforcement,
        "dispatch": telling.dispatch,
        "spend": telling.spend,
        "unreachable": telling.unreachable,
        "clock": telling.clock,
        "webhook": telling.webhook,
        "rota": telling.rota,
        "notify": telling.notify,
    }
    return words.get(kind, telling.anything)()


def trouble_words(trouble: str, by: str | None, language: str) -> str:
    """Return why a connection is not read or acted through; `by` is who paused it."""
    _ = gettext_of(language)
    if trouble == Trouble.PERSON:
        return _("paused by %(by)s") % {"by": by or ""}
    words: Mapping[str, str] = {
        Trouble.AUTH: _("the password, key or token no longer holds: give a new one in the settings, then resume"),
        Trouble.REFUSED: _("the platform refuses for good: read its answer, then resume"),
        Trouble.LIMITED: _("the platform asks for patience; it goes on by itself"),
        Trouble.UNAVAILABLE: _("the platform does not answer; it is tried again by itself"),
        Trouble.GONE: _("what was asked for is no longer there"),
        Trouble.CAP: _("the month's money is spent; it is not read again before next month"),
        Trouble.PACE: _("the pace that the platform allows is used up; it goes on by itself"),
    }
    return words.get(trouble, _("the bot asks for a look"))


class _Telling:
    """Puts the facts of one alarm into words."""

    def __init__(self, facts: Facts, language: str) -> None:
        self._facts, self._language, self._ = facts, language, gettext_of(language)

    def anything(self) -> str:
        return self._("the bot asks for a look")

    def paused(self) -> str:
        paused = self._("the connection is paused")
        if not self._facts:
            return paused
        return f"{paused}: {trouble_words(self._facts['trouble'], self._facts['by'], self._language)}"

    def breaker(self) -> str:
        stopped = self._("an automatic action has stopped; resume it once you have looked")
        if not self._facts:
            return stopped
        why = {
            "surge": self._("far more than usual in a short time"),
            "quota": self._("the day's quota was used up"),
            "person": self._("stopped by a person"),
        }.get(self._facts["why"], self._facts["why"])
        return f"{stopped} ({self._effect()}: {why})"

    def enforcement(self) -> str:
        if not self._facts:
            return self._("something could not be done by the bot and waits for a person")
        back = "" if self._facts["wanted"] else " ({})".format(self._("to be undone"))
        return f"{self._effect()}{back}: {self._state()}"

    def dispatch(self) -> str:
        if not self._facts:
            return self._("it is not known whether a notice went out")
        what = {
            "reply": self._("the reply to a campaign"),
            "public_reply": self._("answer publicly, once in this thread"),
            "notice": self._("notice to the sender"),
            "call": self._("the call to whoever is on call"),
            **dict.fromkeys(("urgent", "alarm", "digest"), self._("the word to reviewers")),
        }.get(self._facts["what"], self._("a letter"))
        return f"{what}: {self._state()}"

    def spend(self) -> str:
        if not self._facts:
            return self._("the month's money is spent; it is not read again before next month")
        until = local_day(date.fromisoformat(self._facts["until"]), self._language)
        told = {"cap": f"{self._facts['cap']:.2f}", "day": until}
        return self._("the month's money is spent (%(cap)s); it is not read again before %(day)s") % told

    def unreachable(self) -> str:
        silent = self._("the platform has not answered for some time")
        return self._counted(silent, self._("attempts in a row: %(n)d"), "times")

    def clock(self) -> str:
        jumped = self._("the clock of the machine jumped: check its time service")
        return self._counted(jumped, self._("seconds: %(n)d"), "seconds")

    def webhook(self) -> str:
        untold = self._("another system was not told of an event")
        return f"{untold}: {self._facts['title']}" if self._facts else untold

    def rota(self) -> str:
        if "name" in self._facts:
            words = self._("%(name)s is on call and cannot be reached: name them under [on_call] in the settings")
            return words % {"name": self._facts["name"]}
        waits = self._("an urgent case waits and nobody on call has taken it up")
        return f"{waits}: {self._facts['case']} ({self._facts['org']})" if self._facts else waits

    def notify(self) -> str:
        return self._("reviewers could not be told by mail or webhook")

    def _counted(self, words: str, count: str, fact: str) -> str:
        return f"{words} ({count % {'n': self._facts[fact]}})" if self._facts else words

    def _effect(self) -> str:
        return str(getattr(ACTION_WORDS[Action(self._facts["effect"])], self._language))

    def _state(self) -> str:
        return {
            "manual": self._("the bot cannot do this here; it waits for a person"),
            "refused": self._("the platform refused"),
            "unknown": self._("not known whether it happened: look first"),
            "dead": self._("given up after many attempts"),
        }.get(self._facts["state"], "")
