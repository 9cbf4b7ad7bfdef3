"""Whether a soak went well, and its figures as one table."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from statistics import mean

from tests.discord_server.world import Json
from tests.soak.announcements import DECISIONS, INDICES, announced, misannounced
from tests.soak.looks import Night
from tests.soak.memory import Growth, Sample, growth
from tests.soak.oracle import Owed, owed
from tests.soak.periodic import dated, irregular, week_ends
from tests.soak.soak import Soak
from tests.soak.timing import Hours, untimely
from tests.soak.wire import Verdict, compare, kind_of

STILL_ON_ITS_WAY = 4
"""Sessions of which something may still come, while a soak is under way or where it was stopped: a DM that is retried, what
was held back over a weekend."""

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
    """Judge a soak that has ended, or what is over of one that is under way or was stopped."""
    messages = [message for channel in soak.discord.world.channels.values() for message in channel.messages.values()]
    verdict = told_right(soak, messages)
    wrong = [*soak.broken, *_shown("lost", verdict.lost), *_shown("doubled", verdict.doubled)]
    wrong += [
        *_shown("wrong", verdict.wrong),
        *_shown("untimely", untimely(messages, hours_of_places(soak))),
        *_shown("calendar", calendar(soak, messages)),
        *_shown("periodic", summaries(soak, messages)),
        *errors(soak),
        *databases(soak),
        *grown(soak).wrong,
    ]
    waiting = soak.waiting
    if waiting.lag > MOST_LAG_SECONDS + waiting.own_lag:
        wrong.append(
            f"the event loop was held up for {waiting.lag:.1f} s, that of the soak for {waiting.own_lag:.1f} s"
        )
    return Judged(wrong, table(soak, messages, verdict))


def whole(soak: Soak) -> bool:
    """Whether all sessions are over."""
    return len(soak.nights) == soak.sessions


def complete_until(soak: Soak) -> date:
    """The newest session of which everything has come that was owed."""
    return soak.over[-1 if whole(soak) else -min(len(soak.over), STILL_ON_ITS_WAY + 1)]


def told_right(soak: Soak, messages: Sequence[Json]) -> Verdict:
    """What alerts were owed against what was read."""
    expected = owed(soak.wishes, soak.over, soak.truth.value)
    reader = {channel.id: channel.person_id for channel in soak.discord.world.channels.values()}

    def is_due(one: Owed) -> bool:
        gone = [soak.deleted_after[who] for who in (one.owner, reader[one.place]) if who in soak.deleted_after]
        return all(one.session <= last for last in gone)

    due = [one for one in expected if is_due(one)]
    return compare(due, messages, until=complete_until(soak))


def calendar(soak: Soak, messages: Sequence[Json]) -> list[str]:
    """What is wrong with reminders of decisions and the lines after them."""
    places = {
        place: soak.deleted_after.get(person, date.max) if person is not None else date.max
        for place, person in soak.reminded.items()
    }
    days = [day for day in soak.over[1:] if day in DECISIONS and day <= complete_until(soak)]
    read = [line for line in announced(messages) if line.day <= complete_until(soak)]
    moves = {
        day: {
            name: value
            for name, signal in INDICES.items()
            if (value := soak.truth.value(signal, "value", day)) is not None
        }
        for day in days
    }
    return misannounced(read, places, days, moves, late=soak.late_reminders)


def hours_of_places(soak: Soak) -> dict[int, Hours]:
    """When alerts may come, by the id of the channel or of the DM."""
    channels = soak.discord.world.channels.values()
    hours = {channel.id: soak.people.hours.get(channel.person_id or channel.id) for channel in channels}
    return {place: chosen for place, chosen in hours.items() if chosen is not None}


def summaries(soak: Soak, messages: Sequence[Json]) -> list[str]:
    """Each place has one summary of each session, one letter of each week, and one board."""
    wrong = []
    for kind, cadence, days in (("summary", "daily", soak.over[1:]), ("letter", "weekly", week_ends(soak.over))):
        rows = soak.bot.rows(
            """SELECT d.channel_id FROM summary_channel AS s JOIN destination AS d ON d.id = s.destination_id
            WHERE s.cadence = ?""",
            (cadence,),
        )
        places = [row["channel_id"] for row in rows]
        wrong += irregular(dated(messages, kind), kind, places, days, until=complete_until(soak))
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


def grown(soak: Soak) -> Growth:
    """Whether the processes grow."""
    return growth([Sample(night.life, night.footprint) for night in soak.nights])


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
        "sessions": f"{len(nights)} of {soak.sessions}, seed {soak.seed}",
        "wall seconds": f"{soak.seconds:.0f}",
        "waited for": _counts({what: f"{seconds:.0f} s" for what, seconds in soak.waiting.seconds.items()}),
        "CPU a session": f"{_mean(nights, 'bot_cpu'):.1f} s (the stand-in {_mean(nights, 'stand_in_cpu'):.1f} s)",
        "people, alerts": f"{soak.people_count}, {len(soak.wishes)} ({len(soak.deleted_after)} people left)",
        "kills": f"{soak.kills} of the program, {soak.workers_killed} of a worker",
        "faults of sources": _counts(of_sources),
        "faults of Discord": _counts(
            {**soak.faults.met, "403": soak.refusals, "hanging": soak.hangs, "gateway drops": soak.gateway_drops}
        ),
        "messages": f"{_counts(kinds)}, board edits {edits}",
        "told rightly": _counts(verdict.told),
        "decisions of the Fed": _counts(
            Counter("line" if line.release else "reminder" for line in announced(messages))
        ),
        "lost, doubled, wrong": f"{len(verdict.lost)}, {len(verdict.doubled)}, {len(verdict.wrong)}",
        "memory by quarter": f"{', '.join(memory)} MB (program + its worker)",
        "second quarter, last": grown(soak).text,
        "open files, threads": f"{last.footprint.files}, {last.footprint.threads}" if last else "",
        "databases": _counts({name: f"{size:.1f} MB" for name, size in last.sizes.items()}) if last else "",
        "rows of the outbox": last.outbox if last else "",
        "slowest check": _counts({stage: f"{seconds:.1f} s" for stage, seconds in soak.waiting.slowest.items()}),
        "loop held up": f"{soak.waiting.lag:.2f} s (the soak's own {soak.waiting.own_lag:.2f} s)",
    }
    width = max(map(len, rows))
    return "\n".join(f"{name:<{width}}  {value}" for name, value in rows.items())


def _mean(nights: Sequence[Night], what: str) -> float:
    return mean([getattr(night, what) for night in nights]) if nights else 0.0


def _counts(counts: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"


def _shown(kind: str, sentences: Sequence[str]) -> list[str]:
    return [f"{kind}: {sentence}" for sentence in sentences[:20]]
