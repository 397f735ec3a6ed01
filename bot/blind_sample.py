"""Draws the blind sample: a share of automatic actions and of deliveries, the same ones whenever it is run again."""

import hashlib
import hmac
from datetime import datetime

from models.domain import Decision, MessageKey, Nature
from models.policy.in_force import PolicyInForce
from models.store.blind import Draw, Stratum

ACTIONS_SHARE = 0.02
DELIVERIES_SHARE = 0.005
SECOND_SHARE = 0.1
SHARES = {Stratum.ACTION: ACTIONS_SHARE, Stratum.DELIVERY: DELIVERIES_SHARE}
_JUDGED = frozenset({Nature.ORDINARY, Nature.AUTOMATIC})
_WOULD_ACT = frozenset({"mode_shadow", "mode_assist", "certificate_absent"})
_BY_A_PERSON = frozenset({"read_and_file", "volume_limit", "closed_channel"})


def stratum_of(decision: Decision, nature: Nature) -> Stratum | None:
    """Return what the machine meant by itself: to act or to deliver; None where a person decides or decided.

    What it would have done counts, though the mode or a missing certificate kept it from it: that is what a
    certificate has to speak of before the first action.
    """
    if nature not in _JUDGED:
        return None
    rules = set(decision.rules)
    if "provisional" in rules or (rules & _WOULD_ACT and not rules & _BY_A_PERSON):
        return Stratum.ACTION
    return Stratum.DELIVERY if not decision.actions and decision.attention == 0 else None


class BlindSample:
    """Draws by a keyed hash of the message's key: nobody can tell beforehand, and a replay draws the same."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def draw(
        self,
        key: MessageKey,
        stratum: Stratum | None,
        policy: PolicyInForce,
        level: float | None,
        model_version: str,
        now: datetime,
    ) -> Draw | None:
        """Return the draw of a message, None where the lot did not fall on it; `level` is the common threshold in force."""
        if stratum is None:
            return None
        first, second = self._lots(key)
        if first >= SHARES[stratum]:
            return None
        return Draw(
            stratum=stratum,
            probability=SHARES[stratum],
            second=second < SECOND_SHARE,
            act_at=level,
            model_version=model_version,
            pack_id=policy.pack.id,
            pack_version=policy.pack.version,
            drawn_at=now,
        )

    def _lots(self, key: MessageKey) -> tuple[float, float]:
        """Return two numbers in [0, 1) that only the key's owner can foretell."""
        text = f"{key.connection_id}\0{key.native_id}".encode()
        digest = hmac.new(self._key, text, hashlib.sha256).digest()
        return int.from_bytes(digest[:8]) / 2**64, int.from_bytes(digest[8:16]) / 2**64
