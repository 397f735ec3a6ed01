"""The forms of the policies as documents: the referral to the advice group, an incident, the Staff Safety Register, what was considered."""

import io
from dataclasses import dataclass
from datetime import datetime

from docx import Document

from models.measures import deadlines
from models.measures.dossier import Dossier
from models.measures.ladder import in_words
from models.measures.steps import Answer, Incident, RecordKind, Referral, Restriction
from models.policy.clocks import LONDON
from models.policy.schema import Pack
from models.records import typeset
from models.records.form_words import WORDS
from models.records.visible import visible


class NoSuchForm(Exception):
    """There is nothing in the file to fill this form from."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A form filled in: its title and its fields in order, each a label and what stands there."""

    title: str
    organisation: str
    language: str
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Filling:
    """What forms are filled from: a policy, a person's file and name, and the language of the form."""

    pack: Pack
    file: Dossier
    name: str
    language: str

    def form(self, kind: str, number: int) -> Filled:
        """Return the form of a kind about a step or incident.

        Raises:
            NoSuchForm: There is no such step in the file, or no such kind.
        """
        makers = {
            "referral": self._referral, "incident": self._incident, "considered": self._considered, "safety": self._safety,
        }  # fmt: skip
        if kind not in makers:
            raise NoSuchForm(f"there is no form called {kind}")
        found = makers[kind](number)
        title = self.word(f"{kind}_title")
        fields = tuple((self.word(key) if key in WORDS else key, text) for key, text in found)
        return Filled(title, getattr(self.pack.organisation.name, self.language), self.language, fields)

    def word(self, key: str) -> str:
        """Return a word of the forms."""
        return WORDS[key][self.language == "cy"]

    def _day(self, at: datetime | None) -> str:
        return "" if at is None else str(getattr(in_words(deadlines.london_day(at)), self.language))

    def _title(self, role: str) -> str:
        found = next((entry.title for entry in self.pack.roles if entry.id == role), None)
        return role if found is None else str(getattr(found, self.language))

    def _clauses(self, ids: tuple[str, ...]) -> str:
        texts = {clause.id: getattr(clause.text, self.language) for clause in self.pack.clauses}
        return "\n".join(f"{name} {texts.get(name, '')}".strip() for name in ids)

    def _yes(self, yes: bool | None) -> str:
        return self.word("yes" if yes else "not_fitting" if yes is None else "no")

    def _referral(self, number: int) -> list[tuple[str, str]]:
        found = next((entry for entry in self.file.referrals if entry.referral_id == number), None)
        if found is None:
            raise NoSuchForm(f"there is no referral {number} in this file")
        decision, signature = self._decision(found)
        needs = found.needs + (
            f"\n{self.word('sought')} {found.adjustments_sought}" if found.adjustments_sought else ""
        )
        return [
            ("case_ref", found.case_ref),
            ("service_user", self.name),
            ("case_owner", found.case_owner),
            ("referred_by", f"{found.taken.by.name}, {self._title(found.taken.by.role)}"),
            ("date_to_group", self._day(found.taken.at) + (f" ({self.word('urgent')})" if found.urgent else "")),
            ("reason", found.reason),
            ("action", found.action_so_far),
            ("needs", needs),
            ("analysis", self._advice(found)),
            ("manager_decision", decision),
            ("signature", signature),
        ]

    def _advice(self, found: Referral) -> str:
        if found.withdrawn_why:
            return f"{self.word('withdrawn')} {found.withdrawn_why}"
        if found.advised_at is None:
            return ""
        return f"{found.advice}\n{found.recommendation}\n{found.advised_by}, {self._day(found.advised_at)}".replace(
            "\n\n", "\n"
        )

    def _decision(self, referral: Referral) -> tuple[str, str]:
        """Return what was decided after the advice and who signed it, empty while nobody did."""
        mine = [r for r in self.file.restrictions if r.referral_id == referral.referral_id]
        if mine:
            return self._what(mine[0]), f"{mine[0].taken.by.name}, {self._day(mine[0].taken.at)}"
        later = [r for r in self.file.records if r.taken.at >= (referral.advised_at or referral.taken.at)]
        decided = [r for r in later if r.kind in {RecordKind.APPLY, RecordKind.NOT_APPLY, RecordKind.EXCEPT}]
        if decided:
            return decided[0].why, f"{decided[0].taken.by.name}, {self._day(decided[0].taken.at)}"
        return "", ""

    def _what(self, restriction: Restriction) -> str:
        texts = {measure.id: getattr(measure.text, self.language) for measure in self.pack.measures}
        return "; ".join(texts[terms.measure] for terms in restriction.measures) + f"\n{restriction.why}"

    def _incident(self, number: int) -> list[tuple[str, str]]:
        found = next((entry for entry in self.file.incidents if entry.incident_id == number), None)
        if found is None:
            raise NoSuchForm(f"there is no incident {number} in this file")
        return [
            ("incident", str(number)),
            ("service_user", self.name),
            ("when", found.at.astimezone(LONDON).strftime("%d/%m/%Y %H:%M")),
            ("channel", found.channel.value),
            ("clauses", self._clauses(found.clauses)),
            ("what", found.what or (f"{self.word('message')} {found.message_id}" if found.message_id else "")),
            ("danger", self._yes(found.danger)),
            *self._call(found),
            ("staff", ", ".join(found.staff)),
            ("apart", self._yes(found.keep_apart)),
            ("support", self._clauses(found.support)),
            ("reported_by", found.reported_by),
            ("manager", found.manager),
            ("police", "" if found.police is None else f"{self._yes(found.police.told)}: {found.police.note}"),
            ("decided", "" if found.decided is None else f"{self.word(found.state.value)}: {found.why}"),
            ("signature", "" if found.decided is None else f"{found.decided.by.name}, {self._day(found.decided.at)}"),
        ]

    def _call(self, found: Incident) -> list[tuple[str, str]]:
        if not found.terminated_call:
            return []
        return [("call_ended", self._yes(True)), ("call_warned", self._yes(found.warned_first))]

    def _considered(self, number: int) -> list[tuple[str, str]]:
        found = self.file.restriction(number)
        if found is None:
            raise NoSuchForm(f"there is no restriction {number} in this file")

        def shown(answers: tuple[Answer, ...]) -> list[tuple[str, str]]:
            return [(self._clauses((a.clause,)), f"{self._yes(a.yes)}: {a.note}") for a in answers]

        return [
            ("restriction", f"{number}: {self._what(found)}"),
            ("service_user", self.name),
            *shown(found.answers),
            *shown(found.offers),
            ("circumstances", found.circumstances),
            ("signature", f"{found.taken.by.name}, {self._title(found.taken.by.role)}, {self._day(found.taken.at)}"),
        ]

    def _safety(self, number: int) -> list[tuple[str, str]]:
        kinds = {RecordKind.SAFETY_REGISTER, RecordKind.NO_SAFETY_REGISTER}
        found = next((r for r in self.file.records if r.record_id == number and r.kind in kinds), None)
        if found is None:
            raise NoSuchForm(f"there is no decision {number} on the Staff Safety Register in this file")
        grave = [i for i in self.file.upheld() if i.danger or i.staff or i.zero_tolerance]
        return [
            ("service_user", self.name),
            ("to_register", self._yes(found.kind is RecordKind.SAFETY_REGISTER)),
            ("reason_plain", found.why),
            ("incidents", "\n".join(f"{i.incident_id}: {self._day(i.at)}, {', '.join(i.clauses)}" for i in grave)),
            ("staff", ", ".join(sorted({name for i in grave for name in i.staff}))),
            ("group_outcome", ""),
            ("signature", f"{found.taken.by.name}, {self._title(found.taken.by.role)}, {self._day(found.taken.at)}"),
        ]


def as_pdf(form: Filled, now: datetime) -> bytes:
    """Return a form as a PDF."""
    data = {
        "title": form.title, "organisation": form.organisation, "language": form.language,
        "fields": [[visible(label), visible(text)] for label, text in form.fields],
    }  # fmt: skip
    return typeset.pdf("form", data, now)


def as_docx(form: Filled) -> bytes:
    """Return a form as a Word document, to be filled in further."""
    document = Document()
    document.core_properties.title, document.core_properties.author = form.title, form.organisation
    document.add_heading(form.title, 1)
    document.add_paragraph(form.organisation)
    table = document.add_table(rows=0, cols=2, style="Table Grid")
    for label, text in form.fields:
        row = table.add_row()
        row.cells[0].paragraphs[0].add_run(visible(label)).bold = True
        row.cells[1].text = visible(text)
    packed = io.BytesIO()
    document.save(packed)
    return packed.getvalue()
