"""Zones by the names that people type."""

from __future__ import annotations

import pytest

from bot.commands.server.setup import complete_zone, parse_zone
from bot.settings.config import parse
from bot.settings.zones import meant


@pytest.mark.parametrize("typed", ["EST", "est", "EDT", "ET", "EST5EDT", "US/Eastern", " us/eastern "])
def test_the_names_of_the_eastern_zone_mean_new_york_everywhere(typed: str) -> None:
    assert meant(typed) == "America/New_York"
    assert parse_zone(typed) == "America/New_York"
    assert parse(f'[summary]\nzone = "{typed}"', ()).summary.zone == "America/New_York"
    assert complete_zone(typed)[0].value == "America/New_York"


def test_other_names_stay_what_they_are() -> None:
    assert meant("Europe/Berlin") == "Europe/Berlin"
    assert meant("Estonia") == "Estonia"


@pytest.mark.parametrize(
    ("typed", "zone"),
    [("PST", "America/Los_Angeles"), (" pdt ", "America/Los_Angeles"), ("CDT", "America/Chicago"), ("MDT", "America/Denver"),
     ("CET", "Europe/Berlin"), ("cest", "Europe/Berlin"), ("BST", "Europe/London"), ("JST", "Asia/Tokyo")],
)  # fmt: skip
def test_a_short_name_that_one_part_of_the_world_has_means_its_zone(typed: str, zone: str) -> None:
    assert meant(typed) == zone


@pytest.mark.parametrize("typed", ["CST", "IST", "MST", "Pacific"])
def test_a_name_that_several_have_is_left_as_it_is(typed: str) -> None:
    assert meant(typed) == typed
