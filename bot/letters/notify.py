"""Letters printed and posted by GOV.UK Notify: one call that ends as taken, certainly not taken, refused, or not known."""

from collections.abc import Callable
from io import BytesIO

from bot.sending import NotSent, SendRefused
from bot.settings import LetterSettings

_BUSY = 429


class NotifyPost:
    """Sends a letter's own pages. Source: GOV.UK Notify's documentation of the API, `Send a precompiled letter`."""

    def __init__(self, settings: LetterSettings, secret: Callable[[str], str]) -> None:
        self._settings = settings
        self._secret = secret

    def send(self, pdf: bytes, reference: str) -> None:
        """Send `pdf` under `reference`. Any error besides the two leaves it unknown.

        Raises:
            NotSent: It certainly was not taken.
            SendRefused: Notify refused it for good.
        """
        import requests
        from notifications_python_client.errors import HTTPError
        from notifications_python_client.notifications import NotificationsAPIClient

        wanted = self._settings
        key = self._secret(wanted.notify_key or "")
        client = NotificationsAPIClient(key, base_url=wanted.notify_url, timeout=wanted.timeout_s)  # type: ignore[no-untyped-call]
        try:
            client.send_precompiled_letter_notification(reference, BytesIO(pdf))  # type: ignore[no-untyped-call]
        except HTTPError as error:
            response = getattr(error.__cause__, "response", None)
            if response is not None and response.status_code == _BUSY:
                raise NotSent("GOV.UK Notify takes no more just now") from error
            if response is not None and 400 <= response.status_code < 500:
                raise SendRefused(f"GOV.UK Notify answered {response.status_code}: {_said(response)}") from error
            if response is None and isinstance(error.__cause__, requests.ConnectTimeout):
                raise NotSent("GOV.UK Notify cannot be reached") from error
            raise


def _said(response: object) -> str:
    """Return which errors Notify names; they speak of the pages, never of the person."""
    try:
        told = response.json()  # type: ignore[attr-defined]
        return "; ".join(str(entry.get("message", "")) for entry in told["errors"])[:200]
    except (ValueError, KeyError, TypeError, AttributeError):
        return "no reason given"
