"""The words of the year's review in both languages."""

from models.policy.schema import Pack
from models.records.year.figures import Cell, Section

CHARACTERISTICS: dict[str, tuple[str, str]] = {
    "age": ("Age", "Oedran"),
    "disability": ("Disability", "Anabledd"),
    "gender_reassignment": ("Gender reassignment", "Ailbennu rhywedd"),
    "marriage": ("Marriage and civil partnership", "Priodas a phartneriaeth sifil"),
    "pregnancy": ("Pregnancy and maternity", "Beichiogrwydd a mamolaeth"),
    "race": ("Race", "Hil"),
    "religion": ("Religion or belief", "Crefydd neu gred"),
    "sex": ("Sex", "Rhyw"),
    "sexual_orientation": ("Sexual orientation", "Cyfeiriadedd rhywiol"),
}
"""The nine of the Equality Act 2010, section 4, in English and Welsh."""

_WORDS: dict[str, tuple[str, str]] = {
    "title": ("Review of measures for the year to", "Adolygiad o fesurau am y flwyddyn hyd at"),
    "counts": ("What was done", "Beth a wnaed"),
    "types": ("Kinds of measure", "Mathau o fesur"),
    "grounds": ("Grounds", "Seiliau"),
    "durations": ("How long restrictions last", "Pa mor hir y mae cyfyngiadau'n para"),
    "appeals": ("Appeals and their outcomes", "Apeliadau a'u canlyniadau"),
    "adjustments": ("Needs and adjustments", "Anghenion ac addasiadau"),
    "characteristics": (
        "People restricted, by protected characteristic",
        "Pobl a gyfyngwyd, yn ôl nodwedd warchodedig",
    ),
    "makers": ("Consistency between decision makers", "Cysondeb rhwng y rhai sy'n penderfynu"),
    "all": ("Every restriction that stood in the year", "Pob cyfyngiad a oedd mewn grym yn ystod y flwyddyn"),
    "what": ("What", "Beth"),
    "number": ("Number", "Nifer"),
    "people": ("People", "Pobl"),
    "measure": ("Measure", "Mesur"),
    "clause": ("Clause", "Cymal"),
    "characteristic": ("Characteristic", "Nodwedd"),
    "median_days": ("Median, days", "Canolrif, diwrnodau"),
    "shortest_days": ("Shortest, days", "Byrraf, diwrnodau"),
    "longest_days": ("Longest, days", "Hiraf, diwrnodau"),
    "maker": ("Decision maker", "Pwy a benderfynodd"),
    "measures_each": ("Measures each", "Mesurau yr un"),
    "without_warning": ("Without a warning", "Heb rybudd"),
    "line_closed": ("Last line closed", "Cau'r llinell olaf"),
    "overturned": ("Ended or changed on appeal", "Daeth i ben neu newidiwyd ar apêl"),
    "restriction": ("Restriction", "Cyfyngiad"),
    "basis": ("Basis", "Sail"),
    "begun": ("Began", "Dechreuodd"),
    "ends": ("Ends or ended", "Daw neu daeth i ben"),
    "incidents_upheld": ("Incidents upheld", "Digwyddiadau a gadarnhawyd"),
    "incidents_dismissed": ("Incidents dismissed", "Digwyddiadau a wrthodwyd"),
    "asks": ("Requests for change", "Ceisiadau am newid"),
    "warnings": ("Warnings", "Rhybuddion"),
    "restrictions_formal": ("Formal restrictions", "Cyfyngiadau ffurfiol"),
    "restrictions_informal": ("Informal restrictions", "Cyfyngiadau anffurfiol"),
    "restrictions_call": ("Restrictions after a call", "Cyfyngiadau ar ôl galwad"),
    "people_restricted": ("People newly restricted", "Pobl a gyfyngwyd o'r newydd"),
    "reviews": ("Reviews", "Adolygiadau"),
    "stood_at_end": ("In force at the end of the year", "Mewn grym ar ddiwedd y flwyddyn"),
    "appeal_upheld": ("Succeeded: the measure ended", "Llwyddodd: daeth y mesur i ben"),
    "appeal_varied": ("The measure was changed", "Newidiwyd y mesur"),
    "appeal_dismissed": ("The measure stands", "Mae'r mesur yn sefyll"),
    "appeal_open": ("Not decided yet", "Heb ei benderfynu eto"),
    "appeal_late": ("Of all, late", "O'r cyfan, hwyr"),
    "appeal_outside": ("Of all, heard outside", "O'r cyfan, clywyd y tu allan"),
    "needs_recorded": ("Needs recorded or believed", "Anghenion a gofnodwyd neu a gredir"),
    "adjustments_made": ("Adjustments made", "Addasiadau a wnaed"),
    "adjustments_asked": ("Adjustments asked for", "Addasiadau y gofynnwyd amdanynt"),
    "adjustments_declined": ("Adjustments declined", "Addasiadau a wrthodwyd"),
    "not_recorded": ("None recorded", "Dim wedi'i gofnodi"),
    "all_together": ("All together", "Pawb gyda'i gilydd"),
    "suppressed": ("suppressed", "cuddiwyd"),
    "nothing": ("Nothing in this year.", "Dim yn y flwyddyn hon."),
    "note": (
        (
            "Numbers of people below five are suppressed where they would tell who somebody is; where only one would be, the next is too. "
            "A characteristic counts only where it was recorded for the sake of an adjustment. No person is named here."
        ),
        (
            "Cuddir niferoedd o dan bump o bobl lle byddent yn dangos pwy yw rhywun; lle na fyddai ond un, cuddir y nesaf hefyd. "
            "Dim ond lle cofnodwyd nodwedd er mwyn addasiad y mae'n cyfrif. Ni enwir unrhyw berson yma."
        ),
    ),
}


def word(key: str, language: str) -> str:
    """Return a word of the report."""
    return (_WORDS | CHARACTERISTICS)[key][language == "cy"]


def heading(section: Section, language: str) -> list[str]:
    """Return the columns of a table in words."""
    return [word(column, language) for column in section.columns]


def cells(section: Section, pack: Pack, language: str) -> list[list[str]]:
    """Return the rows of a table in words."""
    measures = {found.id: getattr(found.text, language) for found in pack.measures}
    clauses = {found.id: f"{found.id} {getattr(found.text, language)}" for found in pack.clauses}

    def shown(cell: Cell, column: str) -> str:
        if cell is None:
            return word("suppressed", language)
        if not isinstance(cell, str):
            return f"{cell:g}"
        if column in {"measure", "clause"}:
            words = measures if column == "measure" else clauses
            return "; ".join(words.get(part, part) for part in cell.split(", ")) if cell else "–"
        known = _WORDS | CHARACTERISTICS
        translated = column in {"what", "characteristic", "basis"} or cell == "all_together"
        return word(cell, language) if translated and cell in known else cell

    return [[shown(cell, column) for cell, column in zip(row, section.columns, strict=True)] for row in section.rows]
