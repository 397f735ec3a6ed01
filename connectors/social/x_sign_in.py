"""Signs an account in to X (OAuth 2 with PKCE): a page to open, and the address that the browser is sent to."""

import requests
import tweepy
from oauthlib.oauth2 import OAuth2Error

from connectors.base import AuthFailed, Unavailable
from connectors.social.x_client import HOSTS, Transport

SCOPES = (
    "tweet.read users.read tweet.moderate.write mute.read mute.write block.read block.write dm.read dm.write offline.access"
).split()
REDIRECT = "http://127.0.0.1:8765/"
"""The callback address to enter with the app; nothing need listen there: the browser's address line holds the answer."""


class SignIn:
    """One sign-in: the page to open, then the address that X sends the browser to."""

    def __init__(self, client_id: str, client_secret: str | None = None, api_url: str = "https://api.x.com") -> None:
        self._handler = tweepy.OAuth2UserHandler(
            client_id=client_id, client_secret=client_secret, redirect_uri=REDIRECT, scope=SCOPES
        )
        for host in HOSTS:
            self._handler.mount(host, Transport(api_url))

    def page(self) -> str:
        """Return the address to open in a browser where the account is signed in."""
        return str(self._handler.get_authorization_url())

    def refresh_token(self, answer: str) -> str:
        """Return the refresh token for the address that the browser was sent to.

        Raises:
            AuthFailed: X does not take the answer, or gives no lasting token.
            Unavailable: X cannot be reached.
        """
        try:
            token = self._handler.fetch_token(answer.replace("http://", "https://", 1))
        except OAuth2Error as error:
            raise AuthFailed(f"X does not take this answer ({error.error}): begin the sign-in again") from error
        except Warning as error:  # the library's way to say that less was granted than asked for
            granted = set(getattr(error, "new_scope", SCOPES))
            lacking = " ".join(scope for scope in SCOPES if scope not in granted)
            raise AuthFailed(
                f"X granted less than was asked for ({lacking} are lacking): allow the app these"
            ) from error
        except requests.RequestException as error:
            raise Unavailable(f"X could not be reached: {type(error).__name__}; begin the sign-in again") from error
        if not token.get("refresh_token"):
            raise AuthFailed("X gave no refresh token: allow the app the scope offline.access")
        return str(token["refresh_token"])
