"""The bot of the soak as a process: started, killed, and looked at from outside."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.discord_server.world import TOKEN

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Footprint:
    """Megabytes of the main process and of the largest of its workers, open files and threads of the main process."""

    main: float
    worker: float
    files: int
    threads: int


@dataclass
class BotProcess:
    """The program over one home; `log` grows over all its lives."""

    home: Path
    clock_file: Path
    seed: int
    lives: int = 0
    process: asyncio.subprocess.Process | None = None
    _spent: float = 0.0
    _log: list[Any] = field(default_factory=list)

    @property
    def log(self) -> Path:
        return self.home / "log.jsonl"

    async def start(self) -> None:
        self.lives += 1
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("DISCORD_", "FRED_"))}
        words = ("-m", "tests.soak.program", str(self.home), str(self.clock_file), str(self.seed + self.lives))
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, *words, env={**environ, "DISCORD_TOKEN": TOKEN}, stderr=log, stdout=log, cwd=ROOT
            )

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.returncode is None

    async def kill(self) -> None:
        """kill -9; the workers end by themselves."""
        assert self.process is not None
        if self.alive:
            self._spent = self.cpu_seconds()
            self.process.kill()
        await self.process.wait()

    async def end(self) -> int | None:
        """SIGTERM; returns the exit code."""
        assert self.process is not None
        if self.alive:
            self.process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(self.process.wait(), 30)
        return self.process.returncode

    def kill_a_worker(self) -> bool:
        """kill -9 of one of the other processes."""
        others = workers(self.pid)
        if others:
            with contextlib.suppress(ProcessLookupError):
                os.kill(others[0], signal.SIGKILL)
        return bool(others)

    def pulse(self) -> dict[str, Any]:
        """What the newest tick of this process said; empty before the first one."""
        try:
            said: dict[str, Any] = json.loads((self.home / "pulse.json").read_text() or "{}")
        except FileNotFoundError:
            return {}
        return said if said.get("pid") == self.pid else {}

    def footprint(self) -> Footprint:
        folder = Path(f"/proc/{self.pid}")
        return Footprint(
            resident(self.pid),
            max((resident(pid) for pid in workers(self.pid)), default=0.0),
            len(list((folder / "fd").iterdir())),
            len(list((folder / "task").iterdir())),
        )

    def cpu_seconds(self) -> float:
        """What the program and its workers have taken of the processor in all lives."""
        return self._spent + sum(cpu_seconds(pid) for pid in (self.pid, *workers(self.pid)))

    @contextlib.contextmanager
    def database(self) -> Iterator[sqlite3.Connection]:
        """bot.db, for reading."""
        with contextlib.closing(sqlite3.connect(f"file:{self.home / 'bot.db'}?mode=ro", uri=True, timeout=20)) as db:
            db.row_factory = sqlite3.Row
            yield db

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[sqlite3.Row]:
        with self.database() as db:
            return db.execute(sql, parameters).fetchall()

    def log_lines(self) -> Iterator[dict[str, Any]]:
        """Every line of the log, whatever is no line of it as an error."""
        for line in self.log.read_text(errors="replace").splitlines():
            try:
                yield json.loads(line)
            except json.JSONDecodeError:
                yield {"level": "error", "logger": "", "message": line}


def workers(pid: int) -> list[int]:
    """Processes that compute for a process: its children but the one that cleans up after them."""
    found = []
    with contextlib.suppress(FileNotFoundError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            command = Path(f"/proc/{child}/cmdline").read_bytes()
            if b"resource_tracker" not in command:
                found.append(int(child))
    return found


def cpu_seconds(pid: int) -> float:
    """Of a process and of its children that have ended; 0 of one that has ended itself."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> float:
    """Megabytes in memory; 0 of a process that has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except FileNotFoundError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)
