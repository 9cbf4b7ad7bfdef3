"""A real minus in prose, an ASCII hyphen in code, and nothing else touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.reply import Button, Field, Menu, Option, Reply
from bot.discord_app import components, embeds
from bot.discord_app.delivery.message_minus import MINUS, typeset

prose = st.text("abc 0123.,-$%()`\n/:\u2212", max_size=60)
numbers = st.decimals(0, 10**6, allow_nan=False, places=2).map(str)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("-0.42", "\u22120.42"),
        ("normal range -1 to 2", "normal range \u22121 to 2"),
        ("-0.42 to +0.52 points", "\u22120.42 to +0.52 points"),
        ("**-17** (bull +33, bear -33)", "**\u221217** (bull +33, bear \u221233)"),
        ("-$410M", "\u2212$410M"),
        ("-.5", "\u2212.5"),
        ("2026-01-13", "2026-01-13"),
        ("24-58%", "24-58%"),
        ("a 21-day change", "a 21-day change"),
        ("S&P 500-heavy, mega-cap", "S&P 500-heavy, mega-cap"),
        ("rates.10y-2", "rates.10y-2"),
        ("`-0.42` and -0.42", "`-0.42` and \u22120.42"),
        ("```\nSilver -1.2\n```\n-1.2", "```\nSilver -1.2\n```\n\u22121.2"),
        ("```\nSilver -1.2", "```\nSilver -1.2"),
        ("/alert add level:-0.5", "/alert add level:-0.5"),
        ("<t:-5:R>", "<t:-5:R>"),
        ("- 5 items", "- 5 items"),
        ("--5", "--5"),
    ],
)
def test_only_a_negative_number_in_prose_changes(text: str, shown: str) -> None:
    assert typeset(text) == shown


@given(prose)
def test_nothing_but_hyphens_changes_and_twice_is_as_once(text: str) -> None:
    shown = typeset(text)
    assert shown.replace(MINUS, "-") == text.replace(MINUS, "-")
    assert typeset(shown) == shown


@given(numbers, st.sampled_from(["", "$"]))
def test_every_negative_number_in_a_sentence_has_a_real_minus(number: str, sign: str) -> None:
    assert typeset(f"It fell to -{sign}{number} points") == f"It fell to {MINUS}{sign}{number} points"
    assert typeset(f"`-{sign}{number}`") == f"`-{sign}{number}`"


@given(st.dates())
def test_no_date_is_touched(day: object) -> None:
    assert typeset(f"since {day}, to {day}.") == f"since {day}, to {day}."


def test_an_embed_is_typeset_and_its_table_is_not() -> None:
    shown = embeds.embed(
        Reply("Oil -1", ("Now -2.5",), table="OIL  -2.5", fields=(Field("Above -3", "from -4"),), footer="-5")
    )
    assert shown["title"] == "Oil \u22121"
    assert shown["description"] == "Now \u22122.5\n```\nOIL  -2.5\n```"
    assert shown["fields"][0] == {"name": "Above \u22123", "value": "from \u22124", "inline": False}
    assert shown["footer"]["text"] == "\u22125"
    assert embeds.sentence("“-9o” is not a number; -5 is.") == "“-9o” is not a number; \u22125 is."


def test_buttons_and_menus_have_a_real_minus_too() -> None:
    assert components.button_json(Button("us", "Use -$85"))["label"] == "Use \u2212$85"
    menu = components.menu_json(Menu("signal", "Below -1", (Option("a", "Spread below -0.5"),)))
    assert menu["placeholder"] == "Below \u22121"
    assert menu["options"][0]["label"] == "Spread below \u22120.5"
