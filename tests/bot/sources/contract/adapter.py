"""One kind of answer of one source, and the ways in which an answer can be bad."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.calendar.clock import Calendar
from bot.domain.fetched import Fetched, FetchRequest
from bot.sources.base import QuoteSource, Source
from bot.sources.http.http_client import Http
from bot.sources.yahoo.source import Yahoo
from tests.support.http_stub import PAGE, HttpStub, Reply, too_many

KEY = "0123456789abcdef0123456789abcdef"
CONTACT = "ada@example.org"
CASES = ("not found", "too many", "a web page", "nothing", "torn", "cut", "empty", "changed")
"""Statuses 404 and 429, HTML in place of data, a body of no bytes, a connection that ends early, a body that ends early
although the connection does not say so, no rows in good order, and a field that is called something else."""


@dataclass(frozen=True)
class Bench:
    """What a source is made of in a test."""

    http: Http
    stub: HttpStub
    calendar: Calendar
    folder: Path
    yahoo: Callable[..., Yahoo]


@dataclass(frozen=True)
class Adapter:
    """One kind of answer of one source.

    `request`: what is fetched, or tickers of which quotes are. `around`: what else must be answered. `says`: what the sentence
    of a case holds where it is not the usual one. `unknown`: cases in which a source that is well has nothing. `stands_in`: how
    many rows come from elsewhere although this answer is bad, in all cases but those in `says`; `noted` is then said or logged,
    and `fails` tells whether it counts as a failure.
    """

    name: str
    make: Callable[[Bench], Source]
    request: FetchRequest | tuple[str, ...]
    now: datetime
    place: str
    good: Reply
    empty: Reply
    changed: Reply
    says: Mapping[str, str]
    around: Callable[[HttpStub], None] = lambda stub: None
    unknown: frozenset[str] = frozenset()
    stands_in: int = 0
    cut_at: float = 0.66
    noted: str = ""
    fails: bool = False

    def reply(self, case: str) -> Reply:
        """What is answered in a case."""
        body = self.good.body
        return {
            "not found": Reply(b"gone", 404),
            "too many": too_many("600"),
            "a web page": PAGE,
            "nothing": Reply(b""),
            "torn": Reply(body[: len(body) // 2], how="truncated"),
            "cut": Reply(body[: int(len(body) * self.cut_at)]),
            "empty": self.empty,
            "changed": self.changed,
        }[case]

    def sentence(self, case: str) -> str:
        """What has to be said in a case, as a pattern."""
        usual = {
            "not found": "answered 404",
            "too many": "429",
            "a web page": "web page",
            "nothing": "nothing in it",
            "torn": "broke off|could not be reached",
        }
        return self.says[case] if case in self.says else usual[case]

    def script(self, stub: HttpStub, reply: Reply) -> None:
        """Answer everything that is asked, this adapter with `reply`."""
        self.around(stub)
        stub.on(self.place, reply)

    async def ask(self, source: Source) -> Fetched:
        """Ask the source once."""
        if isinstance(self.request, FetchRequest):
            return await source.fetch(self.request, self.now)
        assert isinstance(source, QuoteSource)
        return await source.quotes(self.request, self.now)


def rows(fetched: Fetched) -> int:
    """Everything that would be kept."""
    tables = [*fetched.bars.values(), *fetched.observations.values(), *fetched.records.values()]
    return sum(map(len, tables)) + (0 if fetched.universe is None else len(fetched.universe))


def renamed(reply: Reply, old: str, new: str = "renamed") -> Reply:
    """The same answer with a field that is called something else."""
    assert old.encode() in reply.body
    new = f'"{new}"' if old.startswith('"') else new
    return Reply(reply.body.replace(old.encode(), new.encode()), reply.status, reply.headers)


def told(fetched: Fetched) -> str:
    """What an answer says about what it does not have."""
    return "; ".join(fetched.missing.values())
