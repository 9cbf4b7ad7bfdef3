"""Fixtures of the whole suite."""

from __future__ import annotations

import asyncio
import gc
import io
import logging
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import settings

from bot.__main__ import main
from bot.ops import log_setup
from bot.worker.process import Worker
from tests.helpers import made_once
from tests.support.approved import Compare, compare_with_approved
from tests.support.copied_tables import copy_tables_into_new_databases
from tests.support.worker_beside_market import WorkerBesideMarket

THOROUGH = "--thorough"
SCREENSHOTS = "--screenshots"
SHARED = Path(__file__).parent.parent.parent / "shared"


@pytest.fixture
def compare(request: pytest.FixtureRequest) -> Compare:
    """Compares a text with the approved one of that name, or approves it where pytest runs with `--approve`."""
    return partial(compare_with_approved, approve=bool(request.config.getoption("--approve")))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real figures beside the project; tests that need it skip where it is absent."""
    if not SHARED.is_dir():
        pytest.skip(f"needs real figures in {SHARED.name}/ beside the project, which are not here")
    return SHARED


@pytest.fixture(scope="session")
def us_pack(shared: Path) -> Path:
    """The market pack of 21 years."""
    return shared / "packs" / "us-2005-2025"


@dataclass(frozen=True)
class Imported:
    """A home whose archive holds the market pack, for reading only, and what the import of it said."""

    home: Path
    said: str


@pytest.fixture(scope="session")
def us_home(us_pack: Path, tmp_path_factory: pytest.TempPathFactory) -> Imported:
    """The market pack of 21 years in an archive, imported once for all processes of a run."""

    def import_into(folder: Path) -> str:
        done = CliRunner().invoke(main, ["market", "import", str(us_pack), "--home", str(folder)])
        assert done.exit_code == 0, done.output
        return done.output

    return Imported(*made_once(tmp_path_factory, "us-home", import_into))


@pytest.fixture(scope="session")
def worker() -> Iterator[Worker]:
    """A worker process for all tests that want nothing of their own from it."""
    made = WorkerBesideMarket()
    yield made
    asyncio.run(made.close())


SECRETS = (
    "MTE3NjQ1NTc2MjM0NTY3ODkw.GabcDE.abcdefghijklmnopqrstuvwxyz0123456789AB",
    "stand-in.token.of-the-bot",
    "0123456789abcdef0123456789abcdef",
)
"""The token and key that tests plant; none may ever reach a log line."""


@pytest.fixture(scope="session", autouse=True)
def new_databases_are_copies() -> Iterator[None]:
    """Tests that open a new database do not run every migration again."""
    with pytest.MonkeyPatch.context() as patch:
        copy_tables_into_new_databases(patch)
        yield


@pytest.fixture(scope="session", autouse=True)
def no_handler_is_written_out() -> Iterator[None]:
    """What runs a coroutine sets a handler of SIGINT, which holds its task, and puts back the one before.

    Python 3.11 looks for that handler among its numbered ones, and the error that it is none of them has the
    task's whole result in words: the readings of every signal, say.
    """
    look_up = vars(signal)["_int_to_enum"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signal, "_int_to_enum", lambda value, of: look_up(value, of) if isinstance(value, int) else value)
        yield


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """A command run inside a test sets up the log of its process, which here is that of all tests; it is put back."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(autouse=True)
def no_secret_in_any_log(logging_as_before: None) -> Iterator[None]:
    """Whatever a test makes the program or a library log passes the program's own handler, and no planted secret gets through."""
    stream = io.StringIO()
    handler = log_setup.handler(stream, "json", secrets=SECRETS[1:])
    root = logging.getLogger()
    root.addHandler(handler)
    yield
    root.removeHandler(handler)
    written = stream.getvalue()
    leaked = [secret for secret in SECRETS if secret in written]
    assert not leaked, f"a secret reached the log: {written}"


@pytest.fixture(scope="session")
def thorough(request: pytest.FixtureRequest) -> bool:
    """Whether tests that draw chance shall draw much of it."""
    return bool(request.config.getoption(THOROUGH))


def pytest_addoption(parser: pytest.Parser) -> None:
    """`make verify` also runs what is too much for every change; `make approve` renews the approved texts."""
    parser.addoption(THOROUGH, action="store_true", help="also run the tests marked as thorough")
    parser.addoption(
        "--approve", action="store_true", help="renew the approved texts in tests/approved instead of comparing"
    )
    parser.addoption(
        SCREENSHOTS, type=Path, metavar="DIR", help="where the tests in the browser put pictures of the demo"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Every change meets the same examples of the property tests; thorough runs draw new ones, twice as many."""
    settings.register_profile("every-change", derandomize=True, database=None, deadline=None)
    settings.register_profile("thorough", max_examples=200, deadline=None)
    settings.load_profile("thorough" if config.getoption(THOROUGH) else "every-change")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without the option, tests marked as thorough are left out."""
    if config.getoption(THOROUGH):
        return
    left_out = [item for item in items if item.get_closest_marker("thorough")]
    gone = set(left_out)
    items[:] = [item for item in items if item not in gone]
    config.hook.pytest_deselected(items=left_out)


def pytest_xdist_auto_num_workers() -> int:
    """One process more than cores: many tests wait for a process, a thread or a limit that passes, and use no core then."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_finish() -> None:
    """What was imported stays to the end: the collector need not look through it again and again.

    Nor need it look at what a test leaves after every 700 objects: a tenth of all CPU went into that.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
