"""The mark of a batch in the components of its message."""

from __future__ import annotations

from typing import Any

from bot.discord_app import components, limits
from bot.discord_app.delivery.batch_mark import carries, is_unmarked, marked

NONCE = "0123456789abcdef01234567"


def row(*custom_ids: str) -> dict[str, Any]:
    return {"type": 1, "components": [{"type": 2, "custom_id": custom_id} for custom_id in custom_ids]}


def ids(rows: list[dict[str, Any]]) -> list[list[str]]:
    return [[each["custom_id"] for each in one["components"]] for one in rows]


def test_the_shortest_custom_id_carries_it_and_the_stored_rows_stay_as_they_are() -> None:
    rows = [row("rb:details~x", "rb:edit~1"), row("rb:snooze~1~7")]
    made = marked(rows, NONCE)
    assert ids(made) == [["rb:details~x", f"rb:edit~1#{NONCE}"], ["rb:snooze~1~7"]]
    assert ids(rows) == [["rb:details~x", "rb:edit~1"], ["rb:snooze~1~7"]]
    assert components.unpack(made[0]["components"][1]["custom_id"]) == ("edit", ("1",))
    assert carries({"components": made}, NONCE)
    assert not carries({"components": made}, NONCE[::-1])
    assert not is_unmarked({"components": made}, rows)
    assert is_unmarked({"components": rows}, rows)


def test_where_no_component_has_room_the_message_gets_a_button() -> None:
    full = "x" * 90
    for rows in ([], [row(full)], [row(full)] * limits.ROWS):
        made = marked(rows, NONCE)
        assert ids(made)[-1] == [f"rb:families#{NONCE}"]
        assert len(made) <= limits.ROWS
        assert all(len(each) <= limits.CUSTOM_ID for one in ids(made) for each in one)


def test_a_nonce_that_discord_shows_is_enough() -> None:
    assert carries({"nonce": NONCE, "components": []}, NONCE)
    assert not carries({"content": "the same words"}, NONCE)
