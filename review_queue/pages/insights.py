"""What the desk has done: charts with their tables, for a span of days and an organisation."""

from datetime import date, timedelta

from fastapi import APIRouter, HTTPException, Request, Response

from models.policy.loader import builtin_pack_ids
from models.session import reading
from models.store import insights
from models.store.insights import Insights, Span
from review_queue import charts, csv_export, i18n
from review_queue.app import Page, language_of, rights_of
from review_queue.panels import Panel
from review_queue.rights import Right

DAYS = (7, 30, 90, 365)
KEPT_S = 20.0
"""The page and its charts, each fetched by itself, show one answer of the store."""
Row = tuple[str | float, ...]


def routes(page: Page) -> APIRouter:
    """Return the routes of the insights."""
    router = APIRouter()

    @router.get("/insights")
    def shown(request: Request, days: int = 30, org: str = "") -> Response:
        found = read(page, days, org)
        return page.render(
            request, "insights.html", found=found, panels=_panels(request, found), days=_days(days),
            org=_org(org), spans=DAYS, orgs=sorted(builtin_pack_ids()),
        )  # fmt: skip

    @router.get("/insights/{name}.svg")
    def chart(request: Request, name: str, days: int = 30, org: str = "") -> Response:
        panel = _panel(page, request, name, days, org)
        return charts.picture(charts.svg(panel))

    @router.get("/insights/{name}.csv")
    def file(request: Request, name: str, days: int = 30, org: str = "") -> Response:
        panel = _panel(page, request, name, days, org)
        return csv_export.answer(f"{panel.name}.csv", panel.head, panel.rows)

    return router


def _panel(page: Page, request: Request, name: str, days: int, org: str) -> Panel:
    found = next((p for p in _panels(request, read(page, days, org)) if p.name == name), None)
    if found is None:
        raise HTTPException(404)
    return found


def _panels(request: Request, found: Insights) -> list[Panel]:
    """Return the panels that the reader may see: who decided how much is for those who lead."""
    leads = Right.APPROVE in rights_of(request)
    return [panel for panel in panels(found, language_of(request)) if leads or panel.name != "load"]


def _days(days: int) -> int:
    return days if days in DAYS else 30


def _org(org: str) -> str:
    return org if org in builtin_pack_ids() else ""


def read(page: Page, days: int, org: str) -> Insights:
    """Return the insights of the last `days`, of one organisation or of all."""
    found: Insights = page.kept(("insights", _days(days), _org(org)), KEPT_S, lambda: _asked(page, days, org))
    return found


def _asked(page: Page, days: int, org: str) -> Insights:
    with page.counting, reading(page.engine) as database:
        return insights.read(database, Span(i18n.utc_now() - timedelta(days=_days(days)), _org(org)), page.campaigns)


def panels(found: Insights, language: str) -> list[Panel]:
    """Return everything that has something to show, in the words of `language`."""
    made = [
        *_handled(found, language),
        *_campaign_map(found, language),
        *_people(found, language),
        _wrong(found, language),
        _reliability(found, language),
    ]
    return [panel for panel in made if panel.rows]


def _handled(found: Insights, language: str) -> list[Panel]:
    _ = i18n.gettext_of(language)
    handlings = (_("Delivered"), _("Held"), _("To look at"), _("Urgent"))
    tongues = {"cy": "Cymraeg", "en": "English", "mixed": _("both languages"), "": _("not told")}
    days: list[Row] = [(_day(day, language), *counts) for day, counts in found.by_day.items()]
    channels: list[Row] = [(_channel(name, language), *counts) for name, counts in found.by_channel.items()]
    spoken: list[Row] = [(tongues.get(name, name), *counts) for name, counts in found.by_language.items()]
    campaigns = tuple((_day(day, language), count) for day, count in found.campaign_days.items())
    return [
        Panel("volume", _("Messages by day"), (_("Day"), *handlings), days),
        Panel("channels", _("By channel"), (_("Channel"), *handlings), channels, "sideways"),
        Panel("languages", _("By language"), (_("Language"), *handlings), spoken, "sideways"),
        Panel("clauses", _("Clauses cited most"), (_("Clause"), _("Messages")), tuple(found.clauses), "sideways"),
        Panel("campaigns", _("Messages of campaigns by day"), (_("Day"), _("Messages")), campaigns, "bars"),
    ]


def _campaign_map(found: Insights, language: str) -> list[Panel]:
    """Return each campaign on a line of time, the circle of a day as large as what came on it."""
    _ = i18n.gettext_of(language)
    if not found.clusters:
        return []
    first = min(one.days[0][0] for one in found.clusters)
    last = max(one.days[-1][0] for one in found.clusters)
    days = [i18n.short_day(first + timedelta(days=n), language) for n in range((last - first).days + 1)]
    rows: list[Row] = [
        (
            f"{_('Case')} {one.case_id}", one.messages, one.people, ", ".join(_channel(name, language) for name in one.channels),
            one.places, i18n.short_day(one.days[0][0], language), i18n.short_day(one.days[-1][0], language),
        )
        for one in found.clusters
    ]  # fmt: skip
    head = (_("Campaign"), _("Messages"), _("People"), _("Channels"), _("Places reached"), _("First"), _("Last"))
    note = _("The largest campaigns of this time. A circle is a day: the larger, the more came. Places are the addresses of mails and the threads of posts.")  # fmt: skip
    return [
        Panel(
            "map", _("Campaigns over time"), head, rows, "times", note, links=[f"/case/{one.case_id}" for one in found.clusters],
            points=[[((day - first).days, count) for day, count in one.days] for one in found.clusters], days=days,
        )
    ]  # fmt: skip


def _channel(name: str, language: str) -> str:
    _ = i18n.gettext_of(language)
    mail = {"email": _("mail"), "unproven-email": _("mail, origin not proven"), "x": "X"}
    return mail.get(name, name.capitalize())


def _people(found: Insights, language: str) -> list[Panel]:
    _ = i18n.gettext_of(language)
    kinds = {"urgent": _("Urgent"), "review": _("To look at")}
    waited = tuple(
        (kinds[row.kind], round(row.median_min, 1), round(row.slowest_tenth_min, 1), row.cases) for row in found.waited
    )
    said = ("deliver", "enforce", "escalate", "undo")
    load: list[Row] = [(name, *(counts.get(kind, 0) for kind in said)) for name, counts in found.load.items()]
    return [
        Panel(
            "verdicts", _("Minutes to the first verdict"), (_("Kind"), _("Half within"), _("Nine in ten within"), _("Cases")),
            waited, "bars",
        ),
        Panel(
            "load", _("Verdicts by reviewer"),
            (_("Reviewer"), _("delivered"), _("enforced"), _("escalated"), _("undone")), load, "sideways",
            _("Kept to share work fairly, not to measure people."),
        ),
    ]  # fmt: skip


def _wrong(found: Insights, language: str) -> Panel:
    _ = i18n.gettext_of(language)
    words = {
        "criticism": _("it is fair criticism"),
        "quoted": _("these are somebody else's words, quoted"),
        "irony": _("it is meant as irony or a joke"),
        "not_at_staff": _("it is not about anybody here"),
        "wrong_person": _("it is somebody else's doing"),
        "missed": _("it is worse than the machine saw"),
    }
    said = ("deliver", "enforce", "no_action", "escalate")
    rows: list[Row] = [
        (words.get(reason, _("something else")), *(counts.get(kind, 0) for kind in said))
        for reason, counts in found.wrong_because.items()
    ]
    head = (_("wrong because"), _("delivered"), _("enforced"), _("no action taken"), _("escalated"))
    note = _("What reviewers said of the machine's proposal. `porthor learn` learns from it.")
    return Panel("wrong", _("Why the machine was wrong"), head, rows, "sideways", note)


def _reliability(found: Insights, language: str) -> Panel:
    _ = i18n.gettext_of(language)
    rows = tuple(
        (
            _("Acted on") if row.stratum.startswith("act") else _("Delivered"),
            round(100 * row.wrong / row.judged, 2), round(100 * row.low, 2), round(100 * row.high, 2), row.judged,
        )
        for row in found.reliability
    )  # fmt: skip
    head = (_("Stratum"), _("Wrong, in %"), _("at least"), _("at most"), _("Judged"))
    return Panel(
        "reliability", _("What blind readers found wrong"), head, rows, "bars",
        _("Drawn at random and judged without seeing what the machine did; bounds at 95 %."),
    )  # fmt: skip


def _day(day: str, language: str) -> str:
    return i18n.short_day(date.fromisoformat(day), language)
