"""`python -m tests.review_queue.tour SHOTS TO`: the small pictures of the tour, from those that `make shots` took of the example."""

import sys
from pathlib import Path

from PIL import Image

TOUR = (
    "today-en", "queue-cy", "case-en", "campaign-en", "quarantine-en", "connections-en", "letter-en", "insights-en",
)  # fmt: skip
SIZE, HEIGHT, COLOURS, BYTES_AT_MOST = 880, 620, 96, 80_000


def small(shot: Path, to: Path) -> None:
    """Write the top of a picture of a page, small and in few colours.

    Raises:
        ValueError: It is larger than `BYTES_AT_MOST` all the same.
    """
    with Image.open(shot) as whole:
        high = round(whole.height * SIZE / whole.width)
        part = whole.convert("RGB").resize((SIZE, high), Image.Resampling.LANCZOS).crop((0, 0, SIZE, min(high, HEIGHT)))
    part.quantize(COLOURS, Image.Quantize.MAXCOVERAGE).save(to, optimize=True)
    if to.stat().st_size > BYTES_AT_MOST:
        raise ValueError(f"{to} is {to.stat().st_size} bytes, more than {BYTES_AT_MOST}: take fewer colours")


if __name__ == "__main__":
    for name in TOUR:
        small(Path(sys.argv[1]) / f"{name}-1280.png", Path(sys.argv[2]) / f"tour-{name}.png")
