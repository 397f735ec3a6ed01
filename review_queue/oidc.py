"""Single sign-on by OpenID Connect: authorisation code with PKCE, state and nonce, and a checked ID token.

Source: OpenID Connect Core 1.0, sections 3.1.2 and 3.1.3.7; RFC 7636; RFC 9207.
"""

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwk, jwt
from joserfc.errors import JoseError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

FILE_NAME = "sign_in.json"
BACK = "/sign-in/single/back"
TIMEOUT_S = 10
LEEWAY_S = 60
ALGORITHMS = ["RS256", "PS256", "ES256"]
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class SignInSettings(BaseModel):
    """What `sign_in.json` beside the page's keys holds. `page` is the address people type to reach the page."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str
    client_id: str
    client_secret: str
    page: str
    scope: str = "openid profile email"
    name_claims: tuple[str, ...] = Field(default=("preferred_username", "email"), min_length=1)


class SignInFailed(Exception):
    """Single sign-on did not succeed; `code` says why, without anything the provider sent."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class SettingsWrong(Exception):
    """The file of settings cannot be used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in on its way: where the browser goes, and what it must bring back."""

    address: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the provider says has signed in; `names` are what an account here may be called."""

    issuer: str
    subject: str
    names: tuple[str, ...]


def settings_of(folder: Path) -> SignInSettings | None:
    """Return the settings of single sign-on, None where there are none.

    Raises:
        SettingsWrong: The file is there and cannot be used.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        return None
    try:
        found = SignInSettings.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise SettingsWrong(f"{path}: {where}: {first['msg']}. Correct the file and start again.") from error
    for name, address in (("issuer", found.issuer), ("page", found.page)):
        parts = urlsplit(address)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise SettingsWrong(f"{path}: {name}: {address} must begin with https://")
    return found


class SingleSignOn:
    """Speaks with one provider. What it publishes about itself is read once, its keys again when one is new."""

    def __init__(self, settings: SignInSettings) -> None:
        self._settings = settings
        self._about: dict[str, Any] | None = None
        self._keys: jwk.KeySet | None = None

    def begin(self) -> Begun:
        """Return where to send the browser.

        Raises:
            SignInFailed: `unreachable`.
        """
        nonce, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
        with self._client() as client:
            address, state = client.create_authorization_url(
                self._published()["authorization_endpoint"], code_verifier=verifier, nonce=nonce
            )
        return Begun(address, state, nonce, verifier)

    def finish(self, code: str, nonce: str, verifier: str) -> Identity:
        """Return who signed in.

        Raises:
            SignInFailed: `unreachable`, `refused` or `token`.
        """
        endpoint = self._published()["token_endpoint"]
        try:
            with self._client() as client:
                token = client.fetch_token(endpoint, grant_type="authorization_code", code=code, code_verifier=verifier)
        except httpx.HTTPError as error:
            raise SignInFailed("unreachable") from error
        except (AuthlibBaseError, ValueError) as error:
            raise SignInFailed("refused") from error
        claims = self._checked(str(token.get("id_token", "")), nonce)
        names = [claims.get(name) for name in self._settings.name_claims]
        if claims.get("email_verified") is False:
            names = [name for name in names if name != claims.get("email")]
        return Identity(
            self._settings.issuer, claims["sub"], tuple(name.lower() for name in names if isinstance(name, str))
        )

    def _client(self) -> OAuth2Client:
        wanted = self._settings
        return OAuth2Client(
            client_id=wanted.client_id,
            client_secret=wanted.client_secret,
            scope=wanted.scope,
            redirect_uri=wanted.page.rstrip("/") + BACK,
            code_challenge_method="S256",
            timeout=TIMEOUT_S,
            follow_redirects=False,
        )

    def _published(self) -> dict[str, Any]:
        if self._about is None:
            found = self._read(self._settings.issuer.rstrip("/") + "/.well-known/openid-configuration")
            if found.get("issuer") != self._settings.issuer:
                raise SignInFailed("unreachable")
            self._about = found
        return self._about

    def _read(self, address: str) -> dict[str, Any]:
        try:
            answer = httpx.get(address, timeout=TIMEOUT_S, follow_redirects=False)
            answer.raise_for_status()
            found = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise SignInFailed("unreachable") from error
        if not isinstance(found, dict):
            raise SignInFailed("unreachable")
        return found

    def _checked(self, token: str, nonce: str) -> dict[str, Any]:
        """Return the claims of an ID token that is signed by the provider, for us, now and for this sign-in."""
        claims = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self._settings.issuer},
            aud={"essential": True, "value": self._settings.client_id},
            sub={"essential": True},
            exp={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        for fresh in (False, True):
            try:
                found = jwt.decode(token, self._key_set(fresh), algorithms=ALGORITHMS)
                claims.validate(found.claims)
            except (JoseError, ValueError) as error:
                if fresh:
                    raise SignInFailed("token") from error
            else:
                return dict(found.claims)
        raise SignInFailed("token")

    def _key_set(self, fresh: bool) -> jwk.KeySet:
        if self._keys is None or fresh:
            published: Any = self._read(self._published()["jwks_uri"])
            self._keys = jwk.KeySet.import_key_set(published)
        return self._keys
