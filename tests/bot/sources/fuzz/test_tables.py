"""Mutated tables of every source: nothing but SourceError is raised, and what a reader accepts is what the rules say of each row.

`FUZZED_ANSWERS` is the number of answers; `make verify` takes 60,000. A failure names document and seed.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from random import Random
from typing import Any

import pytest

from bot.errors import SourceError
from bot.sources.http.responses import HttpResponse
from tests.bot.sources.fuzz.document import Document
from tests.bot.sources.fuzz.mutations import Mutated, mutated
from tests.bot.sources.fuzz.oracle import Reading, Verdict
from tests.bot.sources.fuzz.tables import TABLES

ANSWERS = int(os.environ.get("FUZZED_ANSWERS", "1000"))
SHARE, NEWEST = 0.01, 5


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, logger="bot.sources")


@pytest.mark.parametrize("document", TABLES, ids=lambda document: document.name)
def test_a_whole_document_is_read_as_the_rules_say(document: Document) -> None:
    assert read(document, document.write(document)) == expected(document)[0]


@pytest.mark.slow
@pytest.mark.parametrize("document", TABLES, ids=lambda document: document.name)
def test_a_mutated_document_is_read_as_the_rules_say_or_refused(document: Document) -> None:
    whole = expected(document)[0]
    for seed in range(ANSWERS * document.weight // sum(each.weight for each in TABLES)):
        change = mutated(document, Random(f"{document.name} {seed}"))
        judge(document, change, whole, f"{document.name}, seed {seed}, {change.how}")


def judge(document: Document, change: Mutated, whole: Mapping[Any, tuple[object, ...]], where: str) -> None:
    """One mutated answer. Whatever else than SourceError a reader raises fails the test by itself."""
    found = read_or_error(document, change.body)
    if isinstance(found, SourceError):
        assert 0 < len(str(found)) < 800, where
        assert not change.harmless or not acceptable(change.document), f"{where}: refused although harmless: {found}"
        return
    if change.torn:
        changed = {key: values for key, values in found.items() if invented(values, whole.get(key))}
        assert not changed or "spliced" in where, f"{where}: {changed}"
        return
    if change.document.sums and change.document.rows != document.rows:
        return
    rows, bad, conflicting = expected(change.document)
    assert not conflicting, f"{where}: two values for one key were accepted"
    assert found == rows, f"{where}: {difference(found, rows)}"
    assert tolerable(change.document, bad), f"{where}: {len(bad)} bad rows were borne"


def invented(values: tuple[object, ...], before: tuple[object, ...] | None) -> bool:
    """Whether a row says something that it did not say before; a column that is gone makes it say less."""
    if before is None or len(values) > len(before):
        return True
    return any(value is not None and value != known for value, known in zip(values, before, strict=False))


def read(document: Document, body: bytes) -> dict[Any, tuple[object, ...]]:
    return dict(document.read(HttpResponse(200, body, "the document")))


def read_or_error(document: Document, body: bytes) -> dict[Any, tuple[object, ...]] | SourceError:
    try:
        return read(document, body)
    except SourceError as error:
        return error


def expected(document: Document) -> tuple[dict[Any, tuple[object, ...]], list[int], bool]:
    """What the rules say: rows by key, positions of bad ones, and whether two rows disagree."""
    rows: dict[Any, tuple[object, ...]] = {}
    bad: list[int] = []
    conflicting = False
    for at, row in enumerate(document.rows):
        verdict = document.verdict(row)
        if verdict is Verdict.BAD:
            bad.append(at)
        elif isinstance(verdict, Reading):
            conflicting |= rows.setdefault(verdict.key, verdict.values) != verdict.values
    return rows, bad, conflicting


def tolerable(document: Document, bad: list[int]) -> bool:
    """Whether so many bad rows at such places are borne."""
    count = sum(any(str(cell or "").strip() for cell in row) for row in document.rows)
    if bad and (document.strict or len(bad) > SHARE * count):
        return False
    if document.newest_first is None:
        return True
    ends = range(NEWEST) if document.newest_first else range(len(document.rows) - NEWEST, len(document.rows))
    return not any(at in ends for at in bad)


def acceptable(document: Document) -> bool:
    """Whether a reader has no reason to refuse it."""
    _, bad, conflicting = expected(document)
    return not bad and not conflicting


def difference(found: Mapping[Any, object], rows: Mapping[Any, object]) -> str:
    keys = [key for key in {*found, *rows} if found.get(key) != rows.get(key)]
    return ", ".join(f"{key}: {found.get(key)} where {rows.get(key)}" for key in keys[:3])
