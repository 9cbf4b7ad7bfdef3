"""The command line in this process or in one of its own, over homes in temporary folders."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import main
from tests.bot.market_pack.conftest import GOOD

Cli = Callable[..., Result]
ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def nothing_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Secrets and homes of whoever runs the tests stay out of them."""
    for name in os.environ:
        if name.startswith(("DISCORD_", "FRED_", "ROTATION_BOT_")):
            monkeypatch.delenv(name)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A small good pack: 2, 5, 6 and 7 January 2026."""
    return write(tmp_path / "pack", GOOD)


def write(folder: Path, content: dict[str, str]) -> Path:
    folder.mkdir()
    for name, text in content.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def cli(home: Path) -> Cli:
    """Runs a command with `--home` behind it."""

    def run(*words: str | Path) -> Result:
        return CliRunner().invoke(main, [*map(str, words), "--home", str(home)], prog_name="rotation-bot")

    return run


@pytest.fixture(scope="session")
def small_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the small pack in it, for copying."""
    folder = tmp_path_factory.mktemp("small")
    pack = write(folder / "pack", GOOD)
    done = CliRunner().invoke(main, ["market", "import", str(pack), "--home", str(folder / "home")])
    assert done.exit_code == 0, done.output
    return folder / "home"


@pytest.fixture
def filled(cli: Cli, home: Path, small_home: Path) -> Cli:
    """The same, with the small pack already in the home."""
    shutil.copytree(small_home, home)
    return cli


def demo(*words: str | Path) -> Result:
    """`rotation-bot demo` in this process, whose way to end on SIGTERM is put back."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        return CliRunner().invoke(main, ["demo", *map(str, words)], prog_name="rotation-bot")
    finally:
        signal.signal(signal.SIGTERM, before)


def process(*words: str | Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *map(str, words)],
        cwd=ROOT,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
