"""The year's review on the page."""

import pytest

from models.policy.loader import builtin_pack
from models.session import writing
from models.store.formal import offices
from review_queue.i18n import utc_now
from tests.fakes.world import KEY
from tests.review_queue.conftest import NAME


def appoint(desk, role):
    with writing(desk.world.engine) as database:
        offices.appoint(database, KEY, NAME, builtin_pack("psow"), role, "root", utc_now())


@pytest.mark.parametrize(
    "path", ["/year/psow", "/year/psow/report.pdf", "/year/psow/figures.xlsx", "/year/psow/counts.svg"]
)
def test_the_year_is_for_those_who_may_manage_contact(desk, path):
    assert desk.client.get(path).status_code == 403
    appoint(desk, "staff")
    assert desk.client.get(path).status_code == 403
    appoint(desk, "hopsc")
    assert desk.client.get(path).status_code == 200


def test_each_chart_has_its_table_beneath_in_both_languages(desk):
    appoint(desk, "hopsc")
    for language, told in (("en", "Incidents upheld"), ("cy", "Digwyddiadau a gadarnhawyd")):
        desk.client.get(f"/language/{language}")
        html = desk.client.get("/year/psow?to=2026-03-31").text
        assert told in html
        for part in html.split("<img")[1:]:
            assert "<table" in part.split("<h2")[0]
    for path in ("/year/nowhere", "/year/psow?to=x", "/year/psow/makers.svg", "/year/psow/x"):
        assert desk.client.get(path).status_code == 404
