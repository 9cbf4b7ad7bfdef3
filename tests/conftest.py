"""Fixtures of the whole suite."""

from __future__ import annotations

from pathlib import Path

import pytest

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
