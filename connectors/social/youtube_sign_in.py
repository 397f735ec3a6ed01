"""Signs a channel in to YouTube (OAuth 2 with PKCE): a page to open, and the address that the browser is sent to."""

import base64
import hashlib
import secrets
from contextlib import closing
from http import HTTPStatus
from urllib.parse import parse_qs, urlencode, urlsplit

import httplib2
import orjson

from connectors.base import AuthFailed, Unavailable
from connectors.social.youtube_errors import CAUGHT

PAGE = "https://accounts.google.com/o/oauth2/v2/auth"
SCOPE = "https://www.googleapis.com/auth/youtube.force-ssl"
REDIRECT = "http://127.0.0.1:8765/"
"""Nothing need listen there: the browser's address line holds the answer."""
TIMEOUT_S = 20.0


class SignIn:
    """One sign-in."""

    def __init__(self, client_id: str, client_secret: str | None, token_url: str) -> None:
        self._client_id = client_id
        self._client_secret = client_secret
        self._token_url = token_url
        self._verifier = secrets.token_urlsafe(48)
        self._state = secrets.token_urlsafe(16)

    def page(self) -> str:
        """Return the address to open in a browser where the channel's account is signed in."""
        digest = hashlib.sha256(self._verifier.encode()).digest()
        query = {
            "client_id": self._client_id,
            "redirect_uri": REDIRECT,
            "response_type": "code",
            "scope": SCOPE,
            "access_type": "offline",
            "prompt": "consent",
            "state": self._state,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        return f"{PAGE}?{urlencode(query)}"

    def refresh_token(self, answer: str) -> str:
        """Return the refresh token for the address that the browser was sent to.

        Raises:
            AuthFailed: Google does not take the answer, or gives no lasting token.
            Unavailable: Google cannot be reached.
        """
        query = parse_qs(urlsplit(answer.strip()).query)
        if query.get("state") != [self._state] or not query.get("code"):
            raise AuthFailed("this is not the answer to this sign-in: begin again, and paste the whole address")
        form = {
            "grant_type": "authorization_code",
            "code": query["code"][0],
            "client_id": self._client_id,
            "redirect_uri": REDIRECT,
            "code_verifier": self._verifier,
            **({"client_secret": self._client_secret} if self._client_secret else {}),
        }
        headers = {"content-type": "application/x-www-form-urlencoded"}
        try:
            with closing(httplib2.Http(timeout=TIMEOUT_S)) as http:
                response, content = http.request(self._token_url, "POST", urlencode(form), headers)
            token = orjson.loads(content).get("refresh_token") if response.status == HTTPStatus.OK else None
        except (*CAUGHT, orjson.JSONDecodeError, AttributeError) as error:
            raise Unavailable(f"Google could not be reached: {type(error).__name__}; begin again") from error
        if not token:
            raise AuthFailed(f"Google answered {response.status} and gave no lasting token: begin the sign-in again")
        return str(token)
