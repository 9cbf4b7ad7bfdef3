"""The context of commands: `Core`, `Caller`, and the sentences on data that are still missing.

Commands keep no state; everything they need is passed in `Core` and `Caller`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bot.calendar.clock import Calendar
from bot.claims.service import ClaimsService
from bot.commands.manager_roles import ManagerRoles
from bot.commands.quotas import Quotas
from bot.commands.record.as_of_model import AsOfReader
from bot.commands.request_limit import CostlyCommands
from bot.commands.signal_search import Finder
from bot.database.connection import Store
from bot.domain.fetched import HealthState
from bot.domain.own_signal import NamedSignals, OwnSignalState
from bot.domain.ports import ChartRenderer, Clock, ClosingPrices, TickerLookup
from bot.errors import UserError
from bot.event_study.model import TrackRecordCounter
from bot.event_study.service import StudyService, TopicPastService
from bot.formatting import formats
from bot.ingest.status import IngestStatus
from bot.readings.state import ReadingState
from bot.sources.factory import SPECS
from bot.sources.simulated import SIMULATED_MARKET
from signals.core.model import Reading, Signal

SOURCES = {spec.name: spec.title for spec in (*SPECS, SIMULATED_MARKET)} | {"pack": "Market pack"}
"""Display names of sources, by name; figures of an imported pack have the name of its folder."""

ADVICE = "Information, not investment advice"
SIMULATED = "simulated"


@dataclass(frozen=True, slots=True)
class Caller:
    """The user of a command and where it was called.

    Attributes:
        guild_id: the server; set only where the bot itself is a member of it.
        channel_id: the channel in which the command was typed.
        may_manage: whether the user has the permission Manage Server there, or the role of its managers.
        by_role: whether only that role lets the user manage it.
        dm_channel_id: the opened DM with the user; None where it was not opened or was refused.
        can_post: whether both the bot and the user may write in `channel_id`.
    """

    user_id: int
    guild_id: int | None = None
    channel_id: int | None = None
    may_manage: bool = False
    by_role: bool = False
    dm_channel_id: int | None = None
    can_post: bool = False

    def need_manager(self) -> int:
        """The id of the server.

        Raises UserError outside servers and without the permission Manage Server.
        """
        if self.guild_id is None:
            raise UserError("This command works only in a server that I have joined. Type it in a channel there.")
        if not self.may_manage:
            raise UserError("You need the Manage Server permission for that.")
        return self.guild_id


@dataclass(frozen=True)
class Core:
    """Everything that commands may use; made once by the composition root.

    Attributes:
        charts: draws charts; without it no message has a picture.
        prices: closes of tickers that are no signals; without it only signals can be compared.
        studies: runs event studies; without it `/study` is refused.
        topic_pasts: counts how often topics have fired; without it `/topics` does not say it.
        track_records: counts outcomes of conditions of no topic; without it previews have none.
        claims: judges claims; without it `/claims` is refused.
        as_of: reads past sessions as they were known; without it `/asof` is refused.
        costly: limits how often one person asks for what costs.
        managers: the roles that may set servers up.
        simulated: whether every message is marked as simulated.
        clock_ahead: by how much the machine's clock is ahead of Discord's.
        own: own signals of people and servers.
        tickers: says what a ticker is; without it no own signal can be added.
        own_changed: called when own signals have been added or removed.
    """

    store: Store
    readings: ReadingState
    clock: Clock
    calendar: Calendar
    signals: Mapping[str, Signal]
    quotas: Quotas = field(default_factory=Quotas)
    version: str = "0"
    summary_zone: str = "America/New_York"
    summary_time: str = "17:00"
    charts: ChartRenderer | None = None
    prices: ClosingPrices | None = None
    studies: StudyService | None = None
    topic_pasts: TopicPastService | None = None
    track_records: TrackRecordCounter | None = None
    claims: ClaimsService | None = None
    as_of: AsOfReader | None = None
    costly: CostlyCommands = field(default_factory=CostlyCommands)
    managers: ManagerRoles = field(default_factory=ManagerRoles)
    ingest: IngestStatus = field(default_factory=IngestStatus)
    simulated: bool = False
    clock_ahead: Callable[[], timedelta] = timedelta
    own: OwnSignalState = field(default_factory=OwnSignalState)
    tickers: TickerLookup | None = None
    own_changed: Callable[[], None] = lambda: None
    finder: Finder = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "finder", Finder(self.signals))

    def finder_for(self, caller: Caller | None) -> Finder:
        """Finds the built-in signals and those that the caller has, by the names that they have there."""
        if caller is None:
            return self.finder
        own, signals = self.own.current.of(caller.user_id, caller.guild_id), self.seen_by(caller).signals
        return self.finder.with_own((row.title, signals[row.signal]) for row in own) if own else self.finder

    def seen_by(self, caller: Caller) -> Core:
        """The same, where own signals have the names that the caller and the server have given to them."""
        return self.seen_at(caller.user_id, caller.guild_id)

    def seen_at(self, user_id: int | None, guild_id: int | None) -> Core:
        """`seen_by` for a message of a person's alert in a server; None where there is no person or no server."""
        own = self.own.current.of(user_id, guild_id)
        if not own:
            return self
        own_view = copy(self)
        object.__setattr__(own_view, "signals", NamedSignals(self.signals, own))
        return own_view

    def now(self) -> datetime:
        """The present, UTC, by Discord's clock: whatever is stored for people or shown to them is reckoned in it."""
        return self.machine_now() - self.clock_ahead()

    def machine_now(self) -> datetime:
        """The present, UTC, by the machine's clock, in which sources and jobs have their times."""
        return self.clock.now()

    def today(self) -> date:
        """The UTC date; sessions of its year are shown without the year."""
        return self.now().date()

    def mark(self) -> str:
        """`simulated` where the data are simulated, else an empty text."""
        return SIMULATED if self.simulated else ""

    def footer(self, *parts: str) -> str:
        """The non-empty parts and the simulated mark, separated by dots."""
        return " · ".join(part for part in (*parts, self.mark()) if part)


def loading(core: Core) -> str | None:
    """The sentence on history that is still being loaded, or None where everything is loaded."""
    open_parts = [part for part in core.ingest.progress if part.done < part.total]
    if open_parts:
        texts = [f"{part.done:,} of {part.total:,} {part.what}" for part in open_parts]
        return f"Still loading history: {formats.listed(texts)}."
    if core.readings.snapshot is None:
        return "The first check is still running."
    return None


def no_data(core: Core, subject: str = "") -> UserError:
    """The refusal of what needs readings while there are none of `subject`, or of anything."""
    of = f" for {subject}" if subject else ""
    return UserError(f"No data yet{of}. {loading(core) or 'The next check will bring it.'}")


def need_reading(core: Core, signal: Signal) -> Reading:
    """The newest reading of a signal.

    Raises UserError where there is none, with what is still loading.
    """
    reading = core.readings.reading(signal.id)
    if reading is None:
        raise no_data(core, signal.label)
    return reading


def source_problem(core: Core, names: Collection[str] | None = None) -> str | None:
    """`Yahoo has not answered since 14:05. ...`, or None while no source fails.

    `names`: only these sources are considered; None stands for all.
    """
    states = (HealthState.FAILING, HealthState.RESTING)
    concerned = [source for source in core.ingest.sources if names is None or source.name in names]
    failing = [source for source in concerned if source.health.state in states]
    if not failing:
        return None
    source = failing[0]
    name = SOURCES.get(source.name, source.name)
    success = source.health.last_success
    since = f"since {formats.stamp(success.timestamp(), 'f')}" if success else "yet"
    newest = f" Its newest day is {source.newest:%A}, {formats.long_day(source.newest)}." if source.newest else ""
    other_count = len(failing) - 1
    others = f" The same holds for {formats.counted(other_count, 'other source')}." if other_count else ""
    return f"{name} has not answered {since}.{newest} Alerts on it wait until it does.{others}"
