"""Pictures on the real bot: answers come at once, their pictures with words after them, and nothing breaks without them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.commands.context import Core
from bot.discord_app.messages import payloads
from bot.discord_app.notifier import DiscordNotifier
from bot.domain.chart_request import ChartKind, ChartRequest, Picture
from bot.domain.model import Destination, DestinationKind, DestinationState
from bot.outbox.message import Sent
from bot.outbox.pictures import draw_stored
from bot.readings.chart_service import ChartService
from tests.bot.charts.painting import Inline, Walks
from tests.bot.commands import world
from tests.bot.discord_app.conftest import Desk, _opened, labels, said, text_of
from tests.bot.discord_app.test_buttons import fired, own_alert

NOT_DRAWN = "There is no picture: too little is known for one"


def illustrated(folder: Path) -> Core:
    core = world.make_core(folder)
    prices = Walks()
    return replace(core, prices=prices, charts=ChartService(Inline(), core.readings, prices))


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A bot that knows five years of every signal and draws."""
    core = await world.with_topics(illustrated(tmp_path))
    async with _opened(core) as made:
        yield made
    await core.store.close()


@pytest.fixture
def blank(monkeypatch: pytest.MonkeyPatch) -> list[ChartRequest]:
    """Pictures that cost nothing, and what they were asked for."""
    asked: list[ChartRequest] = []

    def draw(sketch: ChartRequest, _: object) -> Picture:
        asked.append(sketch)
        return Picture(sketch.file, b"a picture", f"A picture of the kind {sketch.kind}")

    monkeypatch.setattr("bot.charts.render.draw", draw)
    return asked


def broken(desk: Desk) -> None:
    artist = desk.core.charts
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
async def test_chart_is_a_picture_with_a_few_words_and_words_for_those_who_cannot_see_it(desk: Desk) -> None:
    answer = await desk.ann.slash(desk.channel, "chart", id=world.SILVER, span="1 year")
    file, words = shown(answer.response)
    assert file == "signal-havens.silver-2026-01-13.png"
    assert words.startswith("Line chart of Silver, 13 Jan 2025 to 13 Jan 2026. 85.88 USD")
    assert "Silver, 1 year" in said(answer)
    assert "**85.88 USD** final, Tue 13 Jan" in said(answer)
    assert labels(answer.response) == ["3 months", "6 months", "1 year", "2 years", "5 years"]


async def test_the_buttons_of_a_chart_change_its_span_in_place_for_whoever_asked(
    desk: Desk, blank: list[ChartRequest]
) -> None:
    answer = await desk.ann.slash(desk.channel, "chart", id=world.SILVER, measure="percentile_1y")
    await desk.ann.click(answer.response, label="5 years")
    assert "Silver, one-year percentile, 5 years" in text_of(answer.response)
    assert shown(answer.response)[0] == "signal-havens.silver-2026-01-13.png"
    other = await desk.boss.click(answer.response, label="3 months")
    assert other.ephemeral
    assert "3 months" in said(other)
    assert [(each.span, each.measure.value) for each in blank] == [(span, "percentile_1y") for span in (126, 1260, 63)]


@pytest.mark.parametrize(
    ("command", "options", "sentence"),
    [
        ("chart", {"id": "real yeild"}, "Did you mean rates.real_10y (10-year real yield)?"),
        ("compare", {"a": "AAPL", "b": "aple"}, 'No signal or ticker "aple". Did you mean AAPL (Apple)?'),
        ("compare", {"a": "silver", "b": "Silver"}, "Both are Silver. Choose two different ones."),
    ],
)
async def test_what_cannot_be_drawn_by_that_name_is_told_to_the_asker_alone(
    desk: Desk, command: str, options: dict[str, str], sentence: str
) -> None:
    answer = await desk.ann.slash(desk.channel, command, **options)
    assert sentence in said(answer)
    assert answer.ephemeral


async def test_before_the_first_check_there_is_nothing_to_draw(empty_desk: Desk) -> None:
    for command, options in (("chart", {"id": world.SILVER}), ("compare", {"a": "AAPL", "b": "SMH"})):
        assert "No data yet" in said(await empty_desk.ann.slash(empty_desk.channel, command, **options))


async def test_a_chart_that_cannot_be_drawn_says_so_and_still_tells_the_value(desk: Desk) -> None:
    broken(desk)
    answer = await desk.ann.slash(desk.channel, "chart", id=world.SILVER)
    assert NOT_DRAWN in said(answer)
    assert "85.88 USD" in said(answer)
    assert bare(answer.response)


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        ("breadth", ChartKind.BREADTH),
        ("yields", ChartKind.YIELDS),
        ("flows", ChartKind.FLOWS),
        ("rotation", ChartKind.ROTATION),
        ("sectors", ChartKind.SECTORS),
        ("scenario", ChartKind.FAMILIES),
    ],
)
async def test_screens_of_families_get_their_picture(
    desk: Desk, blank: list[ChartRequest], command: str, kind: ChartKind
) -> None:
    answer = await desk.ann.slash(desk.channel, command)
    assert shown(answer.response) == (f"{kind}-2026-01-13.png", f"A picture of the kind {kind}")
    assert blank == [ChartRequest(kind, world.SESSION)]


async def test_a_signal_is_answered_before_its_picture_is_drawn(desk: Desk, blank: list[ChartRequest]) -> None:
    artist = desk.core.charts
    assert isinstance(artist, ChartService)
    assert isinstance(artist.worker, Inline)
    already: list[int] = []

    async def look() -> None:
        already.append(len(desk.env.transcript()))

    artist.worker.before = look
    before = len(desk.env.transcript())
    answer = await desk.ann.slash(desk.channel, "signal", id=world.SILVER)
    assert already[-1] > before
    assert shown(answer.response)[0] == "signal-havens.silver-2026-01-13.png"
    assert "Set an alert here" in labels(answer.response)


async def test_without_its_picture_a_signal_says_nothing_of_it(desk: Desk) -> None:
    broken(desk)
    answer = await desk.ann.slash(desk.channel, "signal", id=world.SILVER)
    assert "## 85.88 USD" in said(answer)
    assert "picture" not in said(answer)
    assert bare(answer.response)


async def test_where_the_bot_may_not_attach_files_it_says_so(desk: Desk, blank: list[ChartRequest]) -> None:
    await forbid_files(desk)
    answer = await desk.ann.slash(desk.channel, "chart", id=world.SILVER)
    assert "I may not attach files here." in said(answer)
    assert bare((await desk.ann.slash(desk.channel, "breadth")).response)
    assert blank == []


async def forbid_files(desk: Desk) -> None:
    channel = desk.bot.get_channel(desk.channel.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.set_permissions(channel.guild.default_role, attach_files=False)
    await desk.env.settle()


async def posted(desk: Desk, count: int) -> Any:
    """A message with so many alerts as the courier sends it."""
    alerts = [await own_alert(desk, str(level)) for level in range(80, 80 + count)]
    items = [fired(desk, alert, number) for number, alert in enumerate(alerts, start=1)]
    place = Destination(
        1, DestinationKind.CHANNEL, None, desk.channel.id, desk.guild.id, DestinationState.ACTIVE, None, None
    )
    payload = payloads(desk.core)(place, items)
    pictures = await draw_stored(desk.core.charts, payload.pictures, within_seconds=5)
    verdict = await DiscordNotifier(desk.bot).send(desk.channel.id, payload, nonce="n", pictures=pictures)
    assert isinstance(verdict, Sent)
    await desk.env.settle()
    return await desk.bot.get_partial_messageable(desk.channel.id).fetch_message(verdict.message_id or 0)


async def test_an_alert_carries_six_months_of_its_signal_with_the_level(desk: Desk, blank: list[ChartRequest]) -> None:
    message = await posted(desk, 1)
    assert shown(message) == ("signal-havens.silver-2026-01-13.png", "A picture of the kind signal")
    assert blank == [ChartRequest(ChartKind.SIGNAL, world.SESSION, (world.SILVER,), above=80.0, span=126)]
    details = await desk.boss.click(message, label="Details")
    assert shown(details.response)[0] == "signal-havens.silver-2026-01-13.png"
    assert details.ephemeral


async def test_of_many_alerts_in_one_message_the_first_three_have_a_picture(
    desk: Desk, blank: list[ChartRequest]
) -> None:
    message = await posted(desk, 5)
    assert [bool(embed.image.url) for embed in message.embeds] == [True, True, True, False, False]
    assert len({attached.filename for attached in message.attachments}) == 3


async def test_an_alert_arrives_without_its_picture_where_files_are_forbidden(
    desk: Desk, blank: list[ChartRequest]
) -> None:
    await forbid_files(desk)
    message = await posted(desk, 1)
    assert bare(message)
    assert "Silver is above 80 USD" in message.content


async def test_the_test_of_an_alert_shows_its_picture_too(desk: Desk, blank: list[ChartRequest]) -> None:
    alert = await own_alert(desk)
    await desk.ann.slash(desk.channel, "alert test", alert=str(alert.id))
    assert shown(desk.ann.user.dm_channel.last_message)[0] == "signal-havens.silver-2026-01-13.png"
    assert blank[-1].above == 90.0


@pytest.mark.slow
async def test_two_tickers_are_compared_in_words_and_as_a_picture(desk: Desk) -> None:
    answer = await desk.ann.slash(desk.channel, "compare", a="aapl", b="S&P 500", span="1 year")
    assert "Apple (AAPL) and S&P 500 (^GSPC), 1 year" in said(answer)
    assert "252 sessions with both" in said(answer)
    assert "Ratio " in said(answer)
    file, words = shown(answer.response)
    assert file == "compare-aapl-_gspc-2026-01-13.png"
    assert "AAPL" in words


async def test_two_with_too_little_in_common_are_not_compared(desk: Desk) -> None:
    answer = await desk.ann.slash(desk.channel, "compare", a="AAPL", b="NEW")
    assert (
        "Apple (AAPL) and Newcomer (NEW) have 10 sessions in common in the last 6 months; a comparison takes 20"
        in said(answer)
    )


async def test_typing_a_comparison_offers_tickers_and_signals(desk: Desk) -> None:
    offered = await desk.ann.autocomplete(desk.channel, "compare", "a", "aa")
    assert offered[0] == {"name": "Apple · AAPL", "value": "AAPL"}
    offered = await desk.ann.autocomplete(desk.channel, "compare", "b", "real yield", a="AAPL")
    assert offered[0]["value"] == "rates.real_10y"
