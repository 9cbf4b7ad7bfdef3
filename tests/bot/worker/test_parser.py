"""Reading foreign bodies in a process of its own: what a body costs there ends in a sentence, and the next one is read."""

from __future__ import annotations

import re
import time
from datetime import date

import pytest

from bot.errors import SourceError
from bot.sources.http.responses import HttpResponse
from bot.sources.treasury import read_csv
from bot.worker.parser import ParserProcess

pytestmark = pytest.mark.slow

CSV = b'Date,"5 YR","10 YR"\n11/26/2026,1.50,1.75\n'


def exponential(body: str) -> object:
    """What a careless pattern does to a body made for it; it holds the GIL for years."""
    return re.match(r"(\[+)+$", body)


def hoard(count: int) -> int:
    """Take so many bytes of memory."""
    return len(bytearray(count))


async def test_readers_work_there_and_their_sentences_come_back() -> None:
    parser = ParserProcess()
    try:
        table = await parser.run(read_csv, HttpResponse(200, CSV, "example.org/file"))
        assert table == read_csv(HttpResponse(200, CSV, "example.org/file"))
        assert [[date(2026, 11, 26)], [date(2026, 11, 26)]] == [list(rows) for rows in table.values() if rows]
        with pytest.raises(SourceError, match=r"example\.org/file"):
            await parser.run(read_csv, HttpResponse(200, b"Tomorrow\n", "example.org/file"))
    finally:
        await parser.close()


async def test_a_body_that_takes_for_ever_or_all_memory_is_given_up_and_the_next_one_is_read() -> None:
    parser = ParserProcess(seconds=60, memory_bytes=2**30)
    try:
        with pytest.raises(SourceError, match="an answer needs more memory"):
            await parser.run(hoard, 2**31)
        parser._worker._call_seconds = 0.5
        begun = time.monotonic()
        with pytest.raises(SourceError, match="an answer took longer than"):
            await parser.run(exponential, "[" * 40 + "x")
        assert time.monotonic() - begun < 30
        parser._worker._call_seconds = 60
        assert await parser.run(hoard, 1000) == 1000
    finally:
        await parser.close()
