"""`/rotation`: the answer, past turns page by page, and the lines at the top of the summary and of `/help`."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.commands.context import Core
from bot.commands.market import rotation
from bot.commands.server import help_privacy
from bot.commands.summary import summary
from bot.errors import UserError
from bot.readings.state import ReadingState
from tests.support import sample_readings

QUESTION = "Is money rotating out of big tech?"


def with_snapshot(core: Core, **changes: object) -> Core:
    state = ReadingState()
    state.put(replace(sample_readings.snapshot(), **changes))  # type: ignore[arg-type]
    return replace(core, readings=state)


async def test_the_answer_has_both_questions_the_yardsticks_and_the_record(core: Core) -> None:
    """The prices are made so that equal weight, small caps and value have lost 10% against cap weight."""
    reply = rotation.show(core)
    assert reply.title == "Money is rotating back into big tech, and tech is advancing: a tech-led advance"
    assert [field.name for field in reply.fields] == [
        QUESTION,
        "Is tech itself advancing?",
        "What past turns were worth",
        "The yardsticks",
    ]
    assert reply.fields[0].value.startswith("**No: money has been rotating back into it since ")
    assert "5 of 6 yardsticks say so: equal weight -10." in reply.fields[0].value
    assert reply.fields[1].value.splitlines()[-1].startswith("Tech recovery: ")
    assert len(reply.fields[3].value.splitlines()) == 2 + 12
    assert [button.label for button in reply.buttons] == ["Past turns", "Alert on the rotation", "Alert on tech"]


async def test_without_prices_it_says_that_nothing_has_come_yet(core: Core) -> None:
    with pytest.raises(UserError, match="No data yet"):
        rotation.show(with_snapshot(core, rotation=None))
    assert rotation.brief(None) == []


async def test_past_turns_are_shown_newest_first_and_every_one_on_some_page(core: Core) -> None:
    first = rotation.history(core)
    assert first.pages is not None
    pages = [rotation.history(core, page).table.splitlines() for page in range(1, first.pages.count + 1)]
    days = [line[:12].strip() for lines in pages for line in lines]
    answer = sample_readings.snapshot().rotation
    assert answer is not None
    turns = (*answer.past.rotation_turns, *answer.past.tech_turns)
    assert days == [f"{day:%b} {day.day}, {day.year}" for day in sorted((turn.session for turn in turns), reverse=True)]
    assert max(len(line) for lines in pages for line in lines) <= 40


async def test_the_summary_and_help_begin_with_the_answer(core: Core) -> None:
    answer = summary.newest(core).fields[0]
    assert answer.name == "The answer"
    assert f"**{QUESTION}** No: money has been rotating back into it since" in answer.value
    assert "**Tech recovery:** " in answer.value
    assert help_privacy.help_page(core).lines[0].startswith(f"**{QUESTION}**")


async def test_an_older_session_has_the_answer_of_its_own_day_or_none(core: Core) -> None:
    snapshot = core.readings.snapshot
    assert snapshot is not None
    before = sample_readings.history().index[-3].date()
    assert "sessions)" in rotation.brief(snapshot, before)[0]
    assert rotation.brief(snapshot, date(2021, 5, 3)) == []
