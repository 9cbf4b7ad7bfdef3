"""Text from outside never becomes markup, a link or a mention, wherever a message shows it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bot.commands.reply import Button, Field, Menu, Option, Reply
from bot.database.places import destinations
from bot.discord_app import components, embeds, limits
from bot.domain.fetched import Health, HealthState
from bot.domain.foreign_text import ForeignText
from bot.ingest.status import SourceStatus
from bot.readings.state import ReadingState
from tests.support import SimulatedDiscord, answer_text, core_with_readings, sample_readings, simulated_discord

LINK = "[Verify](https://evil.example/x)"
EVIL = f"{LINK} <@1> @everyone **bold** `code` \x1b[31m"
MARKS = "\ufdd0\ufdd1"


def shown(reply: Reply) -> str:
    return json.dumps(embeds.embed(reply), ensure_ascii=False)


def assert_harmless(text: str) -> None:
    """Nothing of EVIL is left that Discord would read as markup; what it escapes does not count."""
    unescaped = re.sub(r"\\{1,2}.", "", text)
    assert not re.search(r"\]\(|<@1>|@everyone|\*\*bold|`code`|https://evil|[\x1b\ufdd0\ufdd1]", unescaped)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(title=f"{ForeignText(EVIL)} and more"),
        Reply(title="x", lines=(f"**{ForeignText(EVIL)}** 1.0", "y")),
        Reply(title="x", fields=(Field(f"{ForeignText(EVIL)}", f"a\n{ForeignText(EVIL)}"),)),
        Reply(title="x", lines=(f"{'a' * 4070} {ForeignText(EVIL * 20)}",)),
    ],
    ids=["title", "line", "field", "cut"],
)
def test_no_part_of_an_embed_shows_markup_of_foreign_text(reply: Reply) -> None:
    assert_harmless(shown(reply))


@pytest.mark.parametrize("cut_at", range(1, 60, 7))
def test_a_foreign_part_that_was_cut_is_as_harmless(cut_at: int) -> None:
    assert_harmless(limits.clean(f"Name: {ForeignText(EVIL)}"[:cut_at]))
    assert_harmless(limits.cut(f"Name: {ForeignText(EVIL)}", cut_at))


def test_what_stands_beside_foreign_text_keeps_its_markup() -> None:
    assert limits.clean(f"**{ForeignText('Ac*me')}** [text](https://sec.gov)") == "**Ac\\*me** [text](https://sec.gov)"


def test_foreign_text_cannot_end_itself() -> None:
    assert_harmless(limits.clean(str(ForeignText(f"a\ufdd1{LINK}\ufdd0"))))


def test_labels_and_footers_show_foreign_text_as_it_is() -> None:
    name = f"{ForeignText('AT&T * [New]')}"
    button = components.button_json(Button("no", name))
    menu = Menu("family", name, (Option("a", name),))
    assert button["label"] == "AT&T * [New]"
    assert "AT&T * [New]" in json.dumps(components.of_reply(Reply("x", menu=menu)))
    assert embeds.embed(Reply("x", footer=name))["footer"]["text"] == "AT&T * [New]"
    assert embeds.embed(Reply("x", table=name))["description"] == "```\nAT&T * [New]\n```"


async def test_a_company_that_is_named_like_a_link_is_no_link(tmp_path: Path) -> None:
    class Closes:
        async def closes(self, tickers: Any, days: pd.DatetimeIndex) -> pd.DataFrame:
            return pd.DataFrame({name: 50 + np.sin(np.arange(len(days))) for name in tickers}, index=days)

    async with core_with_readings(tmp_path) as core:
        readings = ReadingState()
        readings.put(replace(sample_readings.snapshot(), tickers={"EVIL": EVIL, "XLK": ""}))
        core = replace(core, readings=readings, prices=Closes())
        async with simulated_discord(core) as chat:
            compared = answer_text(await chat.person.slash(chat.channel, "compare", a="EVIL", b="XLK"))
            assert "Verify" in compared
            assert_harmless(compared)
            offered = await chat.person.autocomplete(chat.channel, "compare", "a", "evil")
            assert [choice for choice in map(str, offered) if "\x1b" in choice or set(choice) & set(MARKS)] == []
            refused = answer_text(await chat.person.slash(chat.channel, "compare", a="EVILL", b="XLK"))
            assert "Did you mean EVIL" in refused
            assert_harmless(refused)


async def test_reasons_of_hosts_and_of_discord_are_no_markup(chat: SimulatedDiscord) -> None:
    health = Health(HealthState.FAILING, reason=EVIL)
    chat.core.ingest.sources = [SourceStatus("yahoo", health, None, None)]
    for command in ("sources", "status"):
        text = answer_text(await chat.person.slash(chat.channel, command))
        assert "Verify" in text or command == "status"
        assert_harmless(text)
    await chat.person.slash(chat.channel, "subscribe", topic="stress")
    place = await chat.core.store.read(destinations.find_dm, chat.person.id)
    assert place is not None
    await chat.core.store.run(destinations.park, place.id, EVIL, now=chat.core.now())
    text = answer_text(await chat.person.slash(chat.channel, "alert list"))
    assert "Nothing can be delivered" in text
    assert_harmless(text)
