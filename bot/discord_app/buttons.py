"""Buttons and menus that still work after a restart: their `custom_id` holds all that they need.

The core checks permissions. A person who may not press a button gets a private sentence, and the
message stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

import discord

from bot.commands.alerts import alert_list, service, snooze, topics
from bot.commands.alerts.draft import unpack_draft
from bot.commands.alerts.preview import with_track_record
from bot.commands.delivery import me
from bot.commands.market import chart, rotation, signals, study
from bot.commands.reply import Reply
from bot.commands.server import help_privacy
from bot.discord_app import components, interactions
from bot.discord_app.bot_base import Interaction
from bot.discord_app.interactions import caller_of, caller_with_dm, core_of
from bot.discord_app.modals import AlertLevelModal, DraftLevelModal, NewAlertModal
from bot.discord_app.permissions import check_again
from bot.errors import UserError

Args = tuple[str, ...]
Handler = Callable[[Interaction, Args], Awaitable[None]]

_OLD = "That button is from an older version of me. Type the command again."


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
        await interactions.run_handler(interaction, lambda: _handle(BUTTONS, action, interaction, args))


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
        await _show(interaction, signals.overview(core, args[2], number))
    elif view == rotation.HISTORY:
        await _show(interaction, rotation.history(core, number))
    elif view == "alerts":
        await interaction.response.defer()
        await interactions.replace(interaction, await alert_list.list_alerts(core, caller, number))
    else:
        raise UserError(_OLD)


async def _family(interaction: Interaction, args: Args) -> None:
    await _show(interaction, signals.overview(core_of(interaction), args[0]))


async def _families(interaction: Interaction, args: Args) -> None:
    await interactions.send(interaction, replace(signals.overview(core_of(interaction)), private=True))


async def _past_turns(interaction: Interaction, args: Args) -> None:
    await interactions.send(interaction, replace(rotation.history(core_of(interaction)), private=True))


async def _details(interaction: Interaction, args: Args) -> None:
    await interactions.send(interaction, replace(signals.detail(core_of(interaction), args[0]), private=True))


async def _chart(interaction: Interaction, args: Args) -> None:
    signal, measure, span = args
    interactions.charge(interaction)
    await _show(interaction, chart.chart(core_of(interaction), signal, measure, span))


async def _set(interaction: Interaction, args: Args) -> None:
    core = core_of(interaction)
    await interaction.response.send_modal(NewAlertModal(core, core.finder.get(args[0])))


async def _confirm(interaction: Interaction, args: Args) -> None:
    core = core_of(interaction)
    draft = unpack_draft(core.signals, args)
    check_again(interaction, draft.channel_id, draft.role_id)
    await interaction.response.defer()
    reply = await service.save(core, await caller_with_dm(interaction), draft)
    await interactions.replace(interaction, reply)


async def _preview(interaction: Interaction, args: Args) -> None:
    core = core_of(interaction)
    draft = unpack_draft(core.signals, args)
    await interactions.send(interaction, await with_track_record(core, caller_of(interaction), draft))


async def _study(interaction: Interaction, args: Args) -> None:
    """Answered privately, as everything that a button under a message looks up."""
    core = core_of(interaction)
    question = study.of_draft(unpack_draft(core.signals, args))
    interactions.charge(interaction)
    await interactions.respond_later(interaction, lambda: study.study(core, caller_of(interaction), question))


async def _use(interaction: Interaction, args: Args) -> None:
    core = core_of(interaction)
    draft = unpack_draft(core.signals, args)
    await interactions.replace(interaction, await with_track_record(core, caller_of(interaction), draft))


async def _level(interaction: Interaction, args: Args) -> None:
    draft = unpack_draft(core_of(interaction).signals, args)
    await interaction.response.send_modal(DraftLevelModal(draft))


async def _cancel(interaction: Interaction, args: Args) -> None:
    await interactions.replace(interaction, Reply("Nothing was changed", private=True))


async def _edit(interaction: Interaction, args: Args) -> None:
    """A modal must be the first response, so nothing is deferred.

    The look-up reads one indexed row.
    """
    alert = await service.find(core_of(interaction), caller_of(interaction), args[0])
    await interaction.response.send_modal(AlertLevelModal(alert))


async def _remove(interaction: Interaction, args: Args) -> None:
    await interactions.defer(interaction)
    await interactions.send(
        interaction, await service.remove(core_of(interaction), caller_of(interaction), int(args[0]))
    )


async def _snooze(interaction: Interaction, args: Args) -> None:
    await interactions.defer(interaction)
    core, caller = core_of(interaction), caller_of(interaction)
    await interactions.send(interaction, await snooze.snooze(core, caller, int(args[0]), int(args[1])))


async def _wake(interaction: Interaction, args: Args) -> None:
    await interactions.defer(interaction)
    await interactions.send(
        interaction, await snooze.end_snooze(core_of(interaction), caller_of(interaction), int(args[0]))
    )


async def _leave(interaction: Interaction, args: Args) -> None:
    await interactions.defer(interaction)
    await interactions.send(
        interaction, await snooze.unsubscribe_here(core_of(interaction), caller_of(interaction), int(args[0]))
    )


async def _manage(interaction: Interaction, args: Args) -> None:
    await interactions.defer(interaction)
    core, caller = core_of(interaction), caller_of(interaction)
    kind, number = args[0][:1], int(args[0][1:])
    show = snooze.topic_card if kind == "t" else service.card
    await interactions.send(interaction, await show(core, caller, number))


async def _topic(interaction: Interaction, args: Args) -> None:
    await interactions.defer(interaction)
    await interactions.send(
        interaction, await topics.toggle(core_of(interaction), await caller_with_dm(interaction), args[0])
    )


async def _zone(interaction: Interaction, args: Args) -> None:
    await interactions.defer(interaction)
    request = me.MeRequest(zone=args[0])
    await interactions.send(interaction, await me.me(core_of(interaction), caller_of(interaction), request))


async def _forget(interaction: Interaction, args: Args) -> None:
    await interaction.response.defer()
    await interactions.replace(interaction, await help_privacy.delete(core_of(interaction), caller_of(interaction)))


BUTTONS: Mapping[str, Handler] = {
    "page": _page,
    "families": _families,
    "past": _past_turns,
    "details": _details,
    "chart": _chart,
    "set": _set,
    "ok": _confirm,
    "us": _use,
    "pv": _preview,
    "st": _study,
    "lv": _level,
    "no": _cancel,
    "edit": _edit,
    "remove": _remove,
    "snooze": _snooze,
    "wake": _wake,
    "leave": _leave,
    "forget": _forget,
}
MENUS: Mapping[str, Handler] = {
    "family": _family,
    "signal": _details,
    "manage": _manage,
    "topic": _topic,
    "zone": _zone,
}
