"""Start and idle: how soon the real program is READY with a warm archive, and how much memory it
holds.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

from benchmarks.figures import calendar, market_of
from benchmarks.market import fetched
from benchmarks.row import Row, within
from benchmarks.stand_in import ROOT, StandIn, stand_in
from bot.archive import Archive

LIBRARIES = (
    "import aiohttp, apscheduler, click, discord, exchange_calendars, numpy, pandas, pydantic, sqlite_utils, yfinance"
)
_SETTLING_SECONDS = 8.0


def start_to_ready() -> Row:
    """From the start of the process to the gateway's READY.

    Delivery begins later, after all servers are announced.
    """
    with _home() as (home, server):
        ready, delivering, floors = [], [], []
        for number in range(1, 5):
            figures = _until_ready(home, server, number)
            ready.append(figures[0])
            delivering.append(figures[1])
            floors.append(_imported())
    figure, floor = median(ready[1:]), median(floors[1:])
    note = f"floor: a process that imports the libraries and ends; delivering after {median(delivering[1:]):.2f} s"
    return within("start to READY, warm archive", figure, floor, times=2, unit="s", note=note)


def resident_memory() -> Row:
    """What the bot's own process holds when idle.

    The worker process that computes is measured beside it.
    """
    with _home() as (home, server):
        process = _run(home, server)
        try:
            _wait_for(process, "connected to Discord")
            sleep(_SETTLING_SECONDS)
            figure, worker = _resident(process.pid), sum(map(_resident, _children(process.pid)))
        finally:
            process.terminate()
            process.communicate(timeout=15)
    line = [sys.executable, "-c", f"{LIBRARIES}\nprint('there', flush=True)\ninput()"]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as bare:  # noqa: S603
        assert bare.stdout is not None
        bare.stdout.readline()
        floor = _resident(bare.pid)
        bare.communicate("\n")
    note = f"floor: a process that has imported the libraries; worker processes {worker:.0f} MiB"
    return within("resident memory, idle", figure, floor, times=1.5, unit="MiB", note=note)


@contextmanager
def _home() -> Iterator[tuple[Path, StandIn]]:
    """A home folder with ten years of prices, no sources, and a stand-in for Discord."""
    with stand_in() as server, tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with Archive.open(home / "market.db") as archive:
            archive.store(fetched(market_of(2500)), calendar(), live=False)
        config = f'[discord]\napi_base = "{server.first["api_base"]}"\n\n[sources]\nenabled = []\n'
        (home / "config.toml").write_text(config, encoding="utf-8")
        yield home, server


def _run(home: Path, server: StandIn) -> subprocess.Popen[str]:
    line = [sys.executable, "-m", "bot", "run", "--home", str(home)]
    environment = {**os.environ, "DISCORD_TOKEN": server.first["token"]}
    return subprocess.Popen(line, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)  # noqa: S603


def _until_ready(home: Path, server: StandIn, starts: int) -> tuple[float, float]:
    """Seconds until the stand-in has identified the bot for the `starts`-th time, and until it says
    that it is connected.
    """
    begun = perf_counter()
    process = _run(home, server)
    try:
        while server.control("state")["identified"] < starts and process.poll() is None:
            sleep(0.005)
        ready = perf_counter() - begun
        _wait_for(process, "connected to Discord")
        return ready, perf_counter() - begun
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


def _imported() -> float:
    begun = perf_counter()
    subprocess.run([sys.executable, "-c", LIBRARIES], check=True)  # noqa: S603
    return perf_counter() - begun


def _resident(pid: int) -> float:
    """Resident MiB of a process."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


ROWS = (start_to_ready, resident_memory)
