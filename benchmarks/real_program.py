"""The real program as a process of its own: what it logs, when, and what it holds."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import perf_counter, sleep

from benchmarks.stand_in import ROOT, StandIn


class RealProgram:
    """A running `rotation-bot run` on the home folder `home`.

    Attributes:
        most: The most MiB that the main process has held, as far as the kernel counts it.
        most_of_all: The most MiB that all its processes together were seen to hold.
    """

    def __init__(self, home: Path, server: StandIn) -> None:
        self._port = _free_port()
        environment = {
            **os.environ,
            "DISCORD_TOKEN": server.first["token"],
            "ROTATION_BOT_DISCORD_API_BASE": server.first["api_base"],
            "ROTATION_BOT_HEALTH_PORT": str(self._port),
        }
        line = [sys.executable, "-m", "bot", "run", "--home", str(home)]
        self._begun = perf_counter()
        self.process = subprocess.Popen(line, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)  # noqa: S603
        self._lines: list[tuple[float, str]] = []
        self.most_of_all = 0.0
        for work in (self._read, self._watch):
            threading.Thread(target=work, daemon=True).start()

    def logged(self, words: str, *, within_seconds: float = 300.0) -> tuple[float, str]:
        """Seconds from the start to the first line with these words, and the line."""
        while perf_counter() - self._begun < within_seconds:
            found = next((each for each in self._lines if words in each[1]), None)
            if found is not None:
                return found
            if self.process.poll() is not None:
                break
            sleep(0.02)
        raise RuntimeError(f"it did not log {words!r}:\n{''.join(line for _, line in self._lines)}")

    def metric(self, name: str) -> float | None:
        """A figure of `/metrics`, or None where the page or the figure is not there."""
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self._port}/metrics") as answer:
            found = re.search(rf"^{re.escape(name)} (\S+)$", answer.read().decode(), re.MULTILINE)
            return float(found[1]) if found else None
        return None

    def held(self) -> float:
        """MiB that the main process holds now."""
        return resident(self.process.pid)

    @property
    def most(self) -> float:
        """MiB that the main process has held at most."""
        return resident(self.process.pid, "VmHWM")

    def cpu_seconds(self) -> float:
        """Seconds of CPU of the main process."""
        return cpu_seconds(self.process.pid)

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._lines.append((perf_counter() - self._begun, line))

    def _watch(self) -> None:
        while self.process.poll() is None:
            with suppress(FileNotFoundError, ProcessLookupError):
                together = sum(map(resident, (self.process.pid, *children(self.process.pid))))
                self.most_of_all = max(self.most_of_all, together)
            sleep(0.05)


@contextmanager
def real_program(home: Path, server: StandIn) -> Iterator[RealProgram]:
    """Start it; it is stopped with SIGTERM at the end of the block."""
    program = RealProgram(home, server)
    try:
        yield program
    finally:
        program.process.terminate()
        program.process.wait(timeout=30)


def resident(pid: int, of: str = "VmRSS") -> float:
    """Resident MiB of a process; `VmHWM` is the most that it had."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{of}:"):
            return int(line.split()[1]) / 1024
    return 0.0


def cpu_seconds(pid: int) -> float:
    """Seconds of CPU that a process has used, to a hundredth."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
