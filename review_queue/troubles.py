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
        self._facts, self._language, self._gettext = facts, language, gettext_of(language)

    def anything(self) -> str:
        _ = self._gettext
        return _("the bot asks for a look")

    def paused(self) -> str:
        _ = self._gettext
        paused = _("the connection is paused")
        if not self._facts:
            return paused
        return f"{paused}: {trouble_words(self._facts['trouble'], self._facts['by'], self._language)}"

    def breaker(self) -> str:
        _ = self._gettext
        stopped = _("an automatic action has stopped; resume it once you have looked")
        if not self._facts:
            return stopped
        why = {
            "surge": _("far more than usual in a short time"),
            "quota": _("the day's quota was used up"),
            "person": _("stopped by a person"),
        }.get(self._facts["why"], self._facts["why"])
        return f"{stopped} ({self._effect()}: {why})"

    def enforcement(self) -> str:
        _ = self._gettext
        if not self._facts:
            return _("something could not be done by the bot and waits for a person")
        back = "" if self._facts["wanted"] else " ({})".format(_("to be undone"))
        return f"{self._effect()}{back}: {self._state()}"

    def dispatch(self) -> str:
        _ = self._gettext
        if not self._facts:
            return _("it is not known whether a notice went out")
        what = {
            "reply": _("the reply to a campaign"),
            "public_reply": _("answer publicly, once in this thread"),
            "notice": _("notice to the sender"),
            "call": _("the call to whoever is on call"),
            **dict.fromkeys(("urgent", "alarm", "digest"), _("the word to reviewers")),
        }.get(self._facts["what"], _("a letter"))
        return f"{what}: {self._state()}"

    def spend(self) -> str:
        _ = self._gettext
        if not self._facts:
            return _("the month's money is spent; it is not read again before next month")
        until = local_day(date.fromisoformat(self._facts["until"]), self._language)
        told = {"cap": f"{self._facts['cap']:.2f}", "day": until}
        return _("the month's money is spent (%(cap)s); it is not read again before %(day)s") % told

    def unreachable(self) -> str:
        _ = self._gettext
        silent = _("the platform has not answered for some time")
        if not self._facts:
            return silent
        attempts = _("attempts in a row: %(n)d") % {"n": self._facts["times"]}
        return f"{silent} ({attempts})"

    def clock(self) -> str:
        _ = self._gettext
        jumped = _("the clock of the machine jumped: check its time service")
        if not self._facts:
            return jumped
        seconds = _("seconds: %(n)d") % {"n": self._facts["seconds"]}
        return f"{jumped} ({seconds})"

    def webhook(self) -> str:
        _ = self._gettext
        untold = _("another system was not told of an event")
        return f"{untold}: {self._facts['title']}" if self._facts else untold

    def rota(self) -> str:
        _ = self._gettext
        if "name" in self._facts:
            words = _("%(name)s is on call and cannot be reached: name them under [on_call] in the settings")
            return words % {"name": self._facts["name"]}
        waits = _("an urgent case waits and nobody on call has taken it up")
        return f"{waits}: {self._facts['case']} ({self._facts['org']})" if self._facts else waits

    def notify(self) -> str:
        _ = self._gettext
        return _("reviewers could not be told by mail or webhook")

    def _effect(self) -> str:
        return str(getattr(ACTION_WORDS[Action(self._facts["effect"])], self._language))

    def _state(self) -> str:
        _ = self._gettext
        return {
            "manual": _("the bot cannot do this here; it waits for a person"),
            "refused": _("the platform refused"),
            "unknown": _("not known whether it happened: look first"),
            "dead": _("given up after many attempts"),
        }.get(self._facts["state"], "")
