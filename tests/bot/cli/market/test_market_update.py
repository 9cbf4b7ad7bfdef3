"""`rotation-bot market update`: what is asked, what it says, and that a kill at any moment costs at most one piece."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.__main__ import main
from bot.cli.market.market_update import lines
from bot.cli.market.progress_bar import ProgressReporter
from bot.database.connection import Store
from bot.domain.fetched import FetchRequest
from bot.errors import SourceError
from bot.ingest.manual_update import FetchReport
from bot.ingest.runner import ProgressEvent
from tests.bot.cli.conftest import ROOT, Cli
from tests.helpers import utc
from tests.support import ManualClock

NOON = utc("2026-01-13 17:00")
REQUEST = FetchRequest(date(2026, 1, 1), date(2026, 1, 13))
SMALL = 'simulated = true\nbackfill_years = 2\nenabled = ["universe", "yahoo", "treasury", "statestreet"]\n'


def configured(home: Path, text: str) -> None:
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text(f"[sources]\n{text}")


class Nothing(BaseHTTPRequestHandler):
    """Answers 404 to whatever is asked."""

    def do_GET(self) -> None:
        self.send_error(404)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def nothing_there() -> Iterator[str]:
    """The address of a server on the loopback that has nothing."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Nothing) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("bloomberg", "There is no source 'bloomberg'. Known are: universe, yahoo, fred, "),
        ("invesco", "invesco is off: its terms forbid programs in general wording, so a person has to add it to "),
        ("cboe", "cboe is off: it is not in sources.enabled."),
        ("edgar", "edgar is off: it wants to know who asks; set sources.contact to a name and an e-mail address."),
    ],
)
def test_a_source_that_cannot_be_asked_is_refused_with_what_to_do(
    cli: Cli, home: Path, name: str, sentence: str
) -> None:
    configured(home, 'enabled = ["edgar", "fred"]\n')
    refused = cli("market", "update", "--source", "fred", "--source", name)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.startswith(sentence)
    assert not (home / "bot.db").exists()


async def test_while_the_bot_runs_nothing_is_fetched(cli: Cli, home: Path) -> None:
    configured(home, SMALL)
    async with Store.open(home / "bot.db"):
        refused = cli("market", "update")
    assert refused.exit_code == 1
    assert "is in use by another rotation-bot (process " in refused.stderr
    assert "A running bot fetches by its timetable; /sources shows what it has." in refused.stderr
    assert not (home / "market-simulated.db").exists()


def test_a_source_that_fails_ends_with_1_and_says_why(cli: Cli, home: Path, nothing_there: str) -> None:
    configured(home, f'base_urls = {{"*" = "{nothing_there}"}}\n')
    failed = cli("market", "update", "--source", "fed")
    assert failed.exit_code == 1
    assert failed.stdout.startswith(
        "fed          FAILED: www.federalreserve.gov/json/calendar.json answered 404\n0 rows in "
    )
    assert failed.stderr == "fed: www.federalreserve.gov/json/calendar.json answered 404\n"


@pytest.mark.thorough
def test_stopped_and_killed_in_the_middle_it_goes_on_and_the_archive_is_that_of_one_run(
    cli: Cli, home: Path, tmp_path: Path
) -> None:
    configured(home, SMALL)
    stopped = cut_off(home, "yahoo: 1 of ", signal.SIGINT)
    assert stopped.returncode == 1
    assert stopped.stderr.endswith("Stopped. What came is kept; the same command goes on with the rest.\n")
    killed = cut_off(home, "yahoo: 2 of ", signal.SIGKILL)
    assert killed.returncode == -signal.SIGKILL
    done = cli("market", "update")
    assert done.exit_code == 0
    assert "universe     nothing to fetch; asked last on " in done.stdout
    chunks = [chunks_of_prices(text) for text in (stopped.stderr, killed.stderr, done.stderr)]
    assert chunks[0][0] > chunks[1][0] > chunks[2][0]
    assert chunks[0][1] + chunks[1][1] + chunks[2][0] <= chunks[0][0] + 2

    other = tmp_path / "other"
    configured(other, SMALL)
    whole = CliRunner().invoke(main, ["--home", str(other), "market", "update"])
    assert whole.exit_code == 0
    here, there = stored(home, tmp_path / "a"), stored(other, tmp_path / "b")
    assert here == there
    assert len(here["close.csv.gz"]) > 100_000


def cut_off(home: Path, when: str, how: signal.Signals) -> subprocess.CompletedProcess[str]:
    """An update in a process of its own that gets a signal as soon as it says how far it is."""
    command = [sys.executable, "-m", "bot", "market", "update", "--home", str(home)]
    environ = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        said = ""
        for line in process.stderr:
            said += line
            if line.startswith(when):
                process.send_signal(how)
                break
        stdout, rest = process.communicate(timeout=30)
    return subprocess.CompletedProcess(command, process.returncode, stdout, said + rest)


def test_what_came_from_a_source_is_one_line() -> None:
    haul = FetchReport(tickers={"SPY", "QQQ"}, rows=Counter(prices=5_000), newest=date(2026, 1, 12), asked=True)
    assert lines("yahoo", haul) == ["yahoo        2 tickers, 5,000 rows, newest Jan 12, 2026"]
    gone = replace(haul, missing={f"T{number}": "no such ticker" for number in range(5)})
    assert lines("yahoo", gone)[1] == (
        "             without T0 (no such ticker), T1 (no such ticker), T2 (no such ticker) and 2 more"
    )
    half = replace(haul, failures=["Yahoo answered 503.", "Yahoo answered 503."])
    assert lines("yahoo", half) == [
        "yahoo        FAILED: Yahoo answered 503; 1 more like it; came: 2 tickers, 5,000 rows, newest Jan 12, 2026"
    ]
    assert lines("fed", FetchReport(asked=True)) == ["fed          nothing new"]
    assert lines("fed", FetchReport(asked_at=NOON)) == [
        "fed          nothing to fetch; asked last on Tue, Jan 13, 2026, 12:00 p.m. ET"
    ]
    both = FetchReport(series={"DGS2"}, rows=Counter(series=20, projections=3), newest=date(2026, 1, 12), asked=True)
    assert lines("fred", both) == ["fred         1 series, 20 rows, 3 rows of projections, newest Jan 12, 2026"]


class Terminal(io.StringIO):
    """Where a person looks."""

    def isatty(self) -> bool:
        return True


def test_a_log_gets_plain_lines_with_what_is_left_and_every_failure() -> None:
    clock, log = ManualClock(NOON), io.StringIO()
    with ProgressReporter(log, clock) as progress:
        for done in range(1, 41):
            clock.set(NOON + timedelta(seconds=15 * done))
            progress.step("yahoo", ProgressEvent(REQUEST, None, None, done, 40))
        progress.step("fed", ProgressEvent(REQUEST, None, SourceError("the Fed's calendar answered 503"), 1, 1))
        progress.step("treasury", ProgressEvent(REQUEST, None, None, 1, 1))
    told = log.getvalue().splitlines()
    assert len(told) == 11
    assert told[0] == "yahoo: 4 of 40 chunks, about 9 min left"
    assert told[-3:] == [
        "yahoo: 36 of 40 chunks, about 1 min left",
        "yahoo: 40 of 40 chunks",
        "fed: the Fed's calendar answered 503",
    ]


def test_a_terminal_gets_a_bar_over_all_sources_and_the_time_of_the_slowest() -> None:
    clock, screen = ManualClock(NOON), Terminal()
    with ProgressReporter(screen, clock) as progress:
        clock.set(NOON + timedelta(minutes=1))
        progress.step("yahoo", ProgressEvent(REQUEST, None, None, 1, 10))
        progress.step("fred", ProgressEvent(REQUEST, None, None, 1, 1))
        progress.step("fred", ProgressEvent(REQUEST, None, None, 1, 1))
        assert progress.left() == "about 9 min"
    assert "25%  fred, about 9 min left" in screen.getvalue()


def chunks_of_prices(text: str) -> tuple[int, int]:
    """How many chunks of prices were planned, and how many are told to be done."""
    told = [line.split() for line in text.splitlines() if line.startswith("yahoo: ")]
    return int(told[-1][3]), int(told[-1][1])


def stored(home: Path, out: Path) -> dict[str, bytes]:
    """Everything in the archive of the simulated market, as a market pack and as `market status` tells it."""
    run = CliRunner()
    assert run.invoke(main, ["--home", str(home), "market", "export", str(out)]).exit_code == 0
    status = run.invoke(main, ["--home", str(home), "market", "status", "--json"])
    return {"status": status.stdout_bytes, **{path.name: path.read_bytes() for path in out.iterdir()}}
