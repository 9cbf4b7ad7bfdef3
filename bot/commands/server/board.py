"""The live board of a channel: what it shows, and setting it up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.commands.context import ADVICE, Caller, Core
from bot.commands.market import rotation
from bot.commands.quotas import check_channels
from bot.commands.reply import Button, Reply, Tone
from bot.commands.summary.contents import movers_table
from bot.commands.summary.summary import contents_of
from bot.database import Database
from bot.database.places import boards, destinations
from bot.errors import UserError
from bot.formatting import formats
from bot.formatting.rotation_words import headline
from bot.readings.state import Snapshot
from signals.core.model import State
from signals.rotation.answer import ClockReading, LegReading
from signals.rotation.yardsticks import ROTATION

_BAR = 8


@dataclass(frozen=True, slots=True)
class BoardText:
    """What a board shows: its parts, one below the other, the buttons, and its tone."""

    parts: tuple[str, ...]
    buttons: tuple[Button, ...]
    tone: Tone


def text(core: Core) -> BoardText | None:
    """The newest state of the market for a board; None before the first check."""
    snapshot = core.readings.snapshot
    session = snapshot.newest_final if snapshot is not None else None
    if snapshot is None or session is None:
        return None
    contents = contents_of(core, session)
    answer = snapshot.rotation
    parts = [f"## {headline(answer.reading)}" if answer is not None else f"## {contents.headline}"]
    parts.append("\n".join(rotation.brief(snapshot)))
    if answer is not None:
        parts.append(
            f"**The yardsticks** (a full bar turns)\n```\n{bars([answer.reading.rotation, answer.reading.tech])}\n```"
        )
    if contents.movers:
        day = formats.day(session, today=core.today())
        parts.append(f"**Biggest moves vs. their own history, {day}**\n```\n{movers_table(contents.movers)}\n```")
    parts.append(f"-# {core.footer(_as_of(core, snapshot), ADVICE)}")
    buttons = (Button("families", "Signals by family"), Button("past", "Past turns"))
    return BoardText(tuple(part for part in parts if part), buttons, contents.tone)


def _as_of(core: Core, snapshot: Snapshot) -> str:
    running = any(value.state is State.PROVISIONAL for value in snapshot.readings.values())
    day, checked = formats.day(snapshot.session, today=core.today()), snapshot.made_at.timestamp()
    return f"{'Prices during' if running else 'Close of'} {day} · checked {formats.stamp(checked, 'R')}"


def bars(clocks: Sequence[ClockReading]) -> str:
    """A line a yardstick: where it points, its move since the turn, and how near it is to turning back; 40 columns."""
    lines = [f"{'':<20}{'':<5}{'move %':>6} {'to turn':<{_BAR}}"]
    lines += [_bar_line(leg) for clock in clocks for leg in clock.legs]
    return "\n".join(line.rstrip() for line in lines)


def _bar_line(leg: LegReading) -> str:
    if not leg.direction:
        return f"{leg.yardstick.short:<20}{formats.NOTHING}"
    words = ("back", "out") if leg.yardstick in ROTATION else ("down", "up")
    move = formats.plain(leg.move, 1, signed=True)
    given_back = 100 * (leg.given_back or 0.0) / leg.yardstick.threshold
    return f"{leg.yardstick.short:<20}{words[leg.direction > 0]:<5}{move:>6} {formats.bar(given_back, _BAR)}"


async def set_board(core: Core, caller: Caller, channel_id: int) -> Reply:
    """Give a channel a live board. Raises UserError without the permission, and above the quota."""
    guild_id = caller.need_manager()
    now, quotas = core.now(), core.quotas

    def work(db: Database) -> None:
        place = destinations.channel_destination(db, channel_id, guild_id, now=now)
        check_channels(db, quotas, guild_id, place.id)
        boards.put(db, place.id, created_by=caller.user_id, now=now)

    await core.store.run(work)
    return Reply(
        title="Live board is set",
        lines=(
            f"<#{channel_id}> gets one message that is edited after every check.",
            "It is posted anew with the first session of each week. It notifies nobody.",
        ),
        tone=Tone.BROADENING,
        private=True,
        footer=core.footer("/setup board with off removes it"),
    )


async def end_board(core: Core, caller: Caller, channel_id: int) -> Reply:
    """Remove the live board of a channel. Raises UserError where it has none."""
    guild_id = caller.need_manager()
    now = core.now()

    def work(db: Database) -> bool:
        place = destinations.find_channel(db, channel_id)
        return place is not None and place.guild_id == guild_id and boards.end(db, place.id, now=now)

    if not await core.store.run(work):
        raise UserError(f"<#{channel_id}> has no live board. /setup show lists what is set up.")
    return Reply(title="Live board ended", lines=(f"Its message in <#{channel_id}> is deleted.",), private=True)


async def enqueue(core: Core) -> None:
    """Have every board show the newest snapshot, once. May be called at every tick."""
    snapshot = core.readings.snapshot
    if snapshot is None or snapshot.newest_final is None:
        return
    if await core.store.read(boards.behind, snapshot.made_at):
        await core.store.run(boards.enqueue, snapshot.session, snapshot.made_at, now=core.now())
