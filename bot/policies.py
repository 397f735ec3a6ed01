"""The policies in force: a pack with the certificate and mode that a connection runs under."""

from functools import cache

from classifiers.calibration import reference_certificate
from models.domain import Mode
from models.policy.in_force import PolicyInForce
from models.policy.loader import builtin_pack, builtin_pack_ids


class UnknownPack(LookupError):
    """No pack has this name."""


class ReferencePolicies:
    """The built-in packs in mode `enforce` under the reference certificate: what `porthor classify` uses."""

    @cache  # noqa: B019 - one object lives as long as the command
    def of(self, pack_id: str) -> PolicyInForce:
        """Return the policy of the pack `pack_id`.

        Raises:
            UnknownPack: There is no such built-in pack.
        """
        if pack_id not in builtin_pack_ids():
            raise UnknownPack(f"no pack is called {pack_id!r}: use one of {', '.join(sorted(builtin_pack_ids()))}")
        return PolicyInForce(builtin_pack(pack_id), reference_certificate(), Mode.ENFORCE)


def policy_of(org: str, mode: Mode) -> PolicyInForce:
    """Return the built-in pack of `org` under the reference certificate in `mode`.

    Raises:
        UnknownPack: There is no such built-in pack.
    """
    reference = _reference().of(org)
    return reference if mode is Mode.ENFORCE else _with_mode(org, mode)


@cache
def _reference() -> ReferencePolicies:
    return ReferencePolicies()


@cache
def _with_mode(org: str, mode: Mode) -> PolicyInForce:
    reference = _reference().of(org)
    return PolicyInForce(reference.pack, reference.certificate, mode)
