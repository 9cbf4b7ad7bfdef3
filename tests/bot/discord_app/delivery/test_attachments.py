"""Pictures on the real bot: answers come at once, their pictures with words after them, and nothing breaks without them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.discord_app.delivery.messages import payloads
from bot.discord_app.delivery.notifier import DiscordNotifier
from bot.domain.chart_request import ChartKind, ChartRequest, Picture
from bot.domain.model import Destination, DestinationKind, DestinationState
from bot.outbox.message import Sent
from bot.outbox.pictures import draw_stored
from bot.readings.chart_service import ChartService
from tests.bot.charts.painting import Inline, Walks
from tests.bot.discord_app.test_buttons import fired, own_alert
from tests.support import (
    SimulatedDiscord,
    answer_text,
    button_labels,
    core_with_readings,
    message_text,
    sample_readings,
    simulated_discord,
)

NOT_DRAWN = "No chart: there is too little data"


@pytest.fixture
async def chat(tmp_path: Path) -> AsyncIterator[SimulatedDiscord]:
    """A bot that knows five years of every signal and draws."""
    async with core_with_readings(tmp_path) as core:
        prices = Walks()
        drawing = replace(core, prices=prices, charts=ChartService(Inline(), core.readings, prices))
        async with simulated_discord(drawing) as opened:
            yield opened


@pytest.fixture
def blank(monkeypatch: pytest.MonkeyPatch) -> list[ChartRequest]:
    """Pictures that cost nothing, and what they were asked for."""
    asked: list[ChartRequest] = []

    def draw(sketch: ChartRequest, _: object) -> Picture:
        asked.append(sketch)
        return Picture(sketch.file, b"a picture", f"A picture of the kind {sketch.kind}")

    monkeypatch.setattr("bot.charts.render.draw", draw)
    return asked


def broken(chat: SimulatedDiscord) -> None:
    artist = chat.core.charts
    assert isinstance(artist, ChartService)
    assert isinstance(artist.worker, Inline)
    artist.worker.trouble = RuntimeError("no ink")


def shown(message: Any) -> tuple[str, str]:
    """File and words of the one picture of a message, which its first embed shows."""
    [attached] = message.attachments
    assert message.embeds[0].image.url == f"attachment://{attached.filename}" or attached.url in str(
        message.embeds[0].image.url
    )
    return attached.filename, attached.description


def bare(message: Any) -> bool:
    return not message.attachments and not any(embed.image.url for embed in message.embeds)


@pytest.mark.slow
async def test_chart_is_a_picture_with_a_few_words_and_words_for_those_who_cannot_see_it(
    chat: SimulatedDiscord,
) -> None:
    answer = await chat.person.slash(chat.channel, "chart", id=sample_readings.SILVER, span="1 year")
    file, words = shown(answer.response)
    assert file == "signal-havens.silver-2026-01-13.png"
    assert words.startswith("Line chart of Silver, Jan 13, 2025 to Jan 13, 2026. $85.88")
    assert "Silver, 1 year" in answer_text(answer)
    assert "**$85.88** final, Tue, Jan 13" in answer_text(answer)
    assert button_labels(answer.response) == ["3 months", "6 months", "1 year", "2 years", "5 years"]


async def test_the_buttons_of_a_chart_change_its_span_in_place_for_whoever_asked(
    chat: SimulatedDiscord, blank: list[ChartRequest]
) -> None:
    answer = await chat.person.slash(chat.channel, "chart", id=sample_readings.SILVER, measure="percentile_1y")
    await chat.person.click(answer.response, label="5 years")
    assert "Silver, 1-year percentile, 5 years" in message_text(answer.response)
    assert shown(answer.response)[0] == "signal-havens.silver-2026-01-13.png"
    other = await chat.manager.click(answer.response, label="3 months")
    assert other.ephemeral
    assert "3 months" in answer_text(other)
    assert [(each.span, each.measure.value) for each in blank] == [(span, "percentile_1y") for span in (126, 1260, 63)]


@pytest.mark.parametrize(
    ("command", "options", "sentence"),
    [
        ("chart", {"id": "real yeild"}, "Did you mean rates.real_10y (10-year real yield)?"),
        ("compare", {"a": "AAPL", "b": "aple"}, "No signal or ticker “aple”. Did you mean AAPL (Apple)?"),
        ("compare", {"a": "silver", "b": "Silver"}, "Both are Silver. Choose two different ones."),
    ],
)
async def test_what_cannot_be_drawn_by_that_name_is_told_to_the_asker_alone(
    chat: SimulatedDiscord, command: str, options: dict[str, str], sentence: str
) -> None:
    answer = await chat.person.slash(chat.channel, command, **options)
    assert sentence in answer_text(answer)
    assert answer.ephemeral


async def test_before_the_first_check_there_is_nothing_to_draw(empty_chat: SimulatedDiscord) -> None:
    for command, options in (("chart", {"id": sample_readings.SILVER}), ("compare", {"a": "AAPL", "b": "SMH"})):
        assert "No data yet" in answer_text(await empty_chat.person.slash(empty_chat.channel, command, **options))


async def test_a_chart_that_cannot_be_drawn_says_so_and_still_tells_the_value(chat: SimulatedDiscord) -> None:
    broken(chat)
    answer = await chat.person.slash(chat.channel, "chart", id=sample_readings.SILVER)
    assert NOT_DRAWN in answer_text(answer)
    assert "$85.88" in answer_text(answer)
    assert bare(answer.response)


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        ("breadth", ChartKind.BREADTH),
        ("yields", ChartKind.YIELDS),
        ("flows", ChartKind.FLOWS),
        ("rotation", ChartKind.DASHBOARD),
        ("sectors", ChartKind.SECTORS),
        ("scenario", ChartKind.FAMILIES),
    ],
)
async def test_screens_of_families_get_their_picture(
    chat: SimulatedDiscord, blank: list[ChartRequest], command: str, kind: ChartKind
) -> None:
    answer = await chat.person.slash(chat.channel, command)
    assert shown(answer.response) == (f"{kind}-2026-01-13.png", f"A picture of the kind {kind}")
    assert blank == [ChartRequest(kind, sample_readings.SESSION)]


async def test_a_signal_is_answered_before_its_picture_is_drawn(
    chat: SimulatedDiscord, blank: list[ChartRequest]
) -> None:
    artist = chat.core.charts
    assert isinstance(artist, ChartService)
    assert isinstance(artist.worker, Inline)
    already: list[int] = []

    async def look() -> None:
        already.append(len(chat.env.transcript()))

    artist.worker.before = look
    before = len(chat.env.transcript())
    answer = await chat.person.slash(chat.channel, "signal", id=sample_readings.SILVER)
    assert already[-1] > before
    assert shown(answer.response)[0] == "signal-havens.silver-2026-01-13.png"
    assert "Set an alert here" in button_labels(answer.response)


async def test_without_its_picture_a_signal_says_nothing_of_it(chat: SimulatedDiscord) -> None:
    broken(chat)
    answer = await chat.person.slash(chat.channel, "signal", id=sample_readings.SILVER)
    assert "## $85.88" in answer_text(answer)
    assert "picture" not in answer_text(answer)
    assert bare(answer.response)


async def test_where_the_bot_may_not_attach_files_it_says_so(chat: SimulatedDiscord, blank: list[ChartRequest]) -> None:
    await forbid_files(chat)
    answer = await chat.person.slash(chat.channel, "chart", id=sample_readings.SILVER)
    assert "I may not attach files here." in answer_text(answer)
    assert bare((await chat.person.slash(chat.channel, "breadth")).response)
    assert blank == []


async def forbid_files(chat: SimulatedDiscord) -> None:
    channel = chat.bot.get_channel(chat.channel.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.set_permissions(channel.guild.default_role, attach_files=False)
    await chat.env.settle()


async def posted(chat: SimulatedDiscord, count: int) -> Any:
    """A message with so many alerts as the courier sends it."""
    alerts = [await own_alert(chat, str(level)) for level in range(80, 80 + count)]
    items = [fired(chat, alert, number) for number, alert in enumerate(alerts, start=1)]
    place = Destination(
        1, DestinationKind.CHANNEL, None, chat.channel.id, chat.guild.id, DestinationState.ACTIVE, None, None
    )
    payload = payloads(chat.core)(place, items)
    pictures = await draw_stored(chat.core.charts, payload.pictures, within_seconds=5)
    verdict = await DiscordNotifier(chat.bot).send(chat.channel.id, payload, nonce="n", pictures=pictures)
    assert isinstance(verdict, Sent)
    await chat.env.settle()
    return await chat.bot.get_partial_messageable(chat.channel.id).fetch_message(verdict.message_id or 0)


async def test_an_alert_carries_six_months_of_its_signal_with_the_level(
    chat: SimulatedDiscord, blank: list[ChartRequest]
) -> None:
    message = await posted(chat, 1)
    assert shown(message) == ("signal-havens.silver-2026-01-13.png", "A picture of the kind signal")
    assert blank == [
        ChartRequest(ChartKind.SIGNAL, sample_readings.SESSION, (sample_readings.SILVER,), above=80.0, span=126)
    ]
    details = await chat.manager.click(message, label="Details")
    assert shown(details.response)[0] == "signal-havens.silver-2026-01-13.png"
    assert details.ephemeral


async def test_of_many_alerts_in_one_message_the_first_three_have_a_picture(
    chat: SimulatedDiscord, blank: list[ChartRequest]
) -> None:
    message = await posted(chat, 5)
    assert [bool(embed.image.url) for embed in message.embeds] == [True, True, True, False, False]
    assert len({attached.filename for attached in message.attachments}) == 3


async def test_an_alert_arrives_without_its_picture_where_files_are_forbidden(
    chat: SimulatedDiscord, blank: list[ChartRequest]
) -> None:
    await forbid_files(chat)
    message = await posted(chat, 1)
    assert bare(message)
    assert "Silver is at $85.88, above $80" in message.content


async def test_the_test_of_an_alert_shows_its_picture_too(chat: SimulatedDiscord, blank: list[ChartRequest]) -> None:
    alert = await own_alert(chat)
    await chat.person.slash(chat.channel, "alert test", alert=str(alert.id))
    assert shown(chat.person.user.dm_channel.last_message)[0] == "signal-havens.silver-2026-01-13.png"
    assert blank[-1].above == 90.0


@pytest.mark.slow
async def test_two_tickers_are_compared_in_words_and_as_a_picture(chat: SimulatedDiscord) -> None:
    answer = await chat.person.slash(chat.channel, "compare", a="aapl", b="S&P 500", span="1 year")
    assert "Apple (AAPL) and S&P 500 (^GSPC), 1 year" in answer_text(answer)
    assert "252 sessions with both" in answer_text(answer)
    assert "Ratio " in answer_text(answer)
    file, words = shown(answer.response)
    assert file == "compare-aapl-_gspc-2026-01-13.png"
    assert "AAPL" in words


async def test_two_with_too_little_in_common_are_not_compared(chat: SimulatedDiscord) -> None:
    answer = await chat.person.slash(chat.channel, "compare", a="AAPL", b="NEW")
    assert (
        "Apple (AAPL) and Newcomer (NEW) have 10 sessions in common in the last 6 months; a comparison takes 20"
        in answer_text(answer)
    )


async def test_typing_a_comparison_offers_tickers_and_signals(chat: SimulatedDiscord) -> None:
    offered = await chat.person.autocomplete(chat.channel, "compare", "a", "aa")
    assert offered[0] == {"name": "Apple · AAPL", "value": "AAPL"}
    offered = await chat.person.autocomplete(chat.channel, "compare", "b", "real yield", a="AAPL")
    assert offered[0]["value"] == "rates.real_10y"
