"""`/alert add | list | edit | pause | resume | duplicate | history | combine | test | mention | snooze | remove`."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.alerts.validation import CONFIRM_MOST, COOLDOWN_MOST_DAYS
from bot.commands.alerts import alert_list, alert_lookup, manage, mention, parse, removal
from bot.commands.alerts.draft import AlertPlace
from bot.commands.alerts.manner_text import AFTER_EXAMPLES, MannerChange
from bot.commands.alerts.parse import AlertChange, AlertRequest
from bot.commands.alerts.preview import with_track_record
from bot.commands.alerts.test_message import build_test_message
from bot.commands.context import Core
from bot.commands.delivery import snooze
from bot.commands.market import signals
from bot.commands.reply import Choice, Reply
from bot.discord_app import interactions
from bot.discord_app.bot_base import Interaction
from bot.discord_app.cogs.alert_groups_cog import AlertGroupsCog, chosen_place
from bot.discord_app.cogs.autocomplete import MEASURE_CHOICES, choices, condition_choices
from bot.discord_app.delivery import messages
from bot.discord_app.delivery.send_permissions import Channel
from bot.discord_app.delivery.trial_post import post_test
from bot.discord_app.interactions import caller_of, caller_with_dm
from bot.outbox.pictures import draw_stored


class AlertCog(
    AlertGroupsCog,
    commands.GroupCog,
    group_name="alert",
    group_description="Get an alert when a signal crosses your level",
):
    """A person's alerts."""

    def __init__(self, core: Core) -> None:
        self._core = core

    @app_commands.command(name="add", description="Set an alert; you see what it would do before it is saved")
    @app_commands.describe(
        signal="Type a few letters of the signal and choose",
        condition="When, such as above 90, 5-day change above 3, outside 20 and 80, new high 252, turns to bull",
        channel="Post to this channel instead of your DM; needs Manage Server",
        role="Role to mention there",
    )
    async def add(
        self,
        interaction: Interaction,
        signal: str,
        condition: str,
        channel: Channel | None = None,
        role: discord.Role | None = None,
    ) -> None:
        """Show the draft with its buttons; More has the rest."""
        request = AlertRequest(signal=signal, condition=condition)

        async def preview() -> Reply:
            caller = caller_of(interaction)
            place = chosen_place(interaction, channel, role) or AlertPlace()
            draft = parse.draft(self._core, request, channel_id=place.channel_id, role_id=place.role_id, caller=caller)
            return await with_track_record(self._core, caller, draft)

        await interactions.respond_soon(interaction, preview)

    @add.autocomplete("signal")
    async def _signals(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return choices(signals.complete(self._core, typed, caller_of(interaction)))

    @add.autocomplete("condition")
    async def _conditions(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return condition_choices(self._core, interaction, typed)

    @app_commands.command(name="list", description="Your alerts and their state")
    async def listing(self, interaction: Interaction) -> None:
        """The caller's alerts."""
        await interactions.respond_later(
            interaction, lambda: alert_list.list_alerts(self._core, caller_of(interaction))
        )

    @app_commands.command(name="edit", description="Change anything about one of your alerts")
    @app_commands.describe(
        alert="Choose one of your alerts",
        signal="Another signal",
        condition="Another condition, such as above 90, outside 20 and 80, new high 252, turns to bull",
        level="Another level (of outside: the lower one)",
        upper="Only for outside: another upper level",
        measure="What the level is compared with",
        confirm="Sessions in a row beyond the level before it alerts",
        repeat="every: at every crossing; once: only the first time",
        timing="close: on final readings; live: also during the session",
        cooldown="Days after an alert without another",
        after="After an alert: nothing, back (when it is back), or remind 5 (every 5 sessions)",
        expires="Last day of the alert, such as 2027-03-31, or never",
        note="Your own note in its messages, or none",
        loudness="ping: mentions you; normal; silent: no notification",
        channel="Post to this channel instead of your DM; needs Manage Server",
        role="Role to mention there",
        by_dm="Send it by DM again",
    )
    @app_commands.choices(measure=MEASURE_CHOICES)
    async def edit(
        self,
        interaction: Interaction,
        alert: str,
        signal: str | None = None,
        condition: str | None = None,
        level: str | None = None,
        upper: str | None = None,
        measure: str | None = None,
        confirm: app_commands.Range[int, 1, CONFIRM_MOST] | None = None,
        repeat: Literal["every", "once"] | None = None,
        timing: Literal["close", "live"] | None = None,
        cooldown: app_commands.Range[int, 0, COOLDOWN_MOST_DAYS] | None = None,
        after: str | None = None,
        expires: str | None = None,
        note: str | None = None,
        loudness: Literal["ping", "normal", "silent"] | None = None,
        channel: Channel | None = None,
        role: discord.Role | None = None,
        by_dm: bool | None = None,
    ) -> None:
        """Change the options that were given, keep the others."""

        async def work() -> Reply:
            change = manage.Change(
                spec=AlertChange(
                    signal=signal,
                    condition=condition,
                    measure=measure,
                    level=level,
                    upper=upper,
                    timing=timing,
                    repeat=repeat,
                    confirm=confirm,
                    cooldown_days=cooldown,
                ),
                manner=MannerChange(after=after, expires=expires, note=note, loudness=loudness),
                place=AlertPlace() if by_dm else chosen_place(interaction, channel, role),
            )
            caller = await caller_with_dm(interaction) if by_dm else caller_of(interaction)
            return await manage.edit(self._core, caller, alert, change)

        await interactions.respond_later(interaction, work)

    @app_commands.command(name="pause", description="Silence one of your alerts until you resume it")
    @app_commands.describe(alert="Choose one of your alerts")
    async def pause(self, interaction: Interaction, alert: str) -> None:
        """Let it move without messages."""
        await interactions.respond_later(interaction, lambda: manage.pause(self._core, caller_of(interaction), alert))

    @app_commands.command(name="resume", description="Resume a paused alert, and see what it missed")
    @app_commands.describe(alert="Choose one of your alerts")
    async def resume(self, interaction: Interaction, alert: str) -> None:
        """Let it notify again."""
        await interactions.respond_later(interaction, lambda: manage.resume(self._core, caller_of(interaction), alert))

    @app_commands.command(
        name="test", description="See what a message of one of your alerts looks like, sent to where it goes"
    )
    @app_commands.describe(alert="Choose one of your alerts")
    async def test(self, interaction: Interaction, alert: str) -> None:
        """Send the message as it would be now, marked as a test."""

        async def send() -> Reply:
            caller = await caller_with_dm(interaction)
            stored = await alert_lookup.find(self._core, caller, alert)
            destination, item = await build_test_message(self._core, caller, stored)
            payload = messages.payload(self._core, destination, [item])
            test = replace(payload, content=f"Test: {payload.content}")
            pictures = await draw_stored(self._core.charts, test.pictures, within_seconds=interactions.PICTURE_SECONDS)
            return await post_test(interaction, destination.channel_id, test, pictures)

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
    @app_commands.describe(alert="Choose one of your alerts")
    async def remove(self, interaction: Interaction, alert: str) -> None:
        """Delete it."""

        async def work() -> Reply:
            caller = caller_of(interaction)
            chosen = await alert_lookup.find(self._core, caller, alert)
            return await removal.remove(self._core, caller, chosen.id)

        await interactions.respond_later(interaction, work)

    @edit.autocomplete("signal")
    async def _other_signals(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return choices(signals.complete(self._core, typed, caller_of(interaction)))

    @edit.autocomplete("after")
    async def _after(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        offered = [Choice(text, text) for text in AFTER_EXAMPLES if typed.strip().casefold() in text]
        return choices(offered or [Choice(typed, typed)])

    @edit.autocomplete("alert")
    @pause.autocomplete("alert")
    @resume.autocomplete("alert")
    @test.autocomplete("alert")
    @remove.autocomplete("alert")
    async def _own(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return choices(await alert_lookup.complete_own(self._core, caller_of(interaction), typed))
