"""The HTTP client of all sources but Yahoo: one aiohttp session with rate limits per host, size bounds, retries and breakers.

It deals with hosts, not with data. Every failure becomes an HttpError whose sentence names host,
status and path and never the query, because the query may contain keys.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime
from typing import IO, TYPE_CHECKING, ParamSpec, TypeVar
from urllib.parse import urlsplit

from bot import __version__
from bot.calendar.clock import new_york_date
from bot.domain.ports import TaskRunner
from bot.errors import SourceError
from bot.sources.http import circuit_breaker
from bot.sources.http.attempt import Failure, Received, Request, place_of, send_once
from bot.sources.http.host_policy import HostPolicy
from bot.sources.http.public_addresses import public_resolver
from bot.sources.http.rate_limit import LONGEST_RETRY_AFTER_SECONDS, TokenBucket
from bot.sources.http.raw_archive import KeepsAnswers
from bot.sources.http.responses import Exchange, Expect, HttpError, HttpResponse, unusable

if TYPE_CHECKING:
    import aiohttp

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger(__name__)


def user_agent(contact: str | None) -> str:
    """The User-Agent header, with the contact if there is one."""
    return f"rotation-bot/{__version__} ({contact})" if contact else f"rotation-bot/{__version__}"


class ThreadRunner:
    """Runs functions in threads of this process, without limits of their own."""

    async def run(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """See `bot.domain.ports.TaskRunner`."""
        return await asyncio.to_thread(fn, *args, **kwargs)


class Http:
    """The session and, per host, its rate limit and breaker. Close it once.

    A call after that opens a new session. Every complete response, good or bad, is stored in
    `raw_archive` before it is checked, except those that are written into a file; `observe` gets every
    attempt with its outcome. `parser` runs the readers of bodies, by default in threads.
    """

    def __init__(
        self,
        *,
        contact: str | None = None,
        base_urls: Mapping[str, str] | None = None,
        policies: Mapping[str, HostPolicy] | None = None,
        raw_archive: KeepsAnswers | None = None,
        observe: Callable[[Exchange], None] = lambda exchange: None,
        parser: TaskRunner | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.contact = contact
        self._base_urls = dict(base_urls or {})
        self._policies = dict(policies or {})
        self._raw_archive, self._observe = raw_archive, observe
        self._parser = parser or ThreadRunner()
        self._sleep, self._monotonic, self._jitter = sleep, monotonic, jitter
        self._session: aiohttp.ClientSession | None = None
        self._moves: dict[str, str] = {}
        self._buckets: dict[str, TokenBucket] = {}
        self._breakers: dict[str, circuit_breaker.CircuitBreaker] = {}

    async def parse(self, read: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a reader of foreign bodies where its time and memory are limited.

        Raises SourceError where it needs too much of them, beside what the reader raises.
        """
        return await self._parser.run(read, *args, **kwargs)

    async def get(
        self,
        url: str,
        *,
        now: datetime,
        expect: Expect,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        accept: Collection[int] = (),
        into: IO[bytes] | None = None,
    ) -> HttpResponse:
        """Fetch `url`, with retries after time-outs, broken connections, 429 and 5xx.

        Args:
            url: The address, without the query.
            now: The time of the fetch, for the breaker and the raw archive.
            expect: The kind of body that a status 200 must have.
            params: The query.
            headers: Additional headers.
            accept: Further statuses that are returned, with any body.
            into: A file into which a body of up to 500 MB is written; the response then has only the
                beginning of it.

        Raises:
            HttpError: `rate_limited` when the host refused, now or earlier so that its breaker is open.
        """
        host = urlsplit(url).hostname or ""
        owner = self._owner(host)
        self._admit(owner, now)
        recorded = False
        try:
            outcome = await self._with_retries(
                host, Request(url, params, headers, expect, frozenset(accept), into), now
            )
            self._record_outcome(owner, outcome, now)
            recorded = True
        finally:
            if not recorded:
                self._breakers[owner] = circuit_breaker.abandoned(self._breakers[owner])
        if isinstance(outcome, Failure):
            raise self._error(owner, outcome, now)
        return outcome

    async def close(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _admit(self, host: str, now: datetime) -> None:
        state = self._breakers.get(host, circuit_breaker.CircuitBreaker())
        admitted = circuit_breaker.admit(state, now)
        if admitted is None:
            raise _breaker_open(host, state, now)
        self._breakers[host] = admitted

    def _record_outcome(self, host: str, outcome: HttpResponse | Failure, now: datetime) -> None:
        state = self._breakers[host]
        if isinstance(outcome, HttpResponse):
            state = circuit_breaker.succeeded(state, now)
        elif outcome.rate_limited:
            state = circuit_breaker.refused(state, now, outcome.retry_after)
        elif outcome.again:
            state = circuit_breaker.failed(state, now)
        elif outcome.status != 200:
            state = circuit_breaker.succeeded(state, now)
        else:
            state = circuit_breaker.abandoned(state)
        self._breakers[host] = state

    def _error(self, host: str, failure: Failure, now: datetime) -> SourceError:
        until = self._breakers[host].until
        wait = None if until is None else (until - now).total_seconds()
        return HttpError(
            failure.sentence,
            status=failure.status,
            retry_after=wait if wait is not None else failure.retry_after,
            rate_limited=failure.rate_limited,
        )

    async def _with_retries(self, host: str, request: Request, now: datetime) -> HttpResponse | Failure:
        policy = self._policies.get(host, HostPolicy())
        attempt = 0
        while True:
            await self._pace(host, policy)
            outcome = await self._single_request(request, policy, now)
            if isinstance(outcome, HttpResponse):
                log.debug("%s: %d, %d bytes", outcome.place, outcome.status, len(outcome.content))
                return outcome
            log.debug("%s (try %d of %d)", outcome.sentence, attempt + 1, policy.tries)
            last = attempt + 1 >= policy.tries
            if last or not outcome.again or (outcome.retry_after or 0.0) > LONGEST_RETRY_AFTER_SECONDS:
                return outcome
            attempt += 1
            pause = policy.backoff.after(attempt, chance=self._jitter()).total_seconds()
            await self._sleep(max(pause, outcome.retry_after or 0.0))

    def _owner(self, host: str) -> str:
        return self._policies.get(host, HostPolicy()).pool or host

    async def _pace(self, host: str, policy: HostPolicy) -> None:
        bucket = self._buckets.setdefault(self._owner(host), TokenBucket(policy.per_second, policy.burst))
        wait = bucket.take(self._monotonic())
        if wait > 0.0:
            await self._sleep(wait)

    async def _single_request(self, request: Request, policy: HostPolicy, now: datetime) -> HttpResponse | Failure:
        started = self._monotonic()
        outcome = await send_once(self._open(), request, policy, self._base_urls, now)
        seconds = self._monotonic() - started
        if isinstance(outcome, Failure):
            self._observe(Exchange(request.url, outcome.status, seconds, outcome.sentence))
            return outcome
        if outcome.moved_to is not None:
            self._moved(place_of(request.url), place_of(outcome.moved_to))
        if self._raw_archive is not None and request.into is None:
            await asyncio.to_thread(
                self._raw_archive.keep, request.url, request.params, outcome.status, outcome.content, now
            )
        response = HttpResponse(outcome.status, outcome.content, place_of(request.url), new_york_date(now))
        accepted = outcome.status in request.accept
        checked = response if accepted else _checked(response, request.expect, outcome)
        why = checked.sentence if isinstance(checked, Failure) else None
        self._observe(Exchange(request.url, outcome.status, seconds, why, outcome.moved_to))
        return checked

    def _moved(self, place: str, to: str) -> None:
        if self._moves.get(place) != to:
            self._moves[place] = to
            log.info("%s has moved to %s", place, to)

    def _open(self) -> aiohttp.ClientSession:
        import aiohttp

        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                headers={"User-Agent": user_agent(self.contact), "Accept-Encoding": "gzip, deflate"},
                cookie_jar=aiohttp.DummyCookieJar(),
                connector=aiohttp.TCPConnector(limit_per_host=2, resolver=public_resolver(self._base_urls)),
            )
        return self._session


def _checked(response: HttpResponse, expect: Expect, received: Received) -> HttpResponse | Failure:
    place, status, wait = response.place, response.status, received.retry_after
    if status == 429:
        return Failure(f"{place} answered 429, too many requests", status, rate_limited=True, retry_after=wait)
    if status >= 500:
        return Failure(f"{place} answered {status}", status, retry_after=wait)
    if status != 200:
        return Failure(f"{place} answered {status}", status, again=False)
    reason = unusable(response.content, expect)
    return response if reason is None else Failure(f"{place} {reason}", status, again=False)


def _breaker_open(host: str, state: circuit_breaker.CircuitBreaker, now: datetime) -> HttpError:
    if state.until is None or not state.is_open(now):
        return HttpError(f"{host} is being tried with one request after a rest", retry_after=5.0, rate_limited=True)
    wait = (state.until - now).total_seconds()
    why = "too many requests" if state.trips else "several failures in a row"
    return HttpError(
        f"{host} is left alone until {state.until:%H:%M} UTC after {why}", retry_after=wait, rate_limited=True
    )
