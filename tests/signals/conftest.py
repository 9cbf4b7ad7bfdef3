"""The market pack and its histories, read and computed once for all tests of the folder: nobody changes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from signals import catalogue
from signals.core.market import Market
from signals.core.model import History
from tests.signals.packs import read_pack


@pytest.fixture(scope="session")
def pack(us_pack: Path) -> Market:
    return read_pack(us_pack)


@pytest.fixture(scope="session")
def pack_histories(pack: Market) -> dict[str, History]:
    """Every signal of the catalogue over 21 years."""
    return catalogue.compute(pack)
