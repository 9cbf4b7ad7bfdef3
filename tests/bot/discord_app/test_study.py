"""`/study` on the real bot: verdict, table and picture, and what it refuses."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from bot.commands.request_limit import CostlyCommands
from bot.database.alerts import alerts
from bot.domain.chart_request import Picture
from bot.event_study.model import StudyAnswer, StudyQuestion
from bot.event_study.service import StudyService
from bot.event_study.study import answer_from, outcome_of
from signals.core.model import History
from tests.signals.markets import market
from tests.support import (
    SimulatedDiscord,
    answer_text,
    button_labels,
    core_with_readings,
    core_without_store,
    sample_readings,
    simulated_discord,
)

ASKED = {"signal": sample_readings.STREAK, "condition": "above 1"}


@dataclass
class MadeUp:
    """Counts on the hand-made history: the Nasdaq rises after two of three sessions on which the streak begins."""

    async def study(self, question: StudyQuestion) -> StudyAnswer:
        """The real counting over invented prices."""
        values = sample_readings.history()[question.spec.signal]
        steps = np.where(np.arange(len(values)) % 27 == 1, -0.01, 0.004)
        prices = {
            "^IXIC": 100 * np.cumprod(1 + steps),
            "RSP": np.full(len(values), 50.0),
            "SPY": 60 * np.cumprod(1 - steps),
        }
        found = market(values.index[0].date().isoformat(), close={name: list(line) for name, line in prices.items()})
        answer = answer_from(question, outcome_of(question, prices), found, History(values))
        return replace(answer, picture=Picture("study.png", b"a picture", "What followed, in words"))


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[SimulatedDiscord]:
    async with (
        core_with_readings(tmp_path) as core,
        simulated_discord(replace(core, studies=StudyService(MadeUp(), lambda: core.readings.known))) as opened,
    ):
        yield opened


async def test_a_study_says_its_verdict_first_then_a_table_for_phones_and_shows_its_picture(
    chat: SimulatedDiscord,
) -> None:
    shown = await chat.person.slash(chat.channel, "study", **ASKED)
    [embed] = shown.response.embeds
    assert embed.title == "Russell 2000 winning streak above 1: the Nasdaq afterwards"
    verdict, _, table = embed.description.partition("\n")
    assert verdict.startswith(
        "After 140 such episodes the Nasdaq rose the next day 67% of the time (95% CI 59–74%), vs"
    )
    assert verdict.endswith(": likely less than chance (q under 1%).")
    rows = table.strip("`\n").splitlines()
    assert [row.split()[0] for row in rows] == ["after", "1", "5", "21", "63"]
    assert max(map(len, rows)) <= 40
    fields = {field.name: field.value for field in embed.fields}
    assert "in 1 session from" in fields["Worst case"]
    assert "4 tests" in fields["How to read it"]
    assert (embed.image.url, shown.response.attachments[0].description) == (
        "attachment://study.png",
        "What followed, in words",
    )
    assert button_labels(shown.response) == ["Set an alert here", "Details"]
    assert not shown.ephemeral


async def test_the_button_under_a_study_leads_to_the_preview_of_an_alert(chat: SimulatedDiscord) -> None:
    shown = await chat.person.slash(chat.channel, "study", **ASKED, outcome="RSP-SPY", horizon=10)
    assert "After 70 such episodes RSP beat SPY over the next 10 sessions" in answer_text(shown)
    draft = await chat.manager.click(shown.response, label="Set an alert here")
    assert draft.ephemeral
    assert "Russell 2000 winning streak above 1" in answer_text(draft)
    assert await chat.core.store.read(alerts.count) == 0
    again = await chat.manager.click(draft.response, label="Study")
    assert again.ephemeral
    assert "the Nasdaq afterwards" in answer_text(again)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"signal": "real yeild"}, "Did you mean rates.real_10y (10-year real yield)?"),
        ({"condition": "above 🚀"}, "“🚀” is not a number."),
        ({"condition": "above"}, "The level is missing. Type it after the condition, such as above 90."),
        ({"condition": "turns to bull"}, "has levels, not named states"),
        ({"outcome": "NOPE"}, "No prices for “NOPE”."),
        ({"outcome": "<@1>"}, "No prices for “\\<@\u200b1\\>”."),
        ({"outcome": "  ", "condition": "above 40"}, "this has never happened in the data"),
        (
            {"condition": "above 40"},
            "this has never happened in the data, which begin in 2021. Readings range from −1 to 8.",
        ),
        (
            {"condition": "above -5"},
            "this held at the start of the data, which begin in 2021, and has not begun again.",
        ),
        ({"condition": "outside"}, "such as outside 20 and 80."),
        ({"condition": "outside 20"}, "Outside needs two levels."),
    ],
)
async def test_what_cannot_be_studied_is_a_sentence(
    chat: SimulatedDiscord, options: dict[str, str], sentence: str
) -> None:
    assert sentence in answer_text(await chat.person.slash(chat.channel, "study", **ASKED | options))


@pytest.mark.parametrize(
    ("signal", "condition", "title"),
    [
        (sample_readings.SILVER, "above 90", "Silver above $90"),
        (sample_readings.STREAK, "crosses below 1", "Russell 2000 winning streak below 1"),
        (sample_readings.SILVER, "new high 63", "Silver at a new 63-session high"),
        ("rotation.state", "turns to rotating out", "Rotation turns to rotating out of big tech"),
    ],
)
async def test_a_study_takes_the_words_of_an_alert(
    chat: SimulatedDiscord, signal: str, condition: str, title: str
) -> None:
    text = answer_text(await chat.person.slash(chat.channel, "study", signal=signal, condition=condition))
    assert title in text
    offered = await chat.person.autocomplete(chat.channel, "study", "condition", condition, signal=signal)
    assert offered == await chat.person.autocomplete(chat.channel, "alert add", "condition", condition, signal=signal)
    assert offered


async def test_typing_an_outcome_offers_pairs_and_indices(chat: SimulatedDiscord) -> None:
    offered = await chat.person.autocomplete(chat.channel, "study", "outcome", "equal", **ASKED)
    assert offered[0] == {"name": "Equal weight vs. S&P 500 · RSP-SPY", "value": "RSP-SPY"}


async def test_who_asks_for_much_at_once_reads_when_to_ask_again_and_may_then_though_the_market_stands_still(
    tmp_path: Path,
) -> None:
    """Between the sessions of a simulated market its clock does not move; that of the machine does."""
    elapsed = [0.0]
    async with core_with_readings(tmp_path) as core:
        studies, costly = StudyService(MadeUp(), lambda: core.readings.known), CostlyCommands(lambda: elapsed[0])
        async with simulated_discord(replace(core, studies=studies, costly=costly)) as chat:
            for command, options in (("study", ASKED), ("chart", {"id": ASKED["signal"]}), ("study", ASKED)):
                assert "Ask again" not in answer_text(await chat.person.slash(chat.channel, command, **options))
            refused = await chat.person.slash(chat.channel, "study", **ASKED)
            assert answer_text(refused).strip() == (
                "That is a lot to compute in a short time. Ask again in 10 s: 3 at once, then 6 a minute."
            )
            assert refused.ephemeral
            assert "Ask again" not in answer_text(await chat.manager.slash(chat.channel, "study", **ASKED))
            elapsed[0] = 10.0
            assert "Ask again" not in answer_text(await chat.person.slash(chat.channel, "study", **ASKED))


def test_the_costs_of_commands_are_reckoned_by_the_clock_of_the_machine() -> None:
    assert core_without_store().costly.now is time.monotonic
