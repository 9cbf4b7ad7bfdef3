"""How long, for whom and how many refused forms are kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.discord_app.forms.refused_forms import KEPT, MOST, RefusedForms
from bot.errors import UserError

NOW = datetime(2026, 1, 14, 22, tzinfo=UTC)
ANN, BOB = 11, 12


async def opens(_: Any) -> None:
    """What would open the form."""


def test_its_person_finds_a_form_until_fifteen_minutes_are_over() -> None:
    forms = RefusedForms()
    button = forms.keep(ANN, opens, now=NOW)
    assert timedelta(minutes=15) == KEPT
    assert forms.find(button.args, ANN, now=NOW + KEPT - timedelta(seconds=1)).open is opens
    with pytest.raises(UserError, match=r"^What you typed was kept for 15 minutes only\. Open the form again"):
        forms.find(button.args, ANN, now=NOW + KEPT)


def test_another_person_is_told_whose_form_it_is() -> None:
    forms = RefusedForms()
    button = forms.keep(ANN, opens, now=NOW)
    with pytest.raises(UserError, match=r"^Only the person who filled in this form can open it again"):
        forms.find(button.args, BOB, now=NOW)


def test_after_a_restart_and_once_a_thousand_are_newer_it_is_gone() -> None:
    forms = RefusedForms()
    oldest, second = (forms.keep(ANN, opens, now=NOW) for _ in range(2))
    for _ in range(MOST - 1):
        forms.keep(BOB, opens, now=NOW)
    assert forms.find(second.args, ANN, now=NOW)
    for bot, button in ((forms, oldest), (RefusedForms(), second)):
        with pytest.raises(UserError, match=r"^What you typed is gone: the bot has restarted since, or newer forms"):
            bot.find(button.args, ANN, now=NOW)


def test_what_is_over_makes_room_before_anything_else_does() -> None:
    forms = RefusedForms()
    for _ in range(MOST):
        forms.keep(BOB, opens, now=NOW)
    first = forms.keep(ANN, opens, now=NOW + KEPT)
    for _ in range(MOST - 1):
        forms.keep(BOB, opens, now=NOW + KEPT)
    assert forms.find(first.args, ANN, now=NOW + KEPT).open is opens
