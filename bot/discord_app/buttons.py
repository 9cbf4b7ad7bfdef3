"""Buttons and menus that still work after a restart: their `custom_id` holds all that they need.

The core checks permissions. A person who may not press a button gets a private sentence, and the
message stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import discord

from bot.commands.alerts import alert_list
from bot.commands.alerts.draft import unpack_draft
from bot.commands.delivery import me
from bot.commands.market import chart, rotation, signal_list, signals, study
from bot.commands.record import claims
from bot.commands.reply import Reply
from bot.commands.server import help_privacy, setup_list
from bot.commands.summary import posted
from bot.discord_app import alert_buttons, components, interactions
from bot.discord_app.alert_buttons import Args, Handler
from bot.discord_app.bot_base import Interaction
from bot.discord_app.forms import refused_forms
from bot.discord_app.forms.claim_form import NewClaimModal
from bot.discord_app.forms.forms import open_form, reopen
from bot.discord_app.interactions import caller_of, core_of
from bot.domain.own_signal import KEY
from bot.errors import UserError

_OLD = "That button is from an older version of this bot. Type the command again."


class PressedButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=rf"{components.BUTTON}:(?P<rest>(?s:.+))"
):
    """Any button of this bot."""

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> PressedButton:
        """Wrap the component; everything else is in its custom_id."""
        if not isinstance(item, discord.ui.Button):
            raise TypeError(f"{match[0]} is not a button")
        return cls(item)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Call the handler that the action names."""
        action, args = components.unpack(self.item.custom_id or "")
        await interactions.run_handler(
            interaction, lambda: _handle(BUTTONS, action, interaction, _with_own(interaction, args))
        )


class ChosenOption(
    discord.ui.DynamicItem[discord.ui.Select[discord.ui.View]], template=rf"{components.MENU}:(?P<rest>(?s:.+))"
):
    """Any menu of this bot."""

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> ChosenOption:
        """Wrap the component; everything else is in its custom_id."""
        if not isinstance(item, discord.ui.Select):
            raise TypeError(f"{match[0]} is not a menu")
        return cls(item)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Call the handler that the action names, with the chosen value."""
        action, _ = components.unpack(self.item.custom_id)
        await interactions.run_handler(
            interaction, lambda: _handle(MENUS, action, interaction, tuple(self.item.values))
        )


def _with_own(interaction: discord.Interaction[Any], args: Args) -> Args:
    """The arguments with the ids of own signals in place of their short words."""
    by_key = core_of(interaction).own.current.by_key
    if any(arg.startswith(KEY) and arg not in by_key for arg in args):
        raise UserError("That signal has been removed. /watch list shows yours.")
    return tuple(by_key.get(arg, arg) for arg in args)


async def _handle(handlers: Mapping[str, Handler], action: str, interaction: Interaction, args: Args) -> None:
    handler = handlers.get(action)
    if handler is None:
        raise UserError(_OLD)
    try:
        await handler(interaction, args)
    except (IndexError, ValueError, OverflowError) as error:
        raise UserError(_OLD) from error


async def _show(interaction: Interaction, reply: Reply) -> None:
    """Replace the message for the person whose command it answers; others get a private copy."""
    message = interaction.message
    command = message.interaction_metadata if message is not None else None
    if command is not None and command.user.id == interaction.user.id:
        await interactions.replace(interaction, reply)
    else:
        await interactions.send(interaction, replace(reply, private=True))


async def _page(interaction: Interaction, args: Args) -> None:
    view, number = args[0], int(args[1])
    core, caller = core_of(interaction), caller_of(interaction)
    if view == "signals":
        await _show(interaction, signal_list.overview(core, args[2], number, caller))
    elif view == rotation.HISTORY:
        await _show(interaction, rotation.history(core, number))
    elif view == "alerts":
        await interaction.response.defer()
        await interactions.replace(interaction, await alert_list.list_alerts(core, caller, number))
    elif view == "setup":
        await interaction.response.defer()
        await interactions.replace(interaction, await setup_list.show(core, caller, number))
    else:
        raise UserError(_OLD)


async def _family(interaction: Interaction, args: Args) -> None:
    await _show(interaction, signal_list.overview(core_of(interaction), args[0], caller=caller_of(interaction)))


async def _families(interaction: Interaction, args: Args) -> None:
    await interactions.send(interaction, replace(signal_list.overview(core_of(interaction)), private=True))


async def _past_turns(interaction: Interaction, args: Args) -> None:
    await interactions.send(interaction, replace(rotation.history(core_of(interaction)), private=True))


async def _details(interaction: Interaction, args: Args) -> None:
    reply = signals.detail(core_of(interaction), args[0], caller_of(interaction))
    await interactions.send(interaction, replace(reply, private=True))


async def _chart(interaction: Interaction, args: Args) -> None:
    signal, measure, span = args
    interactions.charge(interaction)
    await _show(interaction, chart.chart(core_of(interaction), signal, measure, span, caller_of(interaction)))


async def _study(interaction: Interaction, args: Args) -> None:
    """Answered privately, as everything that a button under a message looks up."""
    core = core_of(interaction)
    question = study.of_draft(unpack_draft(core.signals, args))
    interactions.charge(interaction)
    await interactions.respond_later(interaction, lambda: study.study(core, caller_of(interaction), question))


async def _zone(interaction: Interaction, args: Args) -> None:
    await interactions.defer(interaction)
    request = me.MeRequest(zone=args[0])
    await interactions.send(interaction, await me.me(core_of(interaction), caller_of(interaction), request))


async def _own_post(interaction: Interaction, args: Args) -> None:
    core, caller, number = core_of(interaction), caller_of(interaction), int(args[0])
    await interactions.respond_later(interaction, lambda: posted.show(core, caller, number))


async def _forget(interaction: Interaction, args: Args) -> None:
    await interaction.response.defer()
    await interactions.replace(interaction, await help_privacy.delete(core_of(interaction), caller_of(interaction)))


async def _claim(interaction: Interaction, args: Args) -> None:
    core, caller, chosen = core_of(interaction), caller_of(interaction), args[0]
    await interactions.respond_later(interaction, lambda: claims.detail(core, caller, chosen))


async def _new_claim(interaction: Interaction, args: Args) -> None:
    await open_form(interaction, NewClaimModal)


async def _own_claims(interaction: Interaction, args: Args) -> None:
    core, caller = core_of(interaction), caller_of(interaction)
    await interactions.respond_later(interaction, lambda: claims.own_claims(core, caller))


async def _own_claim(interaction: Interaction, args: Args) -> None:
    core, caller, number = core_of(interaction), caller_of(interaction), int(args[0])
    await interactions.respond_later(interaction, lambda: claims.own_detail(core, caller, number))


async def _remove_claim(interaction: Interaction, args: Args) -> None:
    core, caller, number = core_of(interaction), caller_of(interaction), int(args[0])
    await interactions.respond_later(interaction, lambda: claims.remove(core, caller, number))


BUTTONS: Mapping[str, Handler] = {
    "page": _page,
    "families": _families,
    "past": _past_turns,
    "details": _details,
    "chart": _chart,
    "st": _study,
    "forget": _forget,
    posted.ACTION: _own_post,
    refused_forms.ACTION: reopen,
    "claim-new": _new_claim,
    "claims-own": _own_claims,
    "claim-gone": _remove_claim,
    **alert_buttons.BUTTONS,
}
MENUS: Mapping[str, Handler] = {
    "family": _family,
    "signal": _details,
    "claim": _claim,
    "claim-own": _own_claim,
    "zone": _zone,
    **alert_buttons.MENUS,
}
