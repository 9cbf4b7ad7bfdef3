"""Whether a soak went well, and its figures as one table."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from statistics import mean

from tests.discord_server.world import Json
from tests.soak.looks import Night
from tests.soak.oracle import Owed, owed
from tests.soak.soak import Soak
from tests.soak.timing import Hours, untimely
from tests.soak.wire import Verdict, compare, kind_of

ENOUGH_FOR_MEMORY = 40
"""Sessions from which on memory is judged: libraries and caches take what they need in the first quarter."""

MEMORY_GROWTH = 1.05
"""Mean of the last quarter of sessions against the second quarter's."""

MORE_FILES = MORE_THREADS = 4
MOST_WAL_MB = 64.0
MOST_LAG_SECONDS = 3.0
MARKET_MB_A_SESSION, BOT_MB_A_SESSION = 2.0, 1.0
KEPT_DAYS = 31
_LEFT_BY_A_KILL = "resource_tracker: There appear to be"
"""What Python says of a process that was killed."""


@dataclass(frozen=True)
class Judged:
    """What is wrong with a soak (nothing, when all is well), and the table of its figures."""

    wrong: list[str]
    table: str


def judge(soak: Soak) -> Judged:
    """Judge a soak that has ended."""
    messages = [message for channel in soak.discord.world.channels.values() for message in channel.messages.values()]
    verdict = told_right(soak, messages)
    wrong = [*soak.broken, *_shown("lost", verdict.lost), *_shown("doubled", verdict.doubled)]
    wrong += [
        *_shown("wrong", verdict.wrong),
        *_shown("untimely", untimely(messages, hours_of_places(soak))),
        *summaries(soak, messages),
        *errors(soak),
        *databases(soak),
        *growth(soak),
    ]
    if soak.lag > MOST_LAG_SECONDS + soak.own_lag:
        wrong.append(f"the event loop was held up for {soak.lag:.1f} s, that of the soak for {soak.own_lag:.1f} s")
    return Judged(wrong, table(soak, messages, verdict))


def told_right(soak: Soak, messages: Sequence[Json]) -> Verdict:
    """What alerts were owed against what was read."""
    expected = owed(soak.wishes, soak.truth.sessions, soak.truth.value)
    reader = {channel.id: channel.person_id for channel in soak.discord.world.channels.values()}

    def is_due(one: Owed) -> bool:
        gone = [soak.deleted_after[who] for who in (one.owner, reader[one.place]) if who in soak.deleted_after]
        return all(one.session <= last for last in gone)

    due = [one for one in expected if is_due(one)]
    return compare(due, messages, until=soak.truth.sessions[-1])


def hours_of_places(soak: Soak) -> dict[int, Hours]:
    """When alerts may come, by the id of the channel or of the DM."""
    channels = soak.discord.world.channels.values()
    hours = {channel.id: soak.people.hours.get(channel.person_id or channel.id) for channel in channels}
    return {place: chosen for place, chosen in hours.items() if chosen is not None}


def summaries(soak: Soak, messages: Sequence[Json]) -> list[str]:
    """Each place has one summary of each session, one letter of each week, and one board."""
    wrong = []
    for kind, cadence in (("summary", "daily"), ("letter", "weekly")):
        places = soak.bot.rows(
            """SELECT d.channel_id FROM summary_channel AS s JOIN destination AS d ON d.id = s.destination_id
            WHERE s.cadence = ?""",
            (cadence,),
        )
        read = Counter(
            (int(message["channel_id"]), embed["title"])
            for message in messages
            if kind_of(message) == kind
            for embed in message["embeds"]
        )
        weeks = {day.isocalendar()[:2] for day in soak.truth.sessions[1:]}
        wanted = len(soak.truth.sessions) - 1 if kind == "summary" else len(weeks)
        for (place,) in places:
            count = sum(number for (there, _), number in read.items() if there == place)
            # A letter of the week that is not over is still to come, and one of the first may have come before.
            if count > wanted + 1 or count < wanted - 1 or (kind == "summary" and count < wanted):
                wrong.append(f"{count} times a {kind} in {place} where {wanted} were due")
        wrong += [f"doubled: {title} in {place}" for (place, title), number in read.items() if number > 1]
    boards = Counter(int(message["channel_id"]) for message in messages if kind_of(message) == "board")
    for (place,) in soak.bot.rows(
        "SELECT d.channel_id FROM board JOIN destination AS d ON d.id = board.destination_id"
    ):
        if boards[place] != 1:
            wrong.append(f"{boards[place]} boards in {place}")
    return wrong


def errors(soak: Soak) -> list[str]:
    """Lines of the log that nobody expects."""
    lines = Counter(
        f"{line['logger']}: {line['message']} {str(line.get('error', ''))[-200:]}".strip()
        for line in soak.bot.log_lines()
        if line["level"] in ("error", "critical") and _LEFT_BY_A_KILL not in line["message"]
    )
    return [f"log, {number} times: {line[:600]}" for line, number in lines.most_common(8)]


def databases(soak: Soak) -> list[str]:
    """Whole, of a size that grows by the session, and without what is past its retention."""
    wrong = []
    for path in sorted(soak.home.glob("*.db")):
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            (said,) = db.execute("PRAGMA integrity_check").fetchone()
            broken = db.execute("PRAGMA foreign_key_check").fetchall()
        if said != "ok" or broken:
            wrong.append(f"{path.name}: {said}, {len(broken)} foreign keys without a row")
    oldest = soak.clock.seconds() - KEPT_DAYS * 86_400
    (row,) = soak.bot.rows(
        "SELECT count(*) AS n FROM outbox WHERE state IN ('sent', 'cancelled', 'skipped') AND created_at < ?", (oldest,)
    )
    if row["n"]:
        wrong.append(f"{row['n']} rows of the outbox are past their retention")
    (row,) = soak.bot.rows("SELECT count(*) AS n FROM outbox WHERE state = 'dead'")
    if row["n"]:
        wrong.append(f"{row['n']} messages are dead")
    sizes = soak.nights
    half = len(sizes) // 2
    for name in {name for night in sizes for name in night.sizes}:
        most = MARKET_MB_A_SESSION if "market" in name else BOT_MB_A_SESSION
        if name.endswith("-wal"):
            if max(night.sizes.get(name, 0.0) for night in sizes) > MOST_WAL_MB:
                wrong.append(f"{name} grew beyond {MOST_WAL_MB:g} MB")
        elif half > 3 and (grown := (_size(sizes[-1], name) - _size(sizes[half], name)) / (len(sizes) - half)) > most:
            wrong.append(f"{name} grew by {grown:.2f} MB a session")
    return wrong


def _size(night: Night, name: str) -> float:
    return night.sizes.get(name, 0.0)


def growth(soak: Soak) -> list[str]:
    """What the processes take in the last quarter of the sessions, against the second one."""
    if len(soak.nights) < ENOUGH_FOR_MEMORY:
        return []
    wrong = []
    prints = [[night.footprint for night in quarter] for quarter in quarters(soak.nights)]
    for what in ("main", "worker"):
        before, after = (mean([getattr(each, what) for each in prints[number]]) for number in (1, 3))
        if after > before * MEMORY_GROWTH:
            wrong.append(f"memory ({what}) grew from {before:.0f} to {after:.0f} MB")
    for what, more in (("files", MORE_FILES), ("threads", MORE_THREADS)):
        before, after = (max(getattr(each, what) for each in prints[number]) for number in (1, 3))
        if after > before + more:
            wrong.append(f"open {what} grew from {before} to {after}")
    return wrong


def quarters(nights: Sequence[Night]) -> list[Sequence[Night]]:
    """Four parts of the sessions, the later ones not the smaller."""
    cuts = [len(nights) * part // 4 for part in range(5)]
    return [nights[begin:end] for begin, end in pairwise(cuts)]


def table(soak: Soak, messages: Sequence[Json], verdict: Verdict) -> str:
    """The figures of a soak, a line for each."""
    bad_days = soak.home / "bad_days.log"
    of_sources = (
        Counter(line.split(" ", 1)[1] for line in bad_days.read_text().splitlines()) if bad_days.exists() else {}
    )
    kinds = Counter(kind_of(message) for message in messages)
    edits = sum(each.method == "PATCH" and each.status == 200 for each in soak.discord.requests)
    nights = soak.nights
    memory = [
        f"{mean([night.footprint.main for night in quarter]):.0f}+{mean([night.footprint.worker for night in quarter]):.0f}"
        for quarter in quarters(nights)
        if quarter
    ]
    last = nights[-1] if nights else None
    rows = {
        "sessions": len(nights),
        "wall seconds": f"{soak.seconds:.0f}",
        "waited for": _counts({what: f"{seconds:.0f} s" for what, seconds in soak.waits.items()}),
        "CPU a session": f"{_mean(nights, 'bot_cpu'):.1f} s (the stand-in {_mean(nights, 'stand_in_cpu'):.1f} s)",
        "people, alerts": f"{soak.people_count}, {len(soak.wishes)} ({len(soak.deleted_after)} people left)",
        "kills": f"{soak.kills} of the program, {soak.workers_killed} of a worker",
        "faults of sources": _counts(of_sources),
        "faults of Discord": _counts(
            {**soak.faults.met, "403": soak.refusals, "hanging": soak.hangs, "gateway drops": soak.gateway_drops}
        ),
        "messages": f"{_counts(kinds)}, board edits {edits}",
        "told rightly": _counts(verdict.told),
        "lost, doubled, wrong": f"{len(verdict.lost)}, {len(verdict.doubled)}, {len(verdict.wrong)}",
        "memory by quarter": f"{', '.join(memory)} MB (program + its worker)",
        "open files, threads": f"{last.footprint.files}, {last.footprint.threads}" if last else "",
        "databases": _counts({name: f"{size:.1f} MB" for name, size in last.sizes.items()}) if last else "",
        "rows of the outbox": last.outbox if last else "",
        "slowest check": _counts({stage: f"{seconds:.1f} s" for stage, seconds in soak.slowest.items()}),
        "loop held up": f"{soak.lag:.2f} s (the soak's own {soak.own_lag:.2f} s)",
    }
    width = max(map(len, rows))
    return "\n".join(f"{name:<{width}}  {value}" for name, value in rows.items())


def _mean(nights: Sequence[Night], what: str) -> float:
    return mean([getattr(night, what) for night in nights]) if nights else 0.0


def _counts(counts: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"


def _shown(kind: str, sentences: Sequence[str]) -> list[str]:
    return [f"{kind}: {sentence}" for sentence in sentences[:20]]
