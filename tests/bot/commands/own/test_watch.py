"""`/watch`: what is added, refused, listed and removed, and who may use what."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from bot.charts.inputs import ChartInputs
from bot.charts.render import lay_out
from bot.commands.alerts import alert_list, alert_lookup, history, manage, parse, preview, service
from bot.commands.alerts.condition_text import complete_condition
from bot.commands.alerts.parse import AlertChange, AlertRequest
from bot.commands.context import Caller, Core
from bot.commands.market import chart, comparables, compare, signal_list, signals, study
from bot.commands.own import watch
from bot.commands.reply import Choice
from bot.commands.summary import summary
from bot.database import own_signals
from bot.discord_app import components
from bot.discord_app.delivery.messages import payloads
from bot.domain.chart_request import ChartRequest
from bot.domain.model import ItemEvent, ItemKind
from bot.domain.own_signal import Listing, OwnSignal, key_of
from bot.errors import UserError
from signals.core.model import Reading, State
from signals.expressions import LONGEST_LABEL
from tests.bot.discord_app.delivery.test_messages import DM, item
from tests.support import sample_readings
from tests.support.tickers import KnownTickers

SEMIS = "own.SMH/IGV"


@pytest.fixture
def watching(core: Core) -> Core:
    """A core that can look tickers up."""
    return replace(core, tickers=KnownTickers())


async def refused(core: Core, caller: Caller, expression: str, name: str = "semis", *, server: bool = False) -> str:
    with pytest.raises(UserError) as caught:
        await watch.add(core, caller, expression, name, server=server)
    return str(caught.value)


def with_values(core: Core, last: float = 3.2134) -> None:
    """What a check of the own signal brings: five years at 3, and today's value."""
    snapshot = core.readings.snapshot
    assert snapshot is not None
    history = snapshot.history.copy()
    history[SEMIS] = 3.0
    history.loc[history.index[-1], SEMIS] = last
    reading = Reading(SEMIS, sample_readings.SESSION, last, State.FINAL, observed=sample_readings.SESSION)
    core.readings.put(replace(snapshot, history=history, readings={**snapshot.readings, SEMIS: reading}))


async def test_a_signal_is_added_with_what_its_tickers_are(watching: Core, ann: Caller) -> None:
    changes: list[str] = []
    core = replace(watching, own_changed=lambda: changes.append("changed"))
    reply = await watch.add(core, ann, "smh / igv", "Semis")
    assert reply.title == "mine.semis added: SMH/IGV"
    assert "VanEck Semiconductor ETF" in reply.lines[0]
    assert reply.lines[0].endswith("since May 5, 2000")
    assert reply.lines[2].startswith("Its history is being fetched")
    assert changes == ["changed"]
    assert core.own.current.of(ann.user_id, None) == [OwnSignal("SMH/IGV", "semis", ann.user_id, None, ann.user_id)]


@pytest.mark.parametrize(
    ("expression", "name", "sentence"),
    [
        ("SMH -IGV", "semis", "Column 5: a minus sign needs a space on each side: ret(KRE, 21) - ret(SPY, 21)."),
        (
            "SMH/IGW",
            "semis",
            "No ticker IGW with prices in the last ten days.",
        ),
        ("SMH-IGV", "semis", "A minus sign needs a space on each side."),
        (
            "TLT",
            "a b",
            "“a b” is not a name. Type up to 24 letters a-z, digits and underscores, such as semis_vs_software.",
        ),
        ("(SMH+7203.T)/SPY", "semis", "A sum takes prices in one currency; here are SMH in USD and 7203.T in JPY."),
    ],
)
async def test_what_cannot_be_watched_is_refused_with_the_reason(
    watching: Core, ann: Caller, expression: str, name: str, sentence: str
) -> None:
    assert sentence in await refused(watching, ann, expression, name)
    assert watching.own.current.rows == ()


async def test_a_wrong_ticker_is_answered_with_the_nearest(watching: Core, ann: Caller) -> None:
    assert "Did you mean " in await refused(watching, ann, "XLKK")
    assert "XLK" in await refused(watching, ann, "XLKK")


async def test_nothing_is_added_while_the_source_is_silent(core: Core, ann: Caller) -> None:
    silent = replace(core, tickers=KnownTickers(silent=True))
    assert (await refused(silent, ann, "TLT")).startswith("The source of prices does not answer")
    assert await refused(replace(core, tickers=None), ann, "TLT")


async def test_names_and_expressions_are_an_owners_once(watching: Core, ann: Caller, boss: Caller) -> None:
    await watch.add(watching, ann, "SMH/IGV", "semis")
    assert (await refused(watching, ann, "TLT")).startswith("mine.semis is SMH/IGV already.")
    assert await refused(watching, ann, "SMH/IGV", "again") == "SMH/IGV is already saved as mine.semis."
    await watch.add(watching, boss, "SMH/IGV", "semis")
    await watch.add(watching, boss, "SMH/IGV", "semis", server=True)
    assert watching.own.current.signals == (SEMIS,)


async def test_a_server_takes_a_manager(watching: Core, ann: Caller) -> None:
    assert "Manage Server" in await refused(watching, ann, "TLT", server=True)


async def test_quotas_hold(watching: Core, ann: Caller, boss: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "PER_PERSON", 1)
    await watch.add(watching, ann, "SMH/IGV", "semis")
    assert await refused(watching, ann, "TLT", "bonds") == (
        "One person may have 1 signals of their own. Remove one with /watch remove first."
    )
    monkeypatch.setattr(watch, "MOST_EXPRESSIONS", 1)
    assert "computes 1 of people's own signals, the most" in await refused(watching, boss, "TLT", "bonds")
    await watch.add(watching, boss, "SMH/IGV", "chips")
    monkeypatch.setattr(watch, "MOST_EXPRESSIONS", 500)
    monkeypatch.setattr(watch, "PER_PERSON", 20)
    monkeypatch.setattr(watch, "MOST_TICKERS", 2)
    assert "fetches 2 tickers for people's own signals" in await refused(watching, boss, "TLT", "bonds")
    await watch.add(watching, boss, "IGV/SMH", "software")


async def test_an_own_signal_is_found_wherever_a_signal_is_asked_for(watching: Core, ann: Caller, boss: Caller) -> None:
    await watch.add(watching, ann, "SMH/IGV", "semis")
    with_values(watching)
    assert signals.complete(watching, "mine.", ann) == [Choice("mine.semis · SMH/IGV", "mine.semis")]
    assert comparables.complete(watching, "mine.semis", ann) == [Choice("mine.semis · SMH/IGV", "mine.semis")]
    assert signals.detail(watching, "mine.semis", ann).title == "semis (SMH/IGV)"
    assert "## 3.2134" in signals.detail(watching, "SMH/IGV", ann).lines
    assert chart.chart(watching, "MINE.SEMIS", caller=ann).title == "semis (SMH/IGV), 6 months"
    assert comparables.comparable(watching, "mine.semis", ann).key == SEMIS
    compared = await compare.compare(watching, "mine.semis", "havens.silver", caller=ann)
    assert compared.title == "semis (SMH/IGV) and Silver, 6 months"
    request = AlertRequest(signal="mine.semis", condition="above", level="3.5")
    assert parse.draft(watching, request, caller=ann).spec.signal == SEMIS
    assert study.question(watching, request, caller=ann).spec.signal == SEMIS
    table = signal_list.overview(watching, "mine", caller=ann)
    assert "mine.semis" in table.table
    assert "3.2134" in table.table
    for other in (boss, None):
        assert signals.complete(watching, "mine.", other) == []
        for typed in ("mine.semis", SEMIS, "SMH/IGV"):
            with pytest.raises(UserError):
                signals.detail(watching, typed, other)
    with pytest.raises(UserError, match=r"Did you mean mine\.semis"):
        signals.detail(watching, "mine.semi", ann)
    with pytest.raises(UserError, match="You have no signals of your own yet"):
        signal_list.overview(watching, "mine", caller=boss)


async def test_an_own_signal_has_its_name_in_every_answer_message_and_picture(watching: Core, ann: Caller) -> None:
    await watch.add(watching, ann, "SMH/IGV", "chips")
    with_values(watching, 3.6)
    draft = parse.draft(watching, AlertRequest(signal="mine.chips", condition="above", level="3.5"), caller=ann)
    named = "chips (SMH/IGV)"
    assert preview.preview(watching, ann, draft).title == f"{named} above 3.5"
    offered = complete_condition(watching, "mine.chips", "", ann)
    assert offered[0].value.startswith("above 3")
    assert complete_condition(watching, "mine.chips", "", None) == []
    assert (await service.save(watching, ann, draft)).title == f"Alert 1 is set: {named} above 3.5"
    assert (await alert_list.list_alerts(watching, ann)).fields[0].name == f"1 · {named} above 3.5"
    assert (await history.show(watching, ann, "1")).title == f"Alert 1: {named} above 3.5"
    assert [choice.label for choice in await alert_lookup.complete_own(watching, ann, "")] == [f"1 · {named} above 3.5"]
    fired = replace(item(), signal=SEMIS, level=3.5, value=3.6, reading={"value": 3.6})
    shown = payloads(watching)(DM, [fired])
    assert shown.content == "Chips (SMH/IGV) is at 3.6000, above 3.5"
    assert shown.embeds[0]["title"] == f"{named}: 3.6000"
    request = ChartRequest.from_json(shown.pictures[0])
    assert request.label(SEMIS) == named
    ends = pd.bdate_range(end=pd.Timestamp(sample_readings.SESSION), periods=300)
    inputs = ChartInputs(pd.DataFrame({SEMIS: np.linspace(3.0, 3.6, 300)}, index=ends), pd.DataFrame(index=ends))
    drawn = lay_out(request, inputs)
    assert drawn is not None
    assert drawn.alt.startswith(f"Line chart of {named},")
    held = payloads(watching)(DM, [replace(fired, held_until=sample_readings.NOW)])
    assert held.embeds[0]["description"].startswith("Chips (SMH/IGV) above 3.5: crossed at 3.6000")


async def test_the_same_expression_has_each_ones_own_name(watching: Core, ann: Caller, boss: Caller) -> None:
    await watch.add(watching, ann, "SMH/IGV", "chips")
    await watch.add(watching, boss, "SMH/IGV", "software", server=True)
    with_values(watching)
    assert signals.detail(watching, SEMIS, ann).title == "chips (SMH/IGV)"
    assert signals.detail(watching, SEMIS, boss).title == "software (SMH/IGV)"


def test_a_label_is_never_longer_than_those_of_the_catalogue() -> None:
    assert OwnSignal("SMH/IGV", "chips").label == "chips (SMH/IGV)"
    assert OwnSignal("(AAPL+MSFT+GOOGL+AMZN+META)/SPY", "giants").label == "giants ((AAPL+MSFT+GOOGL+AMZN+…)"
    assert OwnSignal("RSP/SPY", "a_name_of_24_characters_").label == "a_name_of_24_characters_ (RSP/…)"
    for name in ("a", "a" * 12, "a" * 24):
        for expression in ("TLT", "RSP/SPY", "sma((AAPL+MSFT+GOOGL+AMZN+META)/SPY, 50)"):
            assert len(OwnSignal(expression, name).label) <= LONGEST_LABEL


async def test_a_ratio_moves_by_the_same_per_cent_in_words_and_in_the_picture(watching: Core, ann: Caller) -> None:
    await watch.add(watching, ann, "SMH/IGV", "chips")
    with_values(watching, 3.15)
    compared = await compare.compare(watching, "mine.chips", "rates.real_10y", caller=ann)
    assert compared.lines[0] == "**chips (SMH/IGV)** 3.1500, +5.0%"


async def test_an_expiring_alert_on_an_own_signal_is_not_told_as_ended(watching: Core, ann: Caller) -> None:
    await watch.add(watching, ann, "SMH/IGV", "chips")
    about = replace(item(), kind=ItemKind.NOTICE, signal=SEMIS, event=ItemEvent.EXPIRING, since=date(2026, 3, 31))
    assert payloads(watching)(DM, [replace(about, number=3)]).content == (
        "Alert 3, chips (SMH/IGV), expires after Tue, Mar 31, 2026. To change that date, use /alert edit with expires."
    )


async def test_a_long_expression_is_found_by_its_whole_text(watching: Core, ann: Caller) -> None:
    core = replace(
        watching,
        tickers=KnownTickers({name: Listing(name) for name in ("AAPL", "MSFT", "GOOGL", "AMZN", "META", "SPY")}),
    )
    await watch.add(core, ann, "(AAPL+MSFT+GOOGL+AMZN+META)/SPY", "giants")
    await watch.add(core, ann, "sma((AAPL+MSFT+GOOGL+AMZN+META)/SPY, 50)", "giants_50")
    found = core.finder_for(ann).get("sma((aapl+msft+googl+amzn+meta)/spy, 50)")
    assert found.id == "own.sma((AAPL+MSFT+GOOGL+AMZN+META)/SPY, 50)"


async def test_a_servers_own_signal_is_its_members(watching: Core, ann: Caller, boss: Caller) -> None:
    await watch.add(watching, boss, "SMH/IGV", "semis", server=True)
    assert signals.complete(watching, "server.", ann) == [Choice("server.semis · SMH/IGV", "server.semis")]
    assert signals.complete(watching, "server.", replace(ann, guild_id=2)) == []
    with pytest.raises(UserError, match="Manage Server"):
        await watch.remove(watching, ann, "server.semis")


async def test_an_alert_stands_on_a_signal_of_ones_own(watching: Core, ann: Caller, boss: Caller) -> None:
    await watch.add(watching, ann, "SMH/IGV", "semis")
    with_values(watching)
    draft = parse.draft(watching, AlertRequest(signal=SEMIS, condition="above", level="3.5"), caller=ann)
    with pytest.raises(UserError, match="SMH/IGV is not one of your signals"):
        await service.save(watching, boss, draft)
    await service.save(watching, ann, draft)
    reply = await watch.remove(watching, ann, "mine.semis")
    assert reply.title == "Removed: mine.semis (SMH/IGV)"
    assert reply.lines == ("1 alert on it ended.",)
    with pytest.raises(UserError, match="not one of your signals"):
        await service.save(watching, ann, draft)
    with pytest.raises(UserError, match="No signal of yours is called"):
        await watch.remove(watching, ann, "mine.semis")


async def test_buttons_carry_a_short_word_for_an_own_signal(watching: Core, ann: Caller) -> None:
    expression = "(AAPL+MSFT+GOOGL+AMZN+META+NVDA+TSLA)/SPY"
    packed = components.pack(components.BUTTON, "set", (f"own.{expression}",))
    assert packed == f"rb:set~{key_of(f'own.{expression}')}"
    assert len(packed) < 30
    await watch.add(watching, ann, "SMH/IGV", "semis")
    assert watching.own.current.by_key == {key_of(SEMIS): SEMIS}


async def test_the_list_shows_names_expressions_and_values(watching: Core, ann: Caller) -> None:
    assert watch.listing(watching, ann).title == "You have no signals of your own yet"
    await watch.add(watching, ann, "SMH/IGV", "semis")
    await watch.add(watching, ann, "TLT", "bonds")
    with_values(watching)
    shown = watch.listing(watching, ann)
    assert shown.lines == ("**mine.semis** SMH/IGV: 3.2134 (Tue, Jan 13)", "**mine.bonds** TLT: no value yet")
    assert watch.complete(watching, ann, "bo") == [Choice("mine.bonds · TLT", "mine.bonds")]


async def test_a_ticker_that_is_gone_is_told_once(watching: Core, ann: Caller) -> None:
    await watch.add(watching, ann, "SMH/IGV", "semis")
    for _ in range(2):
        await watch.report_gone(watching, frozenset({"IGV", "ZZZ"}))
    assert watching.own.current.reported_gone == frozenset({"IGV"})

    def waiting(db: own_signals.Database) -> int:
        return int(db.execute("SELECT count(*) FROM outbox WHERE kind = 'notice'").fetchone()[0])

    assert await watching.store.read(waiting) == 1


async def test_the_summary_and_the_counts_know_built_in_signals_alone(watching: Core, ann: Caller) -> None:
    before = summary.newest(watching)
    await watch.add(watching, ann, "SMH/IGV", "semis")
    with_values(watching, last=300.0)
    assert summary.newest(watching) == before


def test_a_listing_without_a_name_says_so() -> None:
    assert watch._listing_line(Listing("SPY")) == "**SPY**: no description"


@pytest.mark.parametrize("typed", ["mine.semis", "SMH/IGV", "Mine.Semis"])
async def test_an_alert_is_changed_to_an_own_signal_and_copied_onto_it(watching: Core, ann: Caller, typed: str) -> None:
    """By every name by which `/alert add` takes it; a stranger has none of them."""
    await watch.add(watching, ann, "SMH/IGV", "semis")
    for caller in (ann, replace(ann, user_id=77)):
        draft = parse.draft(watching, AlertRequest(signal="Silver", condition="above 90"), caller=caller)
        await service.save(watching, caller, draft)
    change = AlertChange(signal=typed, condition="above 3.1")
    copied = await manage.duplicate(watching, ann, "1", change, None)
    assert copied.title == "Alert 2 is set: semis (SMH/IGV) above 3.1"
    changed = await manage.edit(watching, ann, "1", manage.Change(spec=replace(change, condition="above 3.2")))
    assert changed.title == "Alert 1 is now: semis (SMH/IGV) above 3.2"
    with pytest.raises(UserError, match="No signal"):
        await manage.edit(watching, replace(ann, user_id=77), "1", manage.Change(spec=change))
