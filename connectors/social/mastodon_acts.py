"""Mutes, blocks and limits accounts by an instance and undoes it, and reports once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.base import Unavailable
from connectors.social.mastodon_client import MastodonAccess

RENEW_EARLY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says beside whom it is about."""

    comment: str
    category: str
    rules: tuple[str, ...]
    forward: bool


class MastodonActs:
    """What can be done through one account on its instance."""

    def __init__(self, access: MastodonAccess, clock: Callable[[], datetime]) -> None:
        self._access = access
        self._clock = clock

    def is_muted(self, account_id: str) -> bool:
        """Return whether the account is muted."""
        return bool(self._relation(account_id)["muting"])

    def is_blocked(self, account_id: str, *, limited: bool) -> bool:
        """Return whether the account is blocked, and limited for the whole instance if that belongs to it."""
        return bool(self._relation(account_id)["blocking"]) and (not limited or self._is_limited(account_id))

    def mute(self, account_id: str, *, wanted: bool, days: int | None, notifications: bool) -> bool:
        """Mute or unmute an account; False when it was so already. A timed mute about to end is renewed."""
        relation = self._relation(account_id)
        if relation["muting"] == wanted and not (wanted and self._ends_early(relation, days)):
            return False
        if wanted:
            duration = None if days is None else days * 86_400
            answer = self._access.ask(
                "muting an account",
                lambda client: client.account_mute(account_id, notifications=notifications, duration=duration),
            )
        else:
            answer = self._access.ask("unmuting an account", lambda client: client.account_unmute(account_id))
        _confirm(answer, "muting", wanted=wanted)
        return True

    def block(self, account_id: str, *, wanted: bool, limited: bool) -> bool:
        """Block or unblock an account, with the instance's limit if that belongs to it; False when it was so already."""
        changed = False
        if limited and self._is_limited(account_id) != wanted:
            self._access.ask("limiting an account", lambda client: _limit(client, account_id, wanted=wanted))
            changed = True
        if self._relation(account_id)["blocking"] != wanted:
            answer = self._access.ask(
                "blocking an account",
                lambda client: (client.account_block if wanted else client.account_unblock)(account_id),
            )
            _confirm(answer, "blocking", wanted=wanted)
            changed = True
        return changed

    def report(self, account_id: str, status_id: str | None, report: Report) -> None:
        """Report an account to the instance's moderators; no list tells afterwards that it was done."""
        self._access.ask(
            "reporting an account",
            lambda client: client.report(
                account_id,
                status_ids=[status_id] if status_id else None,
                comment=report.comment or None,
                forward=report.forward,
                category="violation" if report.rules else report.category,
                rule_ids=list(report.rules) or None,
            ),
        )

    def _relation(self, account_id: str) -> dict[str, Any]:
        found = self._access.ask("reading a relationship", lambda client: client.account_relationships([account_id]))
        if not found:
            raise Unavailable("the instance named no relationship with the account; it is tried again")
        relation: dict[str, Any] = found[0]
        return relation

    def _is_limited(self, account_id: str) -> bool:
        return bool(self._access.ask("reading an account", lambda client: client.admin_account(account_id))["silenced"])

    def _ends_early(self, relation: dict[str, Any], days: int | None) -> bool:
        """True when a timed mute ends before the one now wanted would."""
        ends = relation.get("muting_expires_at")
        if ends is None:
            return False
        return (
            days is None
            or datetime.fromisoformat(ends).astimezone(UTC) < self._clock() + timedelta(days=days) - RENEW_EARLY
        )


def _limit(client: Any, account_id: str, *, wanted: bool) -> None:
    if wanted:
        client.admin_account_moderate(account_id, action="silence", send_email_notification=False)
    else:
        client.admin_account_unsilence(account_id)


def _confirm(answer: Any, field: str, *, wanted: bool) -> None:
    if answer.get(field) is not wanted:
        raise Unavailable(f"the instance answered {field}={answer.get(field)}; it is tried again")
