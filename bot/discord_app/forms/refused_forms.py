"""What was typed into forms that were refused, kept for a while so that they can be opened again with it.

It is kept in memory: what somebody typed and did not get stored is stored nowhere.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import discord

from bot.commands.reply import Button
from bot.discord_app import components
from bot.errors import UserError

KEPT = timedelta(minutes=15)
"""How long a refused form can be opened again: as long as Discord takes follow-ups to it."""

Open: TypeAlias = Callable[[discord.Interaction[Any]], Awaitable[None]]

MOST = 1000
"""Forms that are kept; the oldest makes room."""

ACTION = "again"
"""The action of the button that opens a refused form again."""


@dataclass(frozen=True, slots=True)
class RefusedForm:
    """A form that was refused: whose it is, until when it is kept, and what opens it with everything that was typed."""

    person_id: int
    until: datetime
    open: Open


class RefusedForms:
    """The forms of one bot that were refused within the last minutes."""

    def __init__(self) -> None:
        self._kept: dict[str, RefusedForm] = {}

    def keep(self, person_id: int, opens: Open, *, now: datetime) -> Button:
        """Keep a form with what was typed into it; returns the button that leads back to it."""
        fresh = [(key, form) for key, form in self._kept.items() if form.until > now]
        self._kept = dict(fresh[-(MOST - 1) :])
        key, until = secrets.token_hex(8), now + KEPT
        self._kept[key] = RefusedForm(person_id, until, opens)
        return Button(ACTION, "Edit what you typed", (key, str(int(until.timestamp()))))

    def find(self, args: tuple[str, ...], person_id: int, *, now: datetime) -> RefusedForm:
        """The form that a button leads to.

        Raises UserError with the reason where it is another person's, too old, or no longer kept.
        """
        key, until = args
        if now >= datetime.fromtimestamp(int(until), UTC):
            minutes = int(KEPT.total_seconds() // 60)
            raise UserError(f"What you typed was kept for {minutes} minutes only. Open the form again.")
        form = self._kept.get(key)
        if form is None:
            raise UserError(
                "What you typed is gone: the bot has restarted since, or newer forms took its place. "
                "Open the form again."
            )
        if form.person_id != person_id:
            raise UserError("Only the person who filled in this form can open it again.")
        return form


def view_of(button: Button) -> discord.ui.View:
    """The button as it stands below the sentence of a refusal."""
    return components.view_of(components.of_buttons((button,)))
