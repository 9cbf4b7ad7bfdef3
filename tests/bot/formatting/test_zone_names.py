"""Time zones in words."""

from __future__ import annotations

import pytest

from bot.formatting.zone_names import zone_name


@pytest.mark.parametrize(
    ("zone", "name"),
    [
        ("America/New_York", "ET"),
        ("America/Chicago", "CT"),
        ("Europe/Berlin", "Central European Time"),
        ("Europe/London", "London time"),
        ("Asia/Tokyo", "Japan Time"),
        ("UTC", "UTC"),
        ("Etc/UTC", "UTC"),
    ],
)
def test_a_zone_has_its_common_name(zone: str, name: str) -> None:
    assert zone_name(zone) == name
