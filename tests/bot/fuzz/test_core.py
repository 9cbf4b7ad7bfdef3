"""Anything that somebody can send at the core is answered: with what was asked for, or with one sentence and no change."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import discord
import numpy as np
import pandas as pd
import pytest
from discord import app_commands

from bot.alerts.validation import ValidatedSpec
from bot.commands.alerts.draft import AlertDraft, pack_draft
from bot.commands.context import Core
from bot.commands.quotas import Quotas
from bot.database import Database
from bot.database.alerts import alerts as stored
from bot.database.codec import rows
from bot.database.places import guilds
from bot.discord_app import buttons, components, interactions
from bot.discord_app.bot_base import Interaction
from bot.discord_app.client import cogs
from bot.discord_app.forms import claim_form, modals, refused_forms
from bot.discord_app.forms.forms import Form
from bot.discord_app.forms.refused_forms import RefusedForms
from bot.domain.model import Alert, AlertSpec, Condition
from signals.catalogue import SIGNALS
from signals.core.model import Measure
from tests.bot.fuzz.interaction import CHANNEL_ID, GUILD_ID, FakeInteraction
from tests.bot.fuzz.texts import FITTING, fitting, text
from tests.support import core_with_readings, sample_as_of, sample_claims, sample_readings
from tests.support.clock import ManualClock
from tests.support.tickers import KnownTickers

FEW, MANY = 1_000, 20_000
MOST_SECONDS = 3.0
SEED = 20261128
DRAFT = AlertDraft(
    ValidatedSpec(
        AlertSpec(sample_readings.SILVER, Measure.VALUE, Condition.OUTSIDE, 80.0, 95.0), SIGNALS[sample_readings.SILVER]
    )
)
KEPT = (
    *("guild", "destination", "alert", "trigger", "subscription", "summary_channel", "outbox", "setting", "member"),
    *("claim", "delivery_times", "own_signal", "own_ticker", "removed_alert", "reminder", "board", "topic_thread"),
)
"""Tables whose content people change."""

Work = Callable[[Interaction], Awaitable[object]]


class Closes:
    """Closes of every ticker."""

    async def closes(self, tickers: Any, days: pd.DatetimeIndex) -> pd.DataFrame:
        return pd.DataFrame({name: 50 + np.sin(np.arange(len(days))) for name in tickers}, index=days)


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    """A core with small quotas in a server that allows everything."""
    async with core_with_readings(tmp_path) as opened:
        await opened.store.run(guilds.allow_mentions, GUILD_ID, allowed=True, now=opened.now())
        yield replace(
            opened,
            prices=Closes(),
            tickers=KnownTickers(),
            claims=sample_claims.service(opened),
            as_of=sample_as_of.SampleEvening(),
            quotas=Quotas(alerts_per_person=5, alerts_per_server=8, channels_per_server=3),
        )


def state(db: Database) -> list[Any]:
    """Everything that people have set up."""
    return [rows(db, f"SELECT * FROM {table}") for table in KEPT]


def option(parameter: app_commands.Parameter, chance: random.Random) -> Any:
    """A value of an option: from its choices, of its type, or anything that a careless client sends."""
    if parameter.choices and chance.random() < 0.8:
        return chance.choice(parameter.choices).value
    kind = discord.AppCommandOptionType
    if parameter.type is kind.integer:
        return chance.choice((0, 1, 2, 3, 63, -1, 10**6, 2**53, -(2**63)))
    if parameter.type is kind.boolean:
        return chance.random() < 0.5
    if parameter.type in (kind.channel, kind.role):
        return discord.Object(chance.choice((CHANNEL_ID, CHANNEL_ID + 1, 1, 2**63 - 1)))
    return fitting(parameter.name, chance)


class Fuzzer:
    """Draws one interaction after the other."""

    def __init__(self, core: Core, chance: random.Random) -> None:
        self._core, self._chance = core, chance
        self._commands = [(cog, command) for cog in cogs(core) for command in cog.walk_app_commands()]
        self._commands = [pair for pair in self._commands if isinstance(pair[1], app_commands.Command)]
        self._refused: list[tuple[tuple[str, ...], list[str]]] = []
        self.forms = RefusedForms()
        self.names = {command.qualified_name for _, command in self._commands}

    def command(self) -> tuple[str, dict[str, Any], Work]:
        cog, command = self._chance.choice(self._commands)
        given = {
            each.name: option(each, self._chance)
            for each in command.parameters
            if each.required or self._chance.random() < 0.4
        }
        data = {"name": command.name, "options": [{"name": name, "value": value} for name, value in given.items()]}
        return f"/{command.qualified_name}", data, lambda it: command.callback(cog, it, **given)

    def suggestion(self) -> tuple[str, dict[str, Any], Work]:
        cog, command = self._chance.choice(
            [pair for pair in self._commands if any(p.autocomplete for p in pair[1].parameters)]
        )
        name = self._chance.choice([each.name for each in command.parameters if each.autocomplete])
        chosen = fitting("signal", self._chance)
        typed = fitting(name, self._chance)
        complete = command._params[name].autocomplete

        async def work(it: Interaction) -> None:
            cast(Any, it).namespace.signal = chosen
            offered = await complete(cog, it, typed)
            assert len(offered) <= 25
            assert all(1 <= len(each.name) <= 100 and 1 <= len(each.value) <= 100 for each in offered)
            await it.response.autocomplete(offered)

        return f"/{command.qualified_name} {name}...", {"options": [{"name": name, "value": typed}]}, work

    def button(self) -> tuple[str, dict[str, Any], Work]:
        if self._refused and self._chance.random() < 0.2:
            return self.way_back()
        handlers = self._chance.choice((buttons.BUTTONS, buttons.MENUS))
        action = self._chance.choice([*handlers, text(self._chance)])
        args = tuple(text(self._chance) for _ in range(self._chance.randrange(4)))
        if self._chance.random() < 0.5:
            args = pack_draft(self._spec(), self._chance.choice((None, CHANNEL_ID, 1)), self._chance.choice((None, 1)))
            if self._chance.random() < 0.5:
                at = self._chance.randrange(len(args))
                args = (*args[:at], text(self._chance), *args[at + 1 :])
        elif self._chance.random() < 0.5:
            args = (str(self._chance.randrange(40)), str(self._chance.choice((1, 7, -1, 10**9))))
        data = {"custom_id": f"rb:{'~'.join((action, *args))}"}
        return f"[{action}]", data, lambda it: buttons._handle(handlers, action, it, args)

    def form(self, alerts: list[Alert]) -> tuple[str, dict[str, Any], Work]:
        spec = self._spec()
        forms: list[Callable[[], Form]] = [
            lambda: modals.NewAlertModal(self._core, SIGNALS[spec.signal]),
            lambda: modals.DraftLevelModal(self._core, DRAFT),
            lambda: modals.DraftMoreModal(DRAFT),
            claim_form.NewClaimModal,
            *(lambda alert=alert: modals.AlertLevelModal(self._core, alert) for alert in alerts),  # type: ignore[misc]
            *(lambda alert=alert: modals.AlertMoreModal(alert) for alert in alerts),  # type: ignore[misc]
        ]
        make = self._chance.choice(forms)
        form = make()
        form.make = make
        fields = fields_of(form)
        for field in fields:
            field._value = fitting(self._chance.choice(list(FITTING)), self._chance)
        data = {"components": [{"components": [{"value": field._value}]} for field in fields]}

        async def work(it: Interaction) -> None:
            await form.on_submit(it)
            for message in cast(FakeInteraction, it).sent.messages:
                for item in getattr(message.get("view"), "children", ()):
                    action, args = components.unpack(item.custom_id)
                    if action == refused_forms.ACTION:
                        self._refused.append((args, [field._value[: field.max_length] for field in fields]))

        return type(form).__name__, data, work

    def way_back(self) -> tuple[str, dict[str, Any], Work]:
        """The button below a refused form: it opens the form with what was typed, or says why it cannot."""
        args, typed = self._chance.choice(self._refused[-20:])

        async def work(it: Interaction) -> None:
            await buttons._handle(buttons.BUTTONS, refused_forms.ACTION, it, args)
            [form] = cast(FakeInteraction, it).sent.forms
            assert [field.default for field in fields_of(form)] == typed

        return "[again]", {"custom_id": f"rb:{'~'.join((refused_forms.ACTION, *args))}"}, work

    def _spec(self) -> AlertSpec:
        condition = self._chance.choice(list(Condition))
        level = self._chance.choice((0.0, 90.0, -3.5, 1e12))
        high = level + 1 if condition is Condition.OUTSIDE else None
        return AlertSpec(self._chance.choice(list(SIGNALS)), self._chance.choice(list(Measure)), condition, level, high)

    def next(self, alerts: list[Alert]) -> tuple[str, dict[str, Any], Work]:
        kind = self._chance.random()
        if kind < 0.45:
            return self.command()
        if kind < 0.6:
            return self.suggestion()
        return self.button() if kind < 0.85 else self.form(alerts)


def fields_of(form: discord.ui.Modal) -> list[Any]:
    """The fields that are typed into."""
    return [item for item in form.children if isinstance(item, discord.ui.TextInput)]


async def answered(it: FakeInteraction, data: dict[str, Any], work: Work) -> None:
    """What the command tree and the views of discord.py do with an interaction, over the bot's own handlers."""

    async def do() -> None:
        await work(cast(Interaction, it))

    it.data = data
    await interactions.run_handler(cast(Interaction, it), do)


def refused(it: FakeInteraction) -> bool:
    """Whether the answer is one sentence and nothing else."""
    return len(it.sent.messages) == 1 and bool(it.sent.texts) and not it.sent.forms


@pytest.mark.slow
async def test_whatever_is_sent_is_answered_and_what_is_refused_changes_nothing(
    core: Core, thorough: bool, caplog: pytest.LogCaptureFixture
) -> None:
    seed = random.randrange(2**32) if thorough else SEED
    chance = random.Random(seed)
    fuzzer = Fuzzer(core, chance)
    clock = cast(ManualClock, core.clock)
    wrong: list[tuple[str, dict[str, Any], object]] = []
    tried: set[str] = set()
    before = await core.store.read(state)
    for _ in range(MANY if thorough else FEW):
        clock.advance(20)
        person = chance.choice((11, 12))
        what, data, work = fuzzer.next(await core.store.read(stored.list_for, person))
        tried.add(what)
        it = FakeInteraction(
            core,
            fuzzer.forms,
            user_id=person,
            manages=person == 12,
            in_server=chance.random() < 0.9,
            opens=chance.random() < 0.8,
        )
        begun = time.perf_counter()
        await answered(it, data, work)
        seconds = time.perf_counter() - begun
        after = await core.store.read(state)
        if not (it.sent.messages or it.sent.forms or it.sent.suggestions is not None):
            wrong.append((what, data, "no answer"))
        if seconds > MOST_SECONDS:
            wrong.append((what, data, f"{seconds:.1f} s"))
        if refused(it) and after != before:
            wrong.append((what, data, f"refused with {it.sent.texts}, and changed something"))
        wrong += [(what, data, each.getMessage()) for each in caplog.records if each.levelname in ("ERROR", "CRITICAL")]
        wrong += [(what, data, body) for body in it.sent.texts if len(body) > 2000 or not body.strip()]
        caplog.clear()
        before = after
    assert not wrong, (seed, wrong[:8])
    assert {name.removeprefix("/") for name in tried} >= fuzzer.names | {"[again]"}
