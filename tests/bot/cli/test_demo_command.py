"""`rotation-bot demo --headless --market`: a replay of real figures, as a process of its own."""

from __future__ import annotations

import gzip
import json
import socket
from pathlib import Path

import pytest

from tests.bot.cli.conftest import demo, process, write
from tests.bot.market_pack.conftest import GOOD

# 26 May 2008 was Memorial Day.
SESSIONS = ["05-27", "05-28", "05-29", "05-30", "06-02", "06-03", "06-04", "06-05"]


def cut(pack: Path, folder: Path, until: str) -> Path:
    """What a market pack holds until a day: the first tables of a pack are enough, and its reading costs by the row."""
    folder.mkdir()
    (folder / "universe.csv").write_bytes((pack / "universe.csv").read_bytes())
    for name in ("close.csv", "adj_close.csv", "series.csv"):
        heading, *rows = gzip.decompress((pack / f"{name}.gz").read_bytes()).decode().splitlines(keepends=True)
        (folder / name).write_text("".join((heading, *(row for row in rows if row[:10] <= until))))
    return folder


@pytest.mark.slow
def test_a_replay_tells_the_russell_streak_once_and_sums_up_every_session(us_pack: Path, tmp_path: Path) -> None:
    pack = cut(us_pack, tmp_path / "pack", "2008-06-30")
    played = process("demo", "--headless", "--json", "--market", pack, "--from", "2008-05-24", "--sessions", "8")
    assert (played.returncode, played.stderr) == (0, "")
    lines = [json.loads(line) for line in played.stdout.splitlines()]
    assert all(set(line) == {"session", "kind", "topic", "destination", "title", "text"} for line in lines)
    summaries = [line for line in lines if line["kind"] == "summary"]
    assert [line["session"] for line in summaries] == [f"2008-{day}" for day in SESSIONS]
    assert {line["topic"] for line in summaries} == {None}
    (streak,) = [line for line in lines if line["topic"] == "russell-streak"]
    assert (streak["session"], streak["kind"]) == ("2008-05-30", "alert")
    assert "8 sessions" in streak["text"]


def test_a_bad_pack_and_an_empty_span_are_sentences(tmp_path: Path) -> None:
    bad = write(tmp_path / "bad", {**GOOD, "close.csv": GOOD["close.csv"].replace("10.2", "x")})
    refused = demo("--headless", "--market", bad)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith("close.csv line 4 column AAA: 'x' is not a number")
    good = write(tmp_path / "good", GOOD)
    late = demo("--headless", "--market", good, "--from", "2026-02-01")
    assert late.exit_code == 1
    assert late.stderr.startswith("nothing to play from 2026-02-01: the market has sessions from 2026-01-02")


def test_a_port_that_is_taken_is_said_before_the_market_is_made() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused = demo("--port", port)
    assert refused.exit_code == 1
    assert refused.stderr.splitlines()[-1] == (
        f"--port {port} cannot be used: address already in use. Another demo may hold it; "
        "end that one, name another port, or leave --port out."
    )
    assert "Making a market" not in refused.stderr
