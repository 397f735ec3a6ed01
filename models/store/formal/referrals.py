"""What comes back from an advice group: advice on a referral, or its withdrawal."""

from dataclasses import replace

from sqlalchemy import update

from models.formal_tables import measure
from models.measures.permits import reason
from models.measures.refusals import refusal
from models.measures.steps import Referral
from models.store.formal import notices
from models.store.formal.codec import dumped
from models.store.formal.desk import Desk, StepRefused
from models.store.formal.sealed import seal


def advise(desk: Desk, contact_id: int, referral_id: int, advice: str, recommendation: str) -> None:
    """Record the group's advice and send the matter back to who referred it.

    Raises:
        StepRefused: The referral is not open, or there is no advice.
    """
    found = _open(desk, contact_id, referral_id)
    if missing := reason(advice):
        raise StepRefused(missing)
    known = replace(
        found, advice=advice, recommendation=recommendation, advised_by=desk.officer.name, advised_at=desk.now
    )
    _keep(desk, known, "referral.advised")
    about, role = f"measure:{referral_id}", found.taken.by.role
    notices.tell(desk.database, desk.pack.id, "advice_returned", about, role, desk.now.date(), desk.now)


def withdraw(desk: Desk, contact_id: int, referral_id: int, why: str) -> None:
    """Withdraw a referral, with the reason.

    Raises:
        StepRefused: The referral is not open, or there is no reason.
    """
    found = _open(desk, contact_id, referral_id)
    if missing := reason(why):
        raise StepRefused(missing)
    _keep(desk, replace(found, withdrawn_why=why), "referral.withdrawn")


def _open(desk: Desk, contact_id: int, referral_id: int) -> Referral:
    found = desk.file(contact_id).open_referral()
    if found is None or found.referral_id != referral_id:
        raise StepRefused([refusal("state")])
    return found


def _keep(desk: Desk, referral: Referral, what: str) -> None:
    values = {"detail": dumped(referral), "state": "decided"}
    desk.database.execute(update(measure).where(measure.c.id == referral.referral_id).values(**values))
    seal(desk.database, desk.key, desk.now, desk.officer.name, what, measure, referral.referral_id)
