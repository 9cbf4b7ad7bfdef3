"""What a live board shows, and setting it up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.commands.context import Caller, Core
from bot.commands.reply import Button
from bot.commands.server import board, setup_list
from bot.database.codec import rows
from bot.database.places import boards
from bot.discord_app import components
from bot.errors import UserError
from bot.formatting import formats
from signals.rotation.answer import ClockReading, LegReading
from signals.rotation.yardsticks import ROTATION
from tests.support import core_without_store
from tests.support.sample_readings import SESSION, snapshot


def test_a_yardstick_has_a_bar_that_says_how_near_it_is_to_turning() -> None:
    first, second, third = ROTATION[:3]
    legs = (
        LegReading(first, 1, move=5.24, given_back=first.threshold / 4),
        LegReading(second, -1, move=-9.12, given_back=second.threshold),
        LegReading(third, 0),
    )
    clock = ClockReading(legs=legs, state=1, turning=False, since=SESSION, age=1, up=1, known=2)
    heading, *lines = board.bars([clock]).splitlines()
    assert heading.split() == ["move", "%", "to", "turn"]
    assert [line.split()[-3:] for line in lines[:2]] == [
        ["out", "+5.2", "\u2588\u2588\u2591\u2591\u2591\u2591\u2591\u2591"],
        ["back", "-9.1", "\u2588" * 8],
    ]
    assert lines[2].split()[-1] == formats.NOTHING
    assert max(map(len, [heading, *lines])) <= 40


def test_before_the_first_check_there_is_nothing_to_show(empty_core: Core) -> None:
    assert board.text(empty_core) is None


def test_a_layout_fits_what_discord_takes() -> None:
    shown = board.text(core_without_store())
    assert shown is not None
    container, buttons = components.layout(shown.parts, shown.buttons)
    texts = [part["content"] for part in container["components"] if part["type"] == 10]
    assert len(texts) == len(shown.parts) == 5
    assert sum(map(len, texts)) < 2000
    assert [button["label"] for button in buttons["components"]] == ["Signals by family", "Past turns"]
    container, _ = components.layout(["a" * 3000, "b" * 999, "c" * 2], [Button("past", "Past turns")])
    assert [part["content"][0] for part in container["components"] if part["type"] == 10] == ["a", "b"]


async def test_a_check_puts_one_row_for_a_board_and_a_later_one_takes_its_place(core: Core, boss: Caller) -> None:
    await board.set_board(core, boss, 100)
    for _ in range(2):
        await board.enqueue(core)
    later = replace(snapshot(), made_at=snapshot().made_at + timedelta(minutes=5))
    core.readings.put(later)
    await board.enqueue(core)
    found = await core.store.read(rows, "SELECT key, state, session FROM outbox")
    key = f"board:1:{int(later.made_at.timestamp())}"
    assert found == [{"key": key, "state": "due", "session": SESSION.toordinal()}]


async def test_only_managers_set_a_board_up_and_setup_shows_it(core: Core, ann: Caller, boss: Caller) -> None:
    with pytest.raises(UserError, match="Manage Server"):
        await board.set_board(core, ann, 100)
    with pytest.raises(UserError, match="has no live board"):
        await board.end_board(core, boss, 100)
    await board.set_board(core, boss, 100)
    (field,) = (await setup_list.show(core, boss)).fields
    assert "Live board" in field.value
    await board.end_board(core, boss, 100)
    assert (await setup_list.show(core, boss)).fields == ()
    elsewhere = replace(boss, guild_id=2)
    await board.set_board(core, boss, 100)
    with pytest.raises(UserError, match="has no live board"):
        await board.end_board(core, elsewhere, 100)
    assert await core.store.read(boards.running, 1)


async def test_boards_count_among_the_channels_of_a_server(core: Core, boss: Caller) -> None:
    few = replace(core, quotas=replace(core.quotas, channels_per_server=1))
    await board.set_board(few, boss, 100)
    await board.set_board(few, boss, 100)
    with pytest.raises(UserError, match="which is the most"):
        await board.set_board(few, boss, 101)
