"""Asks a source one small thing and says what came: for whoever wants to know whether addresses and formats still hold."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import pandas as pd

from bot.domain.fetched import Fetched, FetchRequest
from bot.errors import SourceError
from bot.sources.base import BaseSource, Source
from bot.sources.http.attempt import REDIRECTS, place_of
from bot.sources.http.raw_archive import KeepsAnswers
from bot.sources.http.responses import Exchange

YAHOO_HOSTS = ".yahoo.com"
"""Hosts that are asked by a library of their own; their answers are seen when they are kept."""
_REFUSED = frozenset({401, 403, 406, 429})


class AddressAnswer(StrEnum):
    """What an address did."""

    ANSWERED = "answered"
    MOVED = "moved"
    CHANGED = "format changed"
    REFUSED = "refused"
    ABSENT = "has nothing there"
    FAILED = "failed"
    SILENT = "no answer"


@dataclass(frozen=True, slots=True)
class AddressLine:
    """One address that was asked: `where` it was, what it did, and where a move leads."""

    where: str
    answer: AddressAnswer
    seconds: float | None
    moved_to: str | None = None


@dataclass(frozen=True, slots=True)
class SourceCheck:
    """What a source gave.

    Attributes:
        name: Of the source.
        addresses: What was asked, in that order.
        rows: How many rows came.
        newest: The newest day among them, if they have days.
        problem: Why nothing came; None when something did.
        remarks: What was noticed although something came, such as a second way that was taken.
        seconds: How long it took, waits for the host's pace included.
    """

    name: str
    addresses: tuple[AddressLine, ...]
    rows: int
    newest: date | None
    problem: str | None
    remarks: tuple[str, ...]
    seconds: float

    @property
    def was_answered(self) -> bool:
        """Whether anybody answered, with whatever."""
        return self.rows > 0 or any(line.answer is not AddressAnswer.SILENT for line in self.addresses)

    @property
    def verdict(self) -> str:
        """One sentence."""
        head = "works" if self.problem is None else f"gives nothing: {self.problem}"
        if self.addresses and not self.was_answered:
            return head
        moves = [f"{line.where} has moved to {line.moved_to}" for line in self.addresses if line.moved_to]
        return "; ".join([head, *self.remarks, *moves])


@dataclass
class Watch:
    """Sees every exchange of the clients; hands every response on to `keep_in`, if there is one."""

    keep_in: KeepsAnswers | None = None
    exchanges: list[Exchange] = field(default_factory=list)

    def observe(self, exchange: Exchange) -> None:
        """One attempt of the HTTP client."""
        self.exchanges.append(exchange)

    def keep(self, url: str, params: Mapping[str, Any] | None, status: int, content: bytes, at: datetime) -> None:
        """One complete response of either client."""
        if (urlsplit(url).hostname or "").endswith(YAHOO_HOSTS):
            failure = None if status == 200 else f"{place_of(url)} answered {status}"
            self.exchanges.append(Exchange(url, status, float("nan"), failure))
        if self.keep_in is not None:
            self.keep_in.keep(url, params, status, content, at)


async def check(
    source: Source,
    samples: Sequence[FetchRequest],
    watch: Watch,
    now: datetime,
    *,
    monotonic: Callable[[], float] = time.monotonic,
) -> SourceCheck:
    """Fetch the samples of a source, which is new and has asked nothing yet. Closes it."""
    watch.exchanges.clear()
    begun = monotonic()
    rows, newest = 0, []
    problems: list[str] = []
    for sample in samples:
        try:
            fetched = await source.fetch(sample, now)
        except SourceError as error:
            problems.append(str(error))
            continue
        count, last = _contents(fetched)
        rows += count
        newest += [last] if last is not None else []
        if count == 0 and fetched.missing:
            problems.append("; ".join(f"{what}: {why}" for what, why in fetched.missing.items()))
    with suppress(SourceError):
        await source.close()
    notes = [*source.notes] if isinstance(source, BaseSource) else []
    problem_text = " ".join([*problems, *notes])
    problems = [silence] if (silence := _silence(watch.exchanges)) and not rows else [*dict.fromkeys(problems)]
    return SourceCheck(
        source.name,
        tuple(_lines(watch.exchanges, problem_text)),
        rows,
        max(newest, default=None),
        None if rows else "; ".join(problems) or "an empty answer",
        (*notes, *(problems if rows else ())),
        monotonic() - begun,
    )


def _silence(exchanges: Sequence[Exchange]) -> str | None:
    """Who gave no answer at all, and why the last of them did not; None where somebody answered."""
    if not exchanges or any(exchange.status is not None for exchange in exchanges):
        return None
    last = exchanges[-1]
    reason = (last.failure or "").removeprefix(place_of(last.url)).strip() or "no answer"
    hosts = dict.fromkeys(urlsplit(exchange.url).hostname or "" for exchange in exchanges)
    return f"{', '.join(hosts)}: {reason}"


def _lines(exchanges: Sequence[Exchange], problem_text: str) -> list[AddressLine]:
    """The last exchange with each address, in the order in which they were asked first."""
    last = {place_of(exchange.url): exchange for exchange in exchanges}
    return [_line(place, exchange, problem_text) for place, exchange in last.items()]


def _line(place: str, exchange: Exchange, problem_text: str) -> AddressLine:
    moved_to = None if exchange.moved_to is None else place_of(exchange.moved_to)
    seconds = exchange.seconds if exchange.seconds == exchange.seconds else None
    return AddressLine(place, _answer(place, exchange, problem_text), seconds, moved_to)


def _answer(place: str, exchange: Exchange, problem_text: str) -> AddressAnswer:
    if exchange.status is None:
        return AddressAnswer.SILENT
    if exchange.moved_to is not None or exchange.status in REDIRECTS:
        return AddressAnswer.MOVED
    if exchange.status in _REFUSED:
        return AddressAnswer.REFUSED
    if exchange.status == 404:
        return AddressAnswer.ABSENT
    if exchange.status != 200:
        return AddressAnswer.FAILED
    return AddressAnswer.CHANGED if exchange.failure is not None or place in problem_text else AddressAnswer.ANSWERED


def _contents(fetched: Fetched) -> tuple[int, date | None]:
    """How many rows an answer has, and the newest day among them."""
    dated = [*fetched.bars.values(), *fetched.observations.values()]
    days = [frame.index.max() for frame in dated if len(frame)]
    for frame in fetched.records.values():
        column = next(
            (name for name in frame if name != "known_at" and str(frame[name].dtype).startswith("datetime")), None
        )
        days += [frame[column].max()] if column is not None and len(frame) else []
    count = sum(map(len, (*dated, *fetched.records.values())))
    count += 0 if fetched.universe is None else len(fetched.universe)
    dates = [pd.Timestamp(day).date() for day in days if not pd.isna(day)]
    return count, max(dates, default=None)
