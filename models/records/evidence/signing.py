"""The key that signs evidence: Ed25519, 32 bytes in the data folder; the public half travels with each pack."""

import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

SEED_BYTES = 32


def sign(seed: bytes, data: bytes) -> bytes:
    """Return the signature of `data`, 64 bytes."""
    return Ed25519PrivateKey.from_private_bytes(seed).sign(data)


def public_pem(seed: bytes) -> bytes:
    """Return the public key as PEM."""
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def fingerprint(pem: bytes) -> str:
    """Return the SHA-256 of a public key in groups of four, as one reads it over the telephone.

    Raises:
        ValueError: It is no Ed25519 public key.
    """
    digest = hashlib.sha256(_public(pem).public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()
    return " ".join(digest[at : at + 4] for at in range(0, 64, 4))


def fits(pem: bytes, signature: bytes, data: bytes) -> bool:
    """True when the key signed `data`.

    Raises:
        ValueError: It is no Ed25519 public key.
    """
    try:
        _public(pem).verify(signature, data)
    except InvalidSignature:
        return False
    return True


def _public(pem: bytes) -> Ed25519PublicKey:
    found = load_pem_public_key(pem)
    if not isinstance(found, Ed25519PublicKey):
        raise ValueError("the key is not an Ed25519 public key")  # noqa: TRY004 - a wrong value, not a wrong type
    return found
