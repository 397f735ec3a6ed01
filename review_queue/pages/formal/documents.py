"""Forms of a person's file as documents, for those who may read what stands in them."""

from fastapi import APIRouter, HTTPException, Request, Response
from sqlalchemy import select

from models.measures import authority
from models.policy.loader import builtin_pack, builtin_pack_ids
from models.records import forms
from models.session import reading
from models.store.formal import files, offices
from models.tables import contact
from review_queue.app import Page, language_of, reader_of
from review_queue.i18n import utc_now
from review_queue.numbers import Number

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def routes(page: Page) -> APIRouter:
    """Return the routes of the documents."""
    router = APIRouter()

    @router.get("/document/{org}/{contact_id}/{kind}/{number}.{ending}")
    def document(request: Request, org: str, contact_id: Number, kind: str, number: Number, ending: str) -> Response:
        if org not in builtin_pack_ids() or ending not in {"pdf", "docx"}:
            raise HTTPException(404)
        pack, now = builtin_pack(org), utc_now()
        with reading(page.engine) as database:
            try:
                officer = offices.officer(database, reader_of(request), org, now)
            except offices.NoOffice:
                return page.render(request, "formal_no_role.html", 403)
            name = database.execute(select(contact.c.name).where(contact.c.id == contact_id)).scalar()
            if name is None:
                raise HTTPException(404)
            if kind != "incident" and authority.may(pack, officer, _needed(org)) is not None:
                return page.render(request, "formal_no_role.html", 403)
            filling = forms.Filling(pack, files.dossier_of(database, contact_id, org), name, language_of(request))
        try:
            form = filling.form(kind, number)
        except forms.NoSuchForm as error:
            raise HTTPException(404) from error
        made, media = (forms.as_pdf(form, now), "application/pdf") if ending == "pdf" else (forms.as_docx(form), _WORD)
        named = {"Content-Disposition": f'attachment; filename="{org}-{kind}-{number}.{ending}"'}
        return Response(made, media_type=media, headers=named)

    return router


def _needed(org: str) -> str:
    """Return the decision whose grade may read needs and reasons: to refer, or else to manage contact."""
    referral = builtin_pack(org).referral
    return "formally_manage" if referral is None else referral.decision
