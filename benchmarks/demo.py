"""`make demo` as somebody new types it: from a clean clone with empty caches to the page, and the second time.

Needs a package registry, so `python -m benchmarks` leaves these rows out unless their name is given.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
import urllib.request
from functools import cache
from pathlib import Path
from time import perf_counter

from benchmarks.row import Row, under
from benchmarks.stand_in import ROOT

_ADDRESS = re.compile(r"runs at http://(\S+)")


def first_demo() -> Row:
    """Set-up from the lock, the market, and the bot in its simulated Discord."""
    first, _, silent = _times()
    note = f"two quiet cores, empty caches of pip and uv; longest silence {silent:.1f} s"
    return under("make demo from a clean clone to the page", first, 60, note=note)


def second_demo() -> Row:
    """The same again, without anything to install."""
    return under("make demo the second time to the page", _times()[1], 6)


@cache
def _times() -> tuple[float, float, float]:
    """Seconds of the first and the second time, and the longest silence of the first."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder, "rotation-bot")
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)  # noqa: S603, S607
        caches = {"UV_CACHE_DIR": f"{folder}/uv", "PIP_CACHE_DIR": f"{folder}/pip", "MPLCONFIGDIR": f"{folder}/mpl"}
        environment = {**os.environ, **caches}
        first, silent = _until_page(clone, environment)
        return first, _until_page(clone, environment)[0], silent


def _until_page(clone: Path, environment: dict[str, str]) -> tuple[float, float]:
    begun = last = perf_counter()
    silent, lines = 0.0, list[str]()
    demo = subprocess.Popen(
        ["make", "demo"],  # noqa: S607
        cwd=clone,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        assert demo.stdout is not None
        for line in demo.stdout:
            silent, last = max(silent, perf_counter() - last), perf_counter()
            lines.append(line)
            if address := _ADDRESS.search(line):
                with urllib.request.urlopen(f"http://{address[1]}") as page:
                    page.read()
                return perf_counter() - begun, silent
        raise RuntimeError(f"the demo printed no address:\n{''.join(lines)}")
    finally:
        # Ctrl-C reaches make and the demo alike.
        os.killpg(demo.pid, signal.SIGINT)
        demo.communicate(timeout=30)


ROWS = (first_demo, second_demo)
