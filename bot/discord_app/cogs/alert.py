"""`/alert add | list | edit | test | mention | snooze | remove`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.alerts.validation import CONFIRM_MOST, COOLDOWN_MOST_DAYS
from bot.commands.alerts import alert_list, mention, parse, service
from bot.commands.alerts.parse import AlertChange, AlertRequest
from bot.commands.alerts.preview import with_track_record
from bot.commands.alerts.test_message import build_test_message
from bot.commands.context import Core
from bot.commands.delivery import snooze
from bot.commands.market import signals
from bot.commands.reply import Reply
from bot.discord_app import attachments as files
from bot.discord_app import interactions, messages
from bot.discord_app.bot_base import Interaction
from bot.discord_app.cogs.autocomplete import choices
from bot.discord_app.interactions import caller_of, caller_with_dm
from bot.discord_app.permissions import channel_id_of, role_id_of
from bot.discord_app.send_permissions import Channel
from bot.domain.chart_request import Picture
from bot.errors import UserError
from bot.outbox.message import Payload
from bot.outbox.pictures import draw_stored

MeasureName = Literal["value", "change_1d", "change_5d", "change_21d", "percentile_1y", "z_1y"]


class AlertCog(
    commands.GroupCog, group_name="alert", group_description="Get an alert when a signal crosses your level"
):
    """A person's alerts."""

    def __init__(self, core: Core) -> None:
        self._core = core

    @app_commands.command(name="add", description="Set an alert; you see what it would do before it is saved")
    @app_commands.describe(
        signal="Type a few letters of the signal and choose",
        condition="When it alerts",
        level="The level, such as 90 or 0.5 (of outside: the lower one)",
        upper="Only for outside: the upper level",
        measure="What is watched: the value, its change, its percentile or z-score (default: value)",
        timing="close: on final readings (default); live: also during the session",
        confirm="Speak after so many sessions in a row beyond the level (default 1)",
        repeat="every crossing (default) or only once",
        cooldown="Days without a further message after one (default 0)",
        channel="Post to this channel instead of your DM; needs Manage Server",
        role="Role to mention there",
    )
    @app_commands.choices(
        condition=[
            app_commands.Choice(name="above the level", value="above"),
            app_commands.Choice(name="below the level", value="below"),
            app_commands.Choice(name="crosses the level, either way", value="crosses"),
            app_commands.Choice(name="outside two levels", value="outside"),
        ]
    )
    async def add(
        self,
        interaction: Interaction,
        signal: str,
        condition: str,
        level: str,
        upper: str | None = None,
        measure: MeasureName | None = None,
        timing: Literal["close", "live"] | None = None,
        confirm: app_commands.Range[int, 1, CONFIRM_MOST] | None = None,
        repeat: Literal["every", "once"] | None = None,
        cooldown: app_commands.Range[int, 0, COOLDOWN_MOST_DAYS] | None = None,
        channel: Channel | None = None,
        role: discord.Role | None = None,
    ) -> None:
        """Show the draft with its buttons."""
        request = AlertRequest(
            signal=signal,
            condition=condition,
            level=level,
            upper=upper,
            measure=measure,
            timing=timing,
            repeat=repeat,
            confirm=confirm,
            cooldown_days=cooldown,
        )

        async def preview() -> Reply:
            if role is not None and channel is None:
                raise UserError("A role is mentioned in a channel. Choose the channel as well, or leave the role out.")
            caller = caller_of(interaction)
            if channel is not None:
                caller.need_manager()
            channel_id = channel_id_of(interaction, channel, writing=True) if channel is not None else None
            role_id = role_id_of(interaction, role, channel_id) if channel_id is not None else None
            draft = parse.draft(self._core, request, channel_id=channel_id, role_id=role_id)
            return await with_track_record(self._core, caller, draft)

        await interactions.respond_soon(interaction, preview)

    @add.autocomplete("signal")
    async def _signals(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return choices(signals.complete(self._core, typed))

    @app_commands.command(name="list", description="Your alerts and how they stand")
    async def listing(self, interaction: Interaction) -> None:
        """The caller's alerts."""
        await interactions.respond_later(
            interaction, lambda: alert_list.list_alerts(self._core, caller_of(interaction))
        )

    @app_commands.command(name="edit", description="Change one of your alerts")
    @app_commands.describe(
        alert="Choose one of yours",
        level="The new level (of outside: the lower one)",
        upper="Only for outside: the new upper level",
        confirm="Speak after so many sessions in a row",
        repeat="every crossing or only once",
        timing="close: on final readings; live: also during the session",
        cooldown="Days without a further message after one",
    )
    async def edit(
        self,
        interaction: Interaction,
        alert: str,
        level: str | None = None,
        upper: str | None = None,
        confirm: app_commands.Range[int, 1, CONFIRM_MOST] | None = None,
        repeat: Literal["every", "once"] | None = None,
        timing: Literal["close", "live"] | None = None,
        cooldown: app_commands.Range[int, 0, COOLDOWN_MOST_DAYS] | None = None,
    ) -> None:
        """Change the options that were given, keep the others."""

        async def work() -> Reply:
            caller = caller_of(interaction)
            stored = await service.find(self._core, caller, alert)
            change = AlertChange(
                level=level, upper=upper, timing=timing, repeat=repeat, confirm=confirm, cooldown_days=cooldown
            )
            changed = parse.changed(self._core.signals, stored.spec, change)
            return await service.edit(self._core, caller, stored.id, changed)

        await interactions.respond_later(interaction, work)

    @app_commands.command(
        name="test", description="See what a message of one of your alerts looks like, sent to where it goes"
    )
    @app_commands.describe(alert="Choose one of yours")
    async def test(self, interaction: Interaction, alert: str) -> None:
        """Send the message as it would be now, marked as a test."""

        async def send() -> Reply:
            caller = await caller_with_dm(interaction)
            stored = await service.find(self._core, caller, alert)
            destination, item = await build_test_message(self._core, caller, stored)
            payload = messages.payload(self._core, destination, [item])
            test = replace(payload, content=f"Test: {payload.content}")
            pictures = await draw_stored(self._core.charts, test.pictures, within_seconds=interactions.PICTURE_SECONDS)
            return await _post(interaction, destination.channel_id, test, pictures)

        await interactions.respond_later(interaction, send)

    @app_commands.command(name="mention", description="When Discord refuses you a DM: be mentioned in this channel")
    @app_commands.describe(off="End it: you are told at your next command instead")
    async def mention(self, interaction: Interaction, off: bool = False) -> None:
        """Ask for mentions in place of refused DMs, or end them."""
        change = mention.end if off else mention.ask_for
        await interactions.respond_later(interaction, lambda: change(self._core, caller_of(interaction)))

    @app_commands.command(name="snooze", description="Hold alerts back for a while; what crosses comes at the end")
    @app_commands.describe(
        what="One of your alerts, a topic, or all",
        until="How long (3h, 2d, 1w) or until when (18:00, Mon, 2026-02-02); off ends the snooze",
    )
    async def snooze(self, interaction: Interaction, what: str, until: str) -> None:
        """Snooze an alert, a topic or everything, or end that."""
        await interactions.respond_later(
            interaction, lambda: snooze.snooze(self._core, caller_of(interaction), what, until)
        )

    @snooze.autocomplete("what")
    async def _snoozed(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return choices(await snooze.complete(self._core, caller_of(interaction), typed))

    @app_commands.command(name="remove", description="Remove one of your alerts")
    @app_commands.describe(alert="Choose one of yours")
    async def remove(self, interaction: Interaction, alert: str) -> None:
        """Delete it."""

        async def work() -> Reply:
            return await service.remove(self._core, caller_of(interaction), service.number(alert))

        await interactions.respond_later(interaction, work)

    @edit.autocomplete("alert")
    @test.autocomplete("alert")
    @remove.autocomplete("alert")
    async def _own(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return choices(await service.complete_own(self._core, caller_of(interaction), typed))


async def _post(
    interaction: Interaction, channel_id: int | None, payload: Payload, pictures: Sequence[Picture]
) -> Reply:
    """Post a test message where the alert would post. Raises UserError when Discord refuses it."""
    if channel_id is None:
        raise UserError(
            "Discord does not let me write to you. Allow direct messages from this server, then test again."
        )
    channel = interaction.client.get_partial_messageable(channel_id)
    content = payload.content[:200]
    try:
        try:
            sent = await channel.send(content, embeds=_embeds(payload, pictures), files=[*map(files.file, pictures)])
        except discord.Forbidden:
            if not pictures:
                raise
            sent = await channel.send(content, embeds=_embeds(payload, ()))
    except (discord.Forbidden, discord.NotFound) as error:
        raise UserError(
            "Discord refused the test message, so the alert could not reach you either. "
            "Allow direct messages from this server, or let me write in that channel."
        ) from error
    return Reply(title="Test sent", lines=(f"It is here: {sent.jump_url}",), private=True)


def _embeds(payload: Payload, pictures: Sequence[Picture]) -> list[discord.Embed]:
    return [discord.Embed.from_dict(embed) for embed in files.with_only(payload.embeds, pictures)]
