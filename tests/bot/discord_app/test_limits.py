"""Discord's limits hold whatever the content."""

from __future__ import annotations

import re
from typing import Any

import discord
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.commands.reply import (
    LONGEST_CHOICE,
    MOST_CHOICES,
    MOST_OPTIONS,
    Button,
    Choice,
    Field,
    Menu,
    Option,
    Pages,
    Reply,
    Tone,
)
from bot.discord_app import components, embeds, limits
from bot.discord_app.cogs.autocomplete import choices

texts = (
    st.text(max_size=40)
    | st.text(max_size=6).map(lambda piece: piece * 900)
    | st.text("🚀é\n`*\ud800👨‍👩‍👧", max_size=3000)
)
words = st.text("abc0123", min_size=1, max_size=8)
replies = st.builds(
    Reply,
    title=texts,
    lines=st.lists(texts, max_size=8).map(tuple),
    table=texts,
    fields=st.lists(st.builds(Field, texts, texts, st.booleans()), max_size=40).map(tuple),
    buttons=st.lists(st.builds(Button, words, texts, st.lists(words, max_size=4).map(tuple)), max_size=40).map(tuple),
    menu=st.none() | st.builds(Menu, words, texts, st.lists(st.builds(Option, words, texts), max_size=40).map(tuple)),
    footer=texts,
    tone=st.sampled_from(Tone),
    pages=st.none() | st.builds(Pages, words, st.just(()), st.integers(1, 9), st.integers(1, 9)),
)


def sendable(embed: dict[str, Any]) -> None:
    assert limits.length(embed.get("title", "")) <= 256
    assert limits.length(embed.get("description", "")) <= 4096
    assert limits.length(embed.get("footer", {}).get("text", "")) <= 2048
    assert len(embed.get("fields", [])) <= 25
    for field in embed.get("fields", []):
        assert 0 < limits.length(field["name"]) <= 256
        assert 0 < limits.length(field["value"]) <= 1024
    assert limits.embed_length(embed) <= 6000
    assert str(embed).encode("utf-8")


@settings(max_examples=150)
@given(replies)
def test_no_reply_exceeds_a_limit(reply: Reply) -> None:
    embed = embeds.embed(reply)
    sendable(embed)
    assert len(discord.Embed.from_dict(embed)) <= 6000
    rows = components.of_reply(reply)
    assert len(rows) <= 5
    for row in rows:
        assert 1 <= len(row["components"]) <= 5
        for part in row["components"]:
            assert limits.length(part["custom_id"]) <= 100
            assert limits.length(part.get("label", "")) <= 80
            assert len(part.get("options", [])) <= 25


@settings(max_examples=30)
@given(st.lists(replies, max_size=14))
def test_no_message_exceeds_its_ten_embeds_and_six_thousand_signs(found: list[Reply]) -> None:
    shown = limits.fit_embeds(embeds.embed(reply) for reply in found)
    assert len(shown) <= 10
    assert sum(limits.embed_length(embed) for embed in shown) <= 6000
    for embed in shown:
        sendable(embed)


@given(texts, st.integers(0, 200))
def test_a_cut_text_fits_and_is_whole_where_it_fits_already(text: str, most: int) -> None:
    shown = limits.cut(text, most)
    assert limits.length(shown) <= most
    assert shown.encode("utf-8").decode("utf-8") == shown
    whole = limits.clean(text)
    assert shown == whole or limits.length(whole) > most


@given(texts, st.integers(0, 400))
@example("`\x1f`\x1f`", 12)
def test_a_code_block_always_closes(table: str, most: int) -> None:
    block = limits.code_block(table, most)
    assert limits.length(block) <= max(most, 0)
    assert block.count("```") in (0, 2)


@given(texts)
def test_a_persons_text_holds_no_live_markup(text: str) -> None:
    shown = limits.plain_text(text)
    assert "@everyone" not in shown
    assert not re.search(r"(?<!\\)(\\\\)*<|<@[!&\d]", shown)
    assert "\n" not in shown
    assert "```" not in shown


@given(st.lists(st.builds(Choice, texts, texts), max_size=60))
def test_choices_of_an_autocomplete_fit(found: list[Choice]) -> None:
    shown = choices(found)
    assert len(shown) <= 25
    for each in shown:
        assert 1 <= limits.length(each.name) <= 100
        assert 1 <= limits.length(each.value) <= 100


def test_commands_offer_as_much_as_discord_takes() -> None:
    assert (MOST_OPTIONS, MOST_CHOICES, LONGEST_CHOICE) == (limits.OPTIONS, limits.CHOICES, limits.CHOICE_VALUE)


def test_a_choice_whose_name_holds_no_sign_is_left_out() -> None:
    assert [
        each.name
        for each in choices(
            [Choice("\ufdd0", "\ufdd0"), Choice("\x1b", "0"), Choice(" ", "above 90"), Choice("90", "90")]
        )
    ] == ["90"]


def test_a_custom_id_that_does_not_fit_is_an_error_at_once_and_not_at_discord() -> None:
    with pytest.raises(ValueError, match="100"):
        components.pack(components.BUTTON, "ok", ("x" * 100,))
    with pytest.raises(ValueError, match="separate"):
        components.pack(components.BUTTON, "ok", ("a~b",))
    with pytest.raises(ValueError, match="separate"):
        components.pack(components.BUTTON, "ok", ("a#b",))


def test_lines_are_cut_whole() -> None:
    assert limits.cut_lines("one\ntwo\nthree", 9) == "one\ntwo\n…"
    assert limits.cut("🚀🚀🚀", 4) == "🚀…"
