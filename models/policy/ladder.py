"""The ladder on platforms: hide, mute, block, report, in the order that the pack gives them."""

from collections.abc import Collection, Sequence

from models.domain import Action


def next_rung(ladder: Sequence[Action], taken: Action | None, can: Collection[Action] | None = None) -> Action | None:
    """Return the step after `taken` that can be carried out, or None at the top.

    `taken` None, or a step the ladder lacks, means that nothing was done yet. `can` None leaves the
    account's abilities out of it.
    """
    start = ladder.index(taken) + 1 if taken in ladder else 0
    return next((step for step in ladder[start:] if can is None or step in can), None)


def hardest(ladder: Sequence[Action], taken: Collection[Action]) -> Action | None:
    """Return the step of `taken` that stands highest on the ladder."""
    return next((step for step in reversed(ladder) if step in taken), None)
