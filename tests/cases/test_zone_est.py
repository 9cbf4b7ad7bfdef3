"""People type the time zone as EST or US/Eastern (nwithan8/tauticord#13, Mantaro/MantaroBot#155)."""

from __future__ import annotations

import pytest

from bot.commands.server.setup import parse_zone


@pytest.mark.parametrize("typed", ["EST", "US/Eastern"])
def test_the_eastern_zone_leads_to_new_york(typed: str) -> None:
    assert parse_zone(typed) == "America/New_York"
