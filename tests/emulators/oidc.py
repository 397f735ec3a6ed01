"""A small OpenID Connect provider on loopback: discovery, keys, authorisation with PKCE, and tokens, each code once."""

import base64
import hashlib
import json
import secrets
import time
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwk, jwt

from tests.emulators.loopback import Answer, Loopback, Request

CLIENT, SECRET = "porthor-page", "a secret of the page"


class Provider:
    """One provider with one client. `person` is who signs in; `spoil` changes an ID token before it is signed."""

    def __init__(self) -> None:
        self.key = jwk.RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.person = {"sub": "s-1", "preferred_username": "Gwen@example.org", "email": "gwen@example.org"}
        self.spoil = lambda claims: claims
        self.sign_with = None
        self._codes: dict[str, dict[str, str]] = {}
        self.server = Loopback(self._handle)
        self.issuer = self.server.url

    def rotate(self) -> None:
        """Sign with a new key from now on."""
        self.key = jwk.RSAKey.generate_key(2048, {"kid": secrets.token_hex(4), "use": "sig", "alg": "RS256"})

    def _handle(self, request: Request) -> Answer:
        parts = urlsplit(request.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        match parts.path:
            case "/.well-known/openid-configuration":
                return _json(
                    {
                        "issuer": self.issuer,
                        "authorization_endpoint": f"{self.issuer}/authorize",
                        "token_endpoint": f"{self.issuer}/token",
                        "jwks_uri": f"{self.issuer}/keys",
                    }
                )
            case "/keys":
                return _json({"keys": [self.key.as_dict(private=False)]})
            case "/authorize":
                return self._authorize(asked)
            case "/token":
                return self._token(request)
        return Answer(404)

    def _authorize(self, asked: dict[str, str]) -> Answer:
        if asked["client_id"] != CLIENT or asked["response_type"] != "code" or asked["code_challenge_method"] != "S256":
            return Answer(400)
        code = secrets.token_urlsafe(12)
        self._codes[code] = asked
        back = f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"
        return Answer(303, headers={"Location": back})

    def _token(self, request: Request) -> Answer:
        given = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        asked = self._codes.pop(given.get("code", ""), None)
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        fits = (
            asked is not None
            and asked["code_challenge"] == challenge
            and asked["redirect_uri"] == given["redirect_uri"]
        )
        if request.headers.get("Authorization") != f"Basic {basic}" or not fits:
            return Answer(400, json.dumps({"error": "invalid_grant"}).encode())
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.person,
        }
        key = self.sign_with or self.key
        token = jwt.encode({"alg": "RS256", "kid": self.key.kid}, self.spoil(claims), key)
        return _json({"access_token": "x", "token_type": "Bearer", "expires_in": 300, "id_token": token})


def _json(body: object) -> Answer:
    return Answer(200, json.dumps(body).encode())
