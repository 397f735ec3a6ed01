"""An office of one pack over a store in memory: of the Ombudsman for Wales, unless a test names others."""

import pytest

from tests.fakes.desks import Office


@pytest.fixture
def office(request):
    made = Office(getattr(request, "param", "psow"))
    yield made
    made.close()
