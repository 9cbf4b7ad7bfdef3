"""Reading the files of a pack: nothing is unpacked beyond what a real file of a pack has."""

from __future__ import annotations

import gzip
import os
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
    monkeypatch.setattr(files, "MAX_UNPACKED", 1000)
    path = tmp_path / "close.csv.gz"
    path.write_bytes(gzip.compress(b"0" * 1000))
    assert files.read_text(path, files.Findings()) == b"0" * 1000


def test_a_plain_file_is_read_no_further_than_any_real_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_UNPACKED", 10)
    path = tmp_path / "close.csv"
    path.write_bytes(b"0123456789a")
    findings = files.Findings()
    assert files.read_text(path, findings) is None
    assert [str(problem) for problem in findings.problems] == [
        "close.csv: it has more than 1e-05 MB; no file of a pack is that large; is it the right one?"
    ]


@pytest.mark.parametrize("kind", ["folder", "pipe", "device"])
def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "close.csv"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")
    findings = files.Findings()
    assert files.read_text(path, findings) is None
    assert [str(problem) for problem in findings.problems] == [
        "close.csv: is a folder, a pipe or a device; a file is needed"
    ]


def test_a_problem_quotes_no_more_of_a_cell_than_a_screen_shows() -> None:
    findings = files.Findings()
    findings.problem("close.csv line 2", f"'{'9' * 5000}' is not a number", "a number is needed")
    [problem] = findings.problems
    assert len(str(problem)) < 300
    assert "9'" in str(problem)
    assert "is not a number; a number is needed" in str(problem)
