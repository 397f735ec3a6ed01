"""What other systems may hear of the formal side: that a restriction began or ended; no name and no ground."""

from datetime import datetime

from sqlalchemy import Connection

from models.measures.steps import Restriction
from models.store import webhooks
from models.store.webhooks import Event


def restriction(connection: Connection, about: Restriction, contact_id: int, org: str, now: datetime) -> None:
    """Write that a restriction began, or ended where it has."""
    event = Event.RESTRICTION_BEGUN if about.ended is None else Event.RESTRICTION_ENDED
    number, day = about.restriction_id, about.review_on
    webhooks.enter(
        connection, event, f"{event}:{number}", org, now, restriction=number, path=f"/formal/{org}/{contact_id}",
        review_on=day.isoformat() if day else None,
    )  # fmt: skip
