"""People type the time zone as EST or US/Eastern (nwithan8/tauticord#13, Mantaro/MantaroBot#155)."""

from __future__ import annotations

import pytest

from bot.commands.server.setup import parse_zone
from bot.errors import UserError

OFFERS_ANOTHER_CITY = pytest.mark.xfail(
    strict=True, raises=AssertionError, reason="the zone is refused and America/Creston, in another zone, is offered"
)


@pytest.mark.parametrize("typed", [pytest.param("EST", marks=OFFERS_ANOTHER_CITY), "US/Eastern"])
def test_the_eastern_zone_leads_to_new_york(typed: str) -> None:
    try:
        answer = parse_zone(typed)
    except UserError as error:
        answer = str(error)
    assert "America/New_York" in answer
