"""Whether the machine's probabilities are borne out: by blindly sampled verdicts, and by nothing else."""

from collections.abc import Mapping

from sqlalchemy import Connection, func, select

from models.guarantee_tables import blind_draw, blind_verdict
from models.labels import LABELS, Stance
from models.store.blind import Judgement
from models.tables import signal

JUDGED_AT_LEAST = 20
_BINS = 10
_Z = 1.96
_HARM = [label for label, stance in LABELS.items() if stance is Stance.HARM]


def borne_out(connection: Connection) -> Mapping[int, bool]:
    """Return, for each tenth (0 to 9) that a message's likeliest harm may fall in, whether readers bear it out.

    It is where at least `JUDGED_AT_LEAST` messages of that tenth were judged blindly, and the share that readers
    found harmful agrees with the tenth: the 95 % Wilson interval overlaps it.
    """
    best = (
        select(signal.c.message_id, func.max(func.coalesce(signal.c.chance, signal.c.probability)).label("p"))
        .join(blind_draw, blind_draw.c.message_id == signal.c.message_id)
        .where(signal.c.label.in_(_HARM))
        .group_by(signal.c.message_id)
        .subquery()
    )
    said = select(best.c.p, blind_verdict.c.judgement).join(
        blind_verdict, blind_verdict.c.message_id == best.c.message_id
    )
    judged, harmful = [0] * _BINS, [0] * _BINS
    for row in connection.execute(said.where(blind_verdict.c.judgement != Judgement.UNSURE.value)):
        place = tenth(row.p)
        judged[place] += 1
        harmful[place] += row.judgement == Judgement.HARMFUL.value
    return {place: _agrees(place, judged[place], harmful[place]) for place in range(_BINS)}


def tenth(probability: float) -> int:
    """Return which tenth a probability falls in."""
    return min(_BINS - 1, int(probability * _BINS))


def _agrees(place: int, n: int, hits: int) -> bool:
    if n < JUDGED_AT_LEAST:
        return False
    share, square = hits / n, _Z * _Z
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = _Z * ((share * (1 - share) / n + square / (4 * n * n)) ** 0.5) / (1 + square / n)
    return bool(middle - half <= (place + 1) / _BINS and middle + half >= place / _BINS)
