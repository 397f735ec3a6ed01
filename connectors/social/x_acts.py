"""Hides replies, mutes and blocks accounts on X and undoes it, and reports once, as far as the account's access goes."""

from functools import partial
from typing import Any

from connectors.base import MessageGone, Refused, Unavailable
from connectors.social.deep_links import x_link
from connectors.social.x_account import XAccount
from connectors.social.x_client import OldApi
from connectors.social.x_posts import Json
from models.domain import Action, Enforcement, EnforcementState, Outcome, Target

LIST_PAGE = 1000


class XActs:
    """What can be done through one account."""

    def __init__(self, account: XAccount, old_api: OldApi | None) -> None:
        self._account = account
        self._old_api = old_api

    def hide(self, enforcement: Enforcement) -> Outcome:
        """Hide or show a reply; asking twice is harmless there.

        Raises:
            Refused: It stands in a conversation that somebody else began.
        """
        note = self._account.noted(enforcement.target)
        root = None if note.thread is None else self._account.noted(Target("message", note.thread))
        if root is None or root.author_id != self._account.own()[0]:
            raise Refused(
                "X hides replies only in conversations that this account began, and this one is somebody else's: "
                f"mute or block the author, or act by hand: {x_link(enforcement.target)}"
            )
        hide = enforcement.wanted
        answer = self._account.access.ask(
            "hiding a reply",
            lambda client: (client.hide_reply if hide else client.unhide_reply)(note.latest_id, user_auth=False),
        )
        self._account.meter.count("post_act", 1)
        _confirm(answer, "hidden", wanted=hide)
        return Outcome(EnforcementState.DONE, f"X answered hidden={str(hide).lower()}; it cannot be asked again")

    def try_rights(self) -> None:
        """Read one entry of the list of muted accounts, which needs the moderating rights.

        Raises:
            ConnectorError: They are not there.
        """
        answer = self._account.access.ask(
            "trying the rights", lambda client: client.get_muted(max_results=1, user_auth=False)
        )
        self._account.meter.count("owned_read", len(answer.get("data") or []))

    def listed(self, effect: Action, account_id: str) -> bool:
        """Return whether the account stands in the list of those muted or blocked."""
        method = "get_muted" if effect is Action.MUTE else "get_blocked"
        token = None
        while True:
            answer = self._account.access.ask("reading a list", partial(_list_page, method=method, token=token))
            accounts = answer.get("data") or []
            self._account.meter.count("owned_read", len(accounts))
            if any(account["id"] == account_id for account in accounts):
                return True
            token = (answer.get("meta") or {}).get("next_token")
            if not token:
                return False

    def switch(self, enforcement: Enforcement, account_id: str) -> Outcome:
        """Mute or block an account, or undo it, unless it is so already."""
        if self.listed(enforcement.effect, account_id) == enforcement.wanted:
            return Outcome(EnforcementState.ALREADY_DONE, read_back=enforcement.wanted)
        wanted, own_id = enforcement.wanted, self._account.own()[0]

        def request(client: Any) -> Any:
            if enforcement.effect is Action.MUTE:
                return (client.mute if wanted else client.unmute)(account_id, user_auth=False)
            path = f"/2/users/{own_id}/blocking"
            if wanted:
                return client._make_request("POST", path, json={"target_user_id": account_id})  # noqa: SLF001
            return client._make_request("DELETE", f"{path}/{account_id}")  # noqa: SLF001

        answer = self._account.access.ask(f"asking to {enforcement.effect} an account", request)
        self._account.meter.count("account_act" if wanted else "account_undo", 1)
        _confirm(answer, "muting" if enforcement.effect is Action.MUTE else "blocking", wanted=wanted)
        return Outcome(EnforcementState.DONE)

    def dm_block(self, enforcement: Enforcement, account_id: str) -> Outcome:
        """Close or open direct messages, as far as this access goes, and leave the rest to a person."""
        verb = "block" if enforcement.wanted else "unblock"
        path = f"/2/users/{account_id}/dm/{verb}"
        answer = self._account.access.ask(
            "closing direct messages",
            lambda client: client._make_request("POST", path),  # noqa: SLF001
        )
        self._account.meter.count("account_act", 1)
        _confirm(answer, "blocked", wanted=enforcement.wanted)
        done = "closed" if enforcement.wanted else "open again"
        link = x_link(enforcement.target)
        return Outcome(
            EnforcementState.MANUAL, f"direct messages are {done}; {verb} the account itself by hand: {link}"
        )

    def report(self, enforcement: Enforcement, account_id: str) -> Outcome:
        """Report an account; X neither lists reports nor takes one back."""
        if not enforcement.wanted or self._old_api is None:
            raise Refused("a report to X cannot be taken back")
        self._old_api.report(account_id)
        return Outcome(EnforcementState.DONE, "reported to X as abusive")


def _list_page(client: Any, method: str, token: str | None) -> Any:
    return getattr(client, method)(max_results=LIST_PAGE, pagination_token=token, user_auth=False)


def _confirm(answer: Json, field: str, *, wanted: bool) -> None:
    """Check that X says what was asked for; it may answer 200 with errors and no data."""
    data = answer.get("data")
    if data is None:
        errors = answer.get("errors") or [{}]
        if str(errors[0].get("type", "")).endswith("resource-not-found"):
            raise MessageGone("X no longer has what was to be acted on")
        raise Refused(f"X did nothing: {str(errors[0].get('detail') or errors[0].get('title'))[:200]}")
    if data.get(field) is not wanted:
        raise Unavailable(f"X answered {field}={data.get(field)}; it is tried again")
