"""Start and idle: how soon the real program is READY with a warm archive, and how much memory it
holds.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

from benchmarks.figures import calendar, market_of
from benchmarks.market import fetched
from benchmarks.real_program import children, cpu_seconds, resident
from benchmarks.row import Row, under, within
from benchmarks.stand_in import ROOT, StandIn, stand_in
from bot.archive import Archive

LIBRARIES = (
    "import aiohttp.web, apscheduler.schedulers.asyncio, babel.dates, click, discord.ext.commands, exchange_calendars, "
    "lxml.html, numpy, pandas, platformdirs, prometheus_client, pydantic.main, pydantic.types, sqlite_utils"
)
"""Those that the main process has imported when it is READY. Importing pandas is half of the time that all of them take."""
UNREACHABLE_YAHOO = 'enabled = ["yahoo"]\nbase_urls = { "*" = "http://127.0.0.1:9" }'
_SETTLING_SECONDS, _LONGEST_SECONDS = 10.0, 300.0


def start_to_ready() -> Row:
    """From the start of the process to the gateway's READY, in seconds of CPU, which other programs hardly disturb.

    Delivery begins later, after all servers are announced. Both processes find their modules compiled.
    """
    with _home() as (home, server):
        starts, floors = [], []
        for number in range(1, 7):
            starts.append(_until_ready(home, server, number))
            floors.append(_imported())
    used, ready, delivering = (median(column) for column in list(zip(*starts[1:], strict=True)))
    floor, floor_clock = (median(column) for column in list(zip(*floors[1:], strict=True)))
    note = (
        f"floor: a process that imports the libraries and ends; on the clock {ready:.2f} s against {floor_clock:.2f} s, "
        f"delivering after {delivering:.2f} s"
    )
    return within("start to READY, warm archive, CPU", used, floor, times=1.5, unit="s", note=note)


def resident_memory() -> Row:
    """What the bot's own process holds when idle: the worker ends when it has had no work for ten minutes."""
    figure, _ = _memory()
    line = [sys.executable, "-c", f"{LIBRARIES}\nprint('there', flush=True)\ninput()"]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as bare:  # noqa: S603
        assert bare.stdout is not None
        bare.stdout.readline()
        floor = resident(bare.pid)
        bare.communicate("\n")
    note = "floor: a process that has imported the libraries"
    return under("resident memory, idle, main process", figure, 180, unit="MiB", floor=floor, note=note)


def memory_while_checking() -> Row:
    """The most that all processes together hold from the start to the end of the first check."""
    _, figure = _memory()
    return under("memory of all processes, while checking ten years", figure, 420, unit="MiB")


def simulated_memory() -> Row:
    """The same idle figure on the simulated market, which is made in the worker."""
    figure, _ = _first_fill()
    return under("resident memory, simulated source, main process", figure, 180, unit="MiB")


def memory_of_first_fill() -> Row:
    """The most that all processes together hold while the simulated market is made, stored and checked."""
    _, figure = _first_fill()
    return under("memory of all processes, first fill with ten simulated years", figure, 420, unit="MiB")


@cache
def _first_fill() -> tuple[float, float]:
    return _memory("simulated = true", filled=False)


def worker_again() -> Row:
    """A call to a worker that has ended: a new process, its libraries, and the archive opened."""
    with _home() as (home, _):
        # A process of its own, because a worker imports the program that has started it, and that is this one.
        line = [sys.executable, "-c", _AGAIN, str(home / "market.db")]
        done = subprocess.run(line, cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603
    return under("worker started again, archive read", median(map(float, done.stdout.split())), 3)


_AGAIN = """
import asyncio, sys, time
from datetime import date
from pathlib import Path
from bot.archive.location import ArchiveLocation
from bot.ingest.worker_tasks import inventory
from bot.worker.process import Worker

async def once():
    worker = Worker()
    begun = time.perf_counter()
    await worker.run(inventory, ArchiveLocation(Path(sys.argv[1]), date(2015, 1, 2), date(2027, 12, 31), frozenset()))
    print(time.perf_counter() - begun)
    await worker.close()

for _ in range(3):
    asyncio.run(once())
"""


def memory_with_yahoo() -> Row:
    """The main process after it has had Yahoo asked, which does not answer here, in a process of its own."""
    figure, _ = _yahoo_asked()
    return under("resident memory, idle, main process, Yahoo asked", figure, 180, unit="MiB")


def memory_while_checking_after_yahoo() -> Row:
    """The most of all processes up to the end of the check that follows the request to Yahoo."""
    _, figure = _yahoo_asked()
    return under("memory of all processes, while checking ten years, Yahoo asked", figure, 420, unit="MiB")


@cache
def _yahoo_asked() -> tuple[float, float]:
    return _memory(UNREACHABLE_YAHOO, checks=2)


def _memory(sources: str = "enabled = []", *, filled: bool = True, checks: int = 1) -> tuple[float, float]:
    """MiB of the main process after so many checks, when all is done, and the most of all processes before that."""

    def checked() -> bool:
        return sum("checked " in line for line in seen) >= checks

    with _home(sources, filled=filled) as (home, server):
        process, most, seen = _run(home, server), 0.0, list[str]()
        assert process.stderr is not None
        os.set_blocking(process.stderr.fileno(), False)
        begun = changed_at = perf_counter()
        held = 0.0
        try:
            while perf_counter() - changed_at < _SETTLING_SECONDS and perf_counter() - begun < _LONGEST_SECONDS:
                seen += list(process.stderr)
                with suppress(FileNotFoundError):
                    total = sum(map(resident, (process.pid, *children(process.pid))))
                    most = max(most, total)
                    if abs(total - held) > 1 or not checked():
                        held, changed_at = total, perf_counter()
                sleep(0.02)
            if not checked():
                raise RuntimeError(f"there were fewer checks than {checks}:\n{''.join(seen)}")
            return resident(process.pid), most
        finally:
            process.terminate()
            process.wait(timeout=15)


@contextmanager
def _home(sources: str = "enabled = []", *, filled: bool = True) -> Iterator[tuple[Path, StandIn]]:
    """A home folder with a stand-in for Discord, these sources, and ten years of prices where it is `filled`."""
    with stand_in() as server, tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        if filled:
            with Archive.open(home / "market.db") as archive:
                archive.store(fetched(market_of(2500)), calendar(), live=False)
        config = f'[discord]\napi_base = "{server.first["api_base"]}"\n\n[sources]\n{sources}\n'
        (home / "config.toml").write_text(config, encoding="utf-8")
        yield home, server


def _compiling() -> dict[str, str]:
    """The environment, with the cache of compiled modules that an installed program has."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _run(home: Path, server: StandIn) -> subprocess.Popen[str]:
    line = [sys.executable, "-m", "bot", "run", "--home", str(home)]
    environment = {**_compiling(), "DISCORD_TOKEN": server.first["token"]}
    return subprocess.Popen(line, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)  # noqa: S603


def _until_ready(home: Path, server: StandIn, starts: int) -> tuple[float, float, float]:
    """Seconds of CPU and on the clock until the stand-in has identified the bot for the `starts`-th time, and on the
    clock until it says that it is connected.
    """
    begun = perf_counter()
    process = _run(home, server)
    try:
        while server.control("state")["identified"] < starts and process.poll() is None:
            sleep(0.005)
        used, ready = cpu_seconds(process.pid), perf_counter() - begun
        _wait_for(process, "connected to Discord")
        return used, ready, perf_counter() - begun
    finally:
        process.terminate()
        process.communicate(timeout=15)


def _wait_for(process: subprocess.Popen[str], words: str) -> None:
    assert process.stderr is not None
    seen = []
    for line in process.stderr:
        seen.append(line)
        if words in line:
            return
    raise RuntimeError(f"it ended before it logged {words!r}:\n{''.join(seen)}")


def _imported() -> tuple[float, float]:
    """Seconds of CPU and on the clock."""
    line = [sys.executable, "-c", f"{LIBRARIES}\nimport time; print(time.process_time())"]
    begun = perf_counter()
    done = subprocess.run(line, env=_compiling(), check=True, capture_output=True, text=True)  # noqa: S603
    return float(done.stdout), perf_counter() - begun


ROWS = (
    start_to_ready,
    resident_memory,
    memory_while_checking,
    memory_with_yahoo,
    memory_while_checking_after_yahoo,
    simulated_memory,
    memory_of_first_fill,
    worker_again,
)
