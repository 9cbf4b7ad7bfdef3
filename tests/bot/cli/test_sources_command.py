"""`sources check` against a local server: sources that answer, have moved, have changed their format, or are dead."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from click.testing import Result

from bot.cli.sources_command import ending
from bot.sources import factory
from bot.sources.check import AddressAnswer, AddressLine, SourceCheck
from tests.bot.cli.conftest import Cli
from tests.bot.sources.test_fed_calendar import PLACE, YEAR, calendar_file, event
from tests.support.http_stub import HttpStub, Reply, as_text, http_stub

TREASURY = "home.treasury.gov/resource-center/data-chart-center/interest-rates"
CURVE = f"{TREASURY}/daily-treasury-rates.csv"
CONTACT = "ada@example.org"


def configured(home: Path, stub: HttpStub, *names: str) -> None:
    home.mkdir(exist_ok=True)
    enabled = ", ".join(f'"{name}"' for name in names)
    (home / "config.toml").write_text(
        f'[sources]\ncontact = "Ada {CONTACT}"\nenabled = [{enabled}]\n[sources.base_urls]\n"*" = "{stub.url}"\n'
    )


def years(text: Callable[[int], str], stub: HttpStub) -> None:
    for year in (2026, 2027, 2028):
        stub.on(f"{CURVE}/{year}/all", as_text(text(year)))


def curve(year: int) -> str:
    return f'Date,"2 Yr","10 Yr"\n01/05/{year},4.10,5.20\n01/02/{year},4.00,5.10'


def newest_days() -> list[date]:
    """The days up to today, which the command takes from the clock."""
    today = datetime.now(UTC).date()
    return [today - timedelta(days=back) for back in range(20, -1, -1)]


async def run(cli: Cli, home: Path, stub: HttpStub, *names: str, record: Path | None = None) -> Result:
    configured(home, stub, *names)
    options = ["--record", str(record)] if record is not None else []
    return await asyncio.to_thread(cli, "sources", "check", *options)


def lines(shown: Result) -> dict[str, str]:
    """The lines of a table by the address in them."""
    return {line.split()[1]: " ".join(line.split()) for line in shown.stdout.splitlines()[1:-1]}


async def test_a_source_that_answers_shows_its_newest_day_and_ends_with_0(cli: Cli, home: Path) -> None:
    async with http_stub() as stub:
        years(curve, stub)
        stub.on(PLACE, calendar_file([*YEAR, event("2029-01", "25-26")]))
        shown = await run(cli, home, stub, "treasury", "fed")
    assert shown.exit_code == 0, shown.stdout
    table = lines(shown)
    assert "treasury home.treasury.gov" in " ".join(table.values())
    assert any("answered" in line and " 5, 20" in line and line.endswith("works") for line in table.values())
    assert "answered Jan 26, 2029" in table[PLACE]
    assert shown.stdout.splitlines()[-1] == "2 of 2 sources work."
    assert "yahoo        -" in shown.stdout
    assert "not asked" in shown.stdout


async def test_a_source_that_hangs_keeps_no_other_waiting(cli: Cli, home: Path) -> None:
    async with http_stub() as stub:
        years(curve, stub)
        year = datetime.now(UTC).year
        stub.on(f"{CURVE}/{year}/all", Reply(how="slow"), as_text(curve(year)))
        stub.on(PLACE, calendar_file([*YEAR, event("2029-01", "25-26")]))
        running = asyncio.create_task(run(cli, home, stub, "treasury", "fed"))
        async with asyncio.timeout(20):
            await stub.asked(PLACE)
        await stub.release()
        shown = await running
    # The lines stand in the order of the list, whoever has answered first.
    names = [line.split()[0] for line in shown.stdout.splitlines()[1:]]
    assert names.index("treasury") < names.index("fed")
    assert "2 of 2 sources work." in shown.stdout


async def test_a_folder_that_cannot_be_written_is_named_in_a_sentence(cli: Cli, home: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    async with http_stub() as stub:
        stub.on(PLACE, calendar_file([*YEAR, event("2029-01", "25-26")]))
        shown = await run(cli, home, stub, "fed", record=tmp_path / "taken" / "answers")
    assert shown.exit_code == 1
    assert "Not a directory" in shown.stderr
    assert "Traceback" not in shown.stderr


async def test_a_source_that_has_moved_is_told_with_where_it_is(cli: Cli, home: Path) -> None:
    """Cboe's new host is dead and its old one sends on to another path of the new one."""
    old, new = "cdn.cboe.com/api/global/us_indices/daily_prices/VIX_History.csv", "cdn-api.cboe.com/moved/VIX.csv"
    async with http_stub() as stub:
        stub.on(old, Reply(b"", 307, {"Location": f"https://{new}"}))
        stub.on(
            new,
            as_text("DATE,OPEN,HIGH,LOW,CLOSE\n" + "".join(f"{day:%m/%d/%Y},1,1,1,17.5\n" for day in newest_days())),
        )
        shown = await run(cli, home, stub, "cboe")
    assert f"{old} has moved to {new}" in shown.stdout
    assert any(" moved " in line for line in lines(shown).values())
    assert shown.exit_code == 0


async def test_a_source_that_has_changed_its_format_is_told_with_what_is_wrong(cli: Cli, home: Path) -> None:
    async with http_stub() as stub:
        years(lambda year: curve(year).replace("Date", "Day"), stub)
        stub.on(PLACE, Reply(b'{"meetings": []}'))
        shown = await run(cli, home, stub, "treasury", "fed")
    assert shown.exit_code == 1
    table = lines(shown)
    assert "format changed" in table[PLACE]
    assert (
        "gives nothing: www.federalreserve.gov/json/calendar.json has no events, so its format has changed"
        in table[PLACE]
    )
    assert sum("format changed" in line for line in table.values()) == 2
    assert shown.stdout.splitlines()[-1] == "0 of 2 sources work; not treasury, fed."


async def test_a_source_that_refuses_is_told(cli: Cli, home: Path) -> None:
    async with http_stub() as stub:
        stub.on("www.ssga.com/library-content/products/fund-data/etfs/us/navhist-us-en-xlk.xlsx", Reply(b"", 403))
        refused = await run(cli, home, stub, "statestreet")
    assert refused.exit_code == 1
    (line,) = (line for line in lines(refused).values() if "ssga" in line)
    assert " refused " in line
    assert "gives nothing: www.ssga.com" in line


async def test_answers_are_recorded_as_they_came_without_the_contact(cli: Cli, home: Path, tmp_path: Path) -> None:
    async with http_stub() as stub:
        stub.on(PLACE, calendar_file(YEAR))
        await run(cli, home, stub, "fed", record=tmp_path / "answers")
    (index,) = (tmp_path / "answers").rglob("index.jsonl")
    line = json.loads(index.read_text().splitlines()[0])
    assert (line["url"], line["status"]) == (PLACE, 200)
    assert gzip.decompress((index.parent / line["file"]).read_bytes()) == calendar_file(YEAR).body
    assert CONTACT not in index.read_text()


def test_nothing_is_asked_where_the_market_is_simulated(cli: Cli, home: Path) -> None:
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text("[sources]\nsimulated = true\n")
    refused = cli("sources", "check")
    assert (refused.exit_code, "sources.simulated" in refused.stderr) == (1, True)


def test_every_source_has_a_sample() -> None:
    assert all(spec.samples(date(2026, 10, 6)) for spec in factory.SPECS)


def test_the_end_counts_and_says_what_to_look_at_where_nobody_answers() -> None:
    silent = SourceCheck(
        "fed", (AddressLine(PLACE, AddressAnswer.SILENT, 0.1),), 0, None, "www.federalreserve.gov: no answer", (), 0.1
    )
    refused = SourceCheck(
        "cboe", (AddressLine("cdn.cboe.com", AddressAnswer.REFUSED, 0.1),), 0, None, "it refused", (), 0.1
    )
    asked_by_a_library = SourceCheck("yahoo", (), 0, None, "Yahoo could not be reached", (), 0.1)
    count = "0 of 2 sources work; not fed, yahoo."
    hint = "Nobody has answered: look whether this machine reaches the internet and resolves names."
    assert [*ending([silent, asked_by_a_library])] == [count, hint]
    assert [*ending([silent, refused])] == ["0 of 2 sources work; not fed, cboe."]
    assert [*ending([])] == ["0 of 0 sources work."]
