"""Forms: opened in one place, refused like commands, and opened again with everything that was typed."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias, cast

import discord

from bot.commands import input_limits
from bot.discord_app import error_responses, interactions, limits
from bot.discord_app.bot_base import Interaction
from bot.discord_app.forms import refused_forms
from bot.discord_app.interactions import core_of
from bot.errors import UserError
from bot.formatting.quoting import quoted

TextInput: TypeAlias = discord.ui.TextInput[Any]


_HANDLED = "handled"
"""Key of `Interaction.extras` for a form whose handler has begun."""


class Form(discord.ui.Modal):
    """A form whose errors are sent to the person like those of commands, with a way back to what was typed."""

    make: Callable[[], Form]
    """Makes the same form anew; set by `open_form`."""

    def __init__(self, *, title: str) -> None:
        super().__init__(title=title)
        self._shown: dict[TextInput, str] = {}

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        """Handle the submitted form."""
        interaction.extras[_HANDLED] = True
        error_responses.offer_way_back(interaction, lambda: self._keep(interaction))
        await interactions.run_handler(interaction, lambda: self.submitted(interaction))

    @abstractmethod
    async def submitted(self, interaction: Interaction) -> None:
        """Do what the form is for."""

    def fill(self, typed: Sequence[str]) -> None:
        """Put texts into the fields, in their order."""
        for field, text in zip(self._fields(), typed, strict=True):
            self._shown[field] = field.default or ""
            field.default = text

    def changed(self, field: TextInput | None) -> str | None:
        """What was typed over what a field showed when the form was made; None where nothing was.

        What is stored may be another by now: a form stays open for as long as its person likes.
        """
        if field is None or field.value == self._shown.get(field, field.default or ""):
            return None
        return field.value

    def _keep(self, interaction: Interaction) -> discord.ui.View:
        """Keep what was typed, for the button that leads back to it."""
        typed = tuple(field.value[: field.max_length] for field in self._fields())
        opens = partial(open_form, make=self.make, typed=typed)
        form_id = interaction.client.refused_forms.keep(interaction.user.id, opens, now=core_of(interaction).now())
        return refused_forms.view_of(form_id)

    def _fields(self) -> list[TextInput]:
        return [item for item in self.children if isinstance(item, discord.ui.TextInput)]


def text_field(
    label: str, value: str | None = None, *, hint: str = "", required: bool = True, most: int = 40
) -> TextInput:
    """A field of one line."""
    return discord.ui.TextInput(
        label=limits.cut(label, limits.INPUT_LABEL),
        default=value or None,
        placeholder=limits.cut(hint, limits.PLACEHOLDER) or None,
        required=required,
        max_length=most,
    )


async def open_form(interaction: Interaction, make: Callable[[], Form], typed: Sequence[str] | None = None) -> None:
    """Open a form as the first response, with what was typed before where that is given."""
    form = make()
    form.make = make
    if typed is not None:
        form.fill(typed)
    await interaction.response.send_modal(form)


async def refuse_unknown(interaction: Interaction) -> None:
    """Refuse a form that no handler has taken, with what was typed into it. Does nothing for anything else.

    discord.py knows a form until it is sent, and until it ends itself: one that was opened before a start or a new
    connection, or is sent again because the first answer came too late, would be left without an answer.

    Args:
        interaction: What discord.py has handed out before: the task of its form has begun.
    """
    if interaction.type is not discord.InteractionType.modal_submit or _HANDLED in interaction.extras:
        return
    data: Mapping[str, Any] = cast(Mapping[str, Any], interaction.data or {})
    values = (part.get("value") for row in data.get("components", ()) for part in row.get("components", ()))
    typed = [quoted(value, input_limits.DEFAULT_LIMIT) for value in values if isinstance(value, str) and value.strip()]

    async def refused() -> None:
        raise UserError(
            "The bot has been away since you opened this form, or it was sent before. Nothing was saved now. Open it again. "
            f"You typed: {', '.join(typed) or 'nothing'}"
        )

    await interactions.run_handler(interaction, refused)


async def reopen(interaction: Interaction, args: tuple[str, ...]) -> None:
    """Open a refused form again, with everything that was typed. Raises UserError where it cannot be."""
    form = interaction.client.refused_forms.find(args, interaction.user.id, now=core_of(interaction).now())
    await form.open(interaction)
