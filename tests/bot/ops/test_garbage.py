"""What the collector leaves alone."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from bot.ops.garbage import importing


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_nothing_is_collected_during_the_block_and_what_it_makes_is_never_looked_at() -> None:
    with importing():
        assert not gc.isenabled()
        made: list[object] = [[]]
    assert gc.isenabled()
    assert all(each is not made for each in gc.get_objects())


def test_a_module_that_cannot_be_imported_leaves_the_collector_on() -> None:
    with pytest.raises(ImportError), importing():
        raise ImportError
    assert gc.isenabled()
