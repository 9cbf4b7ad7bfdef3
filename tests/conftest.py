"""Fixtures of the whole suite."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import logs

SHARED = Path(__file__).parent.parent.parent / "shared"


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


SECRETS = (
    "MTE3NjQ1NTc2MjM0NTY3ODkw.GabcDE.abcdefghijklmnopqrstuvwxyz0123456789AB",
    "stand-in.token.of-the-bot",
    "0123456789abcdef0123456789abcdef",
)
"""The token and key that tests plant; none may ever reach a log line."""


@pytest.fixture(autouse=True)
def no_secret_in_any_log() -> Iterator[None]:
    """Whatever a test makes the program or a library log passes the program's own handler, and no planted secret gets through."""
    stream = io.StringIO()
    handler = logs.handler(stream, "json", secrets=SECRETS[1:])
    root = logging.getLogger()
    root.addHandler(handler)
    yield
    root.removeHandler(handler)
    written = stream.getvalue()
    leaked = [secret for secret in SECRETS if secret in written]
    assert not leaked, f"a secret reached the log: {written}"
