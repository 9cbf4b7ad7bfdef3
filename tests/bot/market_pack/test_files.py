"""Reading the files of a pack: nothing is unpacked beyond what a real file of a pack has."""

from __future__ import annotations

import gzip
import tracemalloc
from pathlib import Path

import pytest

from bot.market_pack import files


def test_a_packed_file_is_unpacked_no_further_than_any_real_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MAX_UNPACKED", 1_000_000)
    path = tmp_path / "close.csv.gz"
    path.write_bytes(gzip.compress(b"0" * 100_000_000))
    findings = files.Findings()
    tracemalloc.start()
    try:
        assert files.read_text(path, findings) is None
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
    assert [str(problem) for problem in findings.problems] == [
        "close.csv.gz: it unpacks to more than 1 MB; no file of a pack is that large; is it the right one?"
    ]


def test_a_packed_file_at_the_limit_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_UNPACKED", 10)
    path = tmp_path / "close.csv.gz"
    path.write_bytes(gzip.compress(b"0123456789"))
    assert files.read_text(path, files.Findings()) == b"0123456789"
