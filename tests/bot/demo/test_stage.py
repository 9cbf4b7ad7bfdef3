"""What happens on the demo's stage: the person's own alerts, the channel's topics, a summary after each close."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from bot.demo import play
from bot.demo.transcript import Line
from bot.sources.simulated import DEMO_START

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def show() -> play.Show:
    return play.simulated_show(None, 7)


async def transcript(show: play.Show) -> list[Line]:
    told: list[Line] = []
    await play.headless(show, told.append)
    return told


@pytest.fixture(scope="module")
def told(show: play.Show) -> list[Line]:
    return asyncio.run(transcript(show))


def test_the_first_sessions_bring_summaries_topics_and_an_alert_of_the_persons_own(
    show: play.Show, told: list[Line]
) -> None:
    summaries = [line for line in told if line.kind == "summary"]
    alerts = [line for line in told if line.kind == "alert"]
    assert [line.session for line in summaries] == [day.isoformat() for day in show.sessions]
    assert show.sessions[0] > DEMO_START
    assert {line.topic for line in alerts} >= {"breadth-washout", "equal-weight-day"}
    assert any(line.topic is None for line in alerts)
    assert all("simulated" in line.text for line in told)
    assert {line.destination for line in told} == {"#rotation"}


async def test_a_second_run_says_the_same(show: play.Show, told: list[Line]) -> None:
    assert await transcript(show) == told


def test_there_is_a_sentence_for_dates_without_a_market() -> None:
    with pytest.raises(ValueError, match=r"the market has sessions from .* to "):
        play.simulated_show(date(2026, 1, 5), 1).replay.sessions(date(2034, 1, 2), 1)
