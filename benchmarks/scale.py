"""How far one machine goes: many servers, a million alerts, a hundred thousand firings, twenty thousand direct messages.

The real program on the wire-level stand-in, which enforces Discord's limits. All rows together take a quarter of an hour,
so `python -m benchmarks` leaves them out unless their name is given: `python -m benchmarks scale`.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import perf_counter, sleep

from benchmarks.alerts import bare_firing
from benchmarks.figures import calendar, market_of
from benchmarks.market import NOW, fetched
from benchmarks.real_program import RealProgram, real_program
from benchmarks.row import Row, under, within
from benchmarks.stand_in import stand_in
from bot.archive import Archive
from bot.database.connection import Store, connect, transaction
from bot.ingest.checkpoints import Checkpoints
from bot.ingest.schedule import timetable
from tests.discord_server.world import DM_ID, PERSON_ID

PER_SHARD = 1000
"""Servers of a shard, as Discord recommends."""
IDENTIFY_SECONDS = 5.0
"""The pause that Discord asks for between two shards."""
SETTLED_SECONDS = 8.0

PEOPLE, ALERTS_EACH, FIRING_EACH = 20_000, 50, 5
REQUESTS_PER_SECOND = 50.0
MOST_SECONDS = 1800.0


def thousand_servers() -> Row:
    """1,000 servers on one shard."""
    return _servers(1000, most_mib=250)


def ten_thousand_servers() -> Row:
    """10,000 servers on ten shards."""
    return _servers(10_000, most_mib=1000)


def _servers(count: int, *, most_mib: float) -> Row:
    shards = -(-count // PER_SHARD)
    one, _, _ = _connected(1, 1)
    held, most, seconds = _connected(count, shards)
    pauses = (shards - 1) * IDENTIFY_SECONDS
    note = (
        f"floor: one server; {(held - one) / count * 1024:.0f} KiB a server; at most {most:.0f} MiB; delivering after "
        f"{seconds:.1f} s, {pauses:.0f} s of them Discord's pauses between {shards} shards"
    )
    return under(f"{count:,} servers, main process", held, most_mib, unit="MiB", floor=one, note=note)


def _connected(servers: int, shards: int) -> tuple[float, float, float]:
    """MiB of the main process when it has settled, MiB at most, and seconds from the start until it delivers."""
    with stand_in(servers=servers, shards=shards) as server, _home() as home, real_program(home, server) as program:
        seconds, _ = program.logged("connected to Discord")
        program.logged("checked ")
        sleep(SETTLED_SECONDS)
        return program.held(), program.most, seconds


def quiet_million() -> Row:
    """A check that nothing crosses, by the real program with a million stored alerts."""
    night = _night()
    note = (
        f"floor: the same with no alert; whole check {night.quiet_check:.2f} s; bot.db {night.megabytes:.0f} MB; main process "
        f"{night.quiet_mib:.0f} MiB; delivering {night.start_seconds:.1f} s after the start"
    )
    work = f"judging {PEOPLE * ALERTS_EACH:,} alerts, none crossing"
    return under(work, night.quiet_judge, 1.0, floor=night.empty_judge, note=note)


def hundred_thousand_firing() -> Row:
    """From the readings to the commit of every row of the outbox."""
    night = _night()
    note = (
        f"floor: bare UPDATE and INSERT of these rows; {night.rows:,} rows of {night.expected:,}; main process at most "
        f"{night.firing_mib:.0f} MiB, all processes {night.firing_all_mib:.0f} MiB"
    )
    row = within(
        f"{night.expected:,} alerts fire in one check", night.firing_judge, night.bare, times=5, unit="s", note=note
    )
    return Row(row.work, row.figure, row.unit, row.aim, row.met and night.rows == night.expected, row.floor, row.note)


def twenty_thousand_messages() -> Row:
    """All of them in 20,000 direct messages of five alerts each, to the last answer of the stand-in."""
    night = _night()
    note = (
        f"floor: {REQUESTS_PER_SECOND:g} requests a second, which the stand-in enforces; {night.posted:,} posted, "
        f"{night.twice} twice, {night.refused} answers of 429; {night.rows_sent:,} rows sent; main process at most "
        f"{night.sending_mib:.0f} MiB, {night.sending_cpu:.0f} s of CPU"
    )
    floor = PEOPLE / REQUESTS_PER_SECOND
    row = within(f"{PEOPLE:,} direct messages", night.sending, floor, times=1.15, unit="s", note=note)
    met = row.met and night.posted == PEOPLE and night.twice == 0 and night.rows_sent == night.expected
    return Row(row.work, row.figure, row.unit, row.aim, met, row.floor, row.note)


@dataclass(frozen=True, slots=True)
class _Night:
    """What the night of the hundred thousand firings showed; seconds, MiB and counts."""

    empty_judge: float
    start_seconds: float
    quiet_check: float
    quiet_judge: float
    quiet_mib: float
    megabytes: float
    expected: int
    rows: int
    bare: float
    firing_judge: float
    firing_mib: float
    firing_all_mib: float
    sending: float
    posted: int
    twice: int
    refused: int
    rows_sent: int
    sending_mib: float
    sending_cpu: float


@cache
def _night() -> _Night:
    """A start with no alert, one with a million of which none crosses, and one with the levels of a tenth crossed."""
    with stand_in(dms=PEOPLE) as server, _home() as home:
        with real_program(home, server) as program:
            program.logged("checked ")
            empty_judge = _stage(program, "judge")
        _fill(home / "bot.db")
        with real_program(home, server) as program:
            start_seconds, _ = program.logged("connected to Discord")
            program.logged("checked ")
            quiet_judge = _stage(program, "judge")
            quiet_check = quiet_judge + _stage(program, "compute")
            sleep(SETTLED_SECONDS)
            quiet_mib = program.held()
        megabytes = (home / "bot.db").stat().st_size / 1e6
        _move_levels(home / "bot.db")
        bare = _bare_firing(home / "bot.db", home / "copy.db")
        with real_program(home, server) as program:
            program.logged("checked ")
            firing_mib, firing_all_mib = program.most, program.most_of_all
            begun, cpu = perf_counter(), program.cpu_seconds()
            firing_judge, rows = _stage(program, "judge"), _count(home / "bot.db", "1")
            while _count(home / "bot.db", "state = 'sent'") < rows and perf_counter() - begun < MOST_SECONDS:
                sleep(0.5)
            sending, sending_mib, sending_cpu = perf_counter() - begun, program.most, program.cpu_seconds() - cpu
        posts = [each for each in server.control("requests") if each["path"].endswith("/messages")]
        nonces = [message["nonce"] for message in server.control("messages")]
        return _Night(
            empty_judge=empty_judge,
            start_seconds=start_seconds,
            quiet_check=quiet_check,
            quiet_judge=quiet_judge,
            quiet_mib=quiet_mib,
            megabytes=megabytes,
            expected=PEOPLE * FIRING_EACH,
            rows=rows,
            bare=bare,
            firing_judge=firing_judge,
            firing_mib=firing_mib,
            firing_all_mib=firing_all_mib,
            sending=sending,
            posted=len(set(nonces)),
            twice=len(nonces) - len(set(nonces)),
            refused=sum(each["status"] == 429 for each in posts),
            rows_sent=_count(home / "bot.db", "state = 'sent'"),
            sending_mib=sending_mib,
            sending_cpu=sending_cpu,
        )


@contextmanager
def _home() -> Iterator[Path]:
    """A home with ten years of prices, which came in the evening of the last session, and no sources."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with Archive.open(home / "market.db") as archive:
            archive.store(fetched(market_of(2500)), calendar(), live=False)
        (home / "config.toml").write_text("[sources]\nenabled = []\n", encoding="utf-8")
        asyncio.run(_prices_came(home))
        yield home


async def _prices_came(home: Path) -> None:
    prices = next(job for job in timetable(15) if job.name == "prices")
    async with Store.open(home / "bot.db") as store:
        await Checkpoints(store, home / "market.db").succeeded(prices, NOW)


def _stage(program: RealProgram, stage: str) -> float:
    """Seconds of a stage of the newest check, once the check has ended."""
    begun = perf_counter()
    while perf_counter() - begun < MOST_SECONDS:
        seconds = program.metric(f'rotation_bot_check_seconds{{stage="{stage}"}}')
        if seconds is not None:
            return seconds
        sleep(0.1)
    raise RuntimeError(f"no check has told its {stage}")


def _fill(path: Path) -> None:
    """Fifty alerts in the DM of each person, both sides in turn, on every signal of the last session, at levels out of reach."""
    total, first_id = PEOPLE * ALERTS_EACH, 1000
    numbers = f"WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {total - 1})"
    person, number = f"i % {PEOPLE}", f"i / {PEOPLE}"
    side = f"CASE {number} % 2 WHEN 0 THEN 'above' ELSE 'below' END"
    level = f"CASE {number} % 2 WHEN 0 THEN 1 ELSE -1 END * (1e9 + i * 7919 % 1000)"
    signal = f"(SELECT name FROM chosen WHERE number = ({person} + {number}) % (SELECT count(*) FROM chosen))"
    db = connect(path, synchronous="OFF")
    try:
        with transaction(db):
            db.execute(
                """CREATE TEMP TABLE chosen AS SELECT row_number() OVER (ORDER BY signal) - 1 AS number, signal AS name
                FROM checkpoint WHERE final_session = (SELECT max(final_session) FROM checkpoint)"""
            )
            db.execute("CREATE UNIQUE INDEX temp.by_number ON chosen (number)")
            db.execute(
                f"""{numbers} INSERT INTO destination (id, kind, user_id, channel_id, state_since)
                SELECT i + {first_id}, 'dm', {PERSON_ID} + i, {DM_ID} + i, 1 FROM n WHERE i < {PEOPLE}"""
            )
            db.execute(
                f"""{numbers} INSERT INTO alert (id, owner_id, signal, measure, condition, level, timing, confirm, repeat,
                    cooldown_days, band, created_at)
                SELECT i + {first_id}, {PERSON_ID} + {person}, {signal}, 'value', {side}, {level}, 'close', 1, 'every', 0, 1, 1
                FROM n"""
            )
            db.execute(
                f"""{numbers} INSERT INTO trigger (id, alert_id, signal, measure, timing, direction, level, rearm, confirm, once,
                    cooldown_days, state, since_session)
                SELECT i + {first_id}, i + {first_id}, {signal}, 'value', 'close', {side}, {level}, {level}, 1, 0, 0, 'armed', 1
                FROM n"""
            )
            db.execute(
                f"""{numbers} INSERT INTO subscription
                SELECT i + {first_id}, {person} + {first_id}, NULL, NULL, {PERSON_ID} + {person}, 1 FROM n"""
            )
            db.execute("INSERT OR IGNORE INTO watch SELECT name, 'value' FROM chosen")
    finally:
        db.close()


_CROSSED = f"""direction = 'above' AND alert_id IN (SELECT id FROM (
    SELECT id, row_number() OVER (PARTITION BY owner_id ORDER BY id) AS number
    FROM alert WHERE condition = 'above' AND owner_id >= {PERSON_ID}) WHERE number <= {FIRING_EACH})"""
"""The first few alerts of everybody that fire above their level."""


def _move_levels(path: Path) -> None:
    """Let the last session cross some levels of everybody, twenty different ones of each signal, as if set the evening before."""
    before = market_of(2500).days[-2].date().toordinal()
    db = connect(path, synchronous="OFF")
    try:
        with transaction(db):
            db.execute(
                f"UPDATE trigger SET level = -1e6 - alert_id % 20, rearm = -1e6 - alert_id % 20 WHERE {_CROSSED}"
            )
            db.execute("UPDATE checkpoint SET final_session = ?, seen_session = ?", (before, before))
    finally:
        db.close()


def _bare_firing(path: Path, copy: Path) -> float:
    """Seconds of one UPDATE and one INSERT .. SELECT of the rows that fire, in a copy of the database."""
    shutil.copyfile(path, copy)
    db = connect(copy)
    try:
        db.execute(f"CREATE TEMP TABLE chosen AS SELECT id FROM trigger WHERE {_CROSSED}")
        begun = perf_counter()
        bare_firing(db)
        return perf_counter() - begun
    finally:
        db.close()
        copy.unlink()


def _count(path: Path, where: str) -> int:
    """Alerts in the outbox."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
        return int(db.execute(f"SELECT count(*) FROM outbox WHERE kind = 'alert' AND {where}").fetchone()[0])


ROWS = (thousand_servers, ten_thousand_servers, quiet_million, hundred_thousand_firing, twenty_thousand_messages)
