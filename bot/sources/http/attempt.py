"""One attempt of a request, redirects included: what came, or why nothing did. Decides nothing about its content.

A host may send a request on only to itself or to a host that its policy names, and only over https: a
redirect is an answer of a foreign host and must not lead elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import IO, TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from bot.sources.http.host_policy import HostPolicy
from bot.sources.http.rate_limit import retry_after_seconds
from bot.sources.http.responses import Expect, read_body

if TYPE_CHECKING:
    import aiohttp

ANY_HOST = "*"
DOWNLOADED_BYTES = 500_000_000
DOWNLOADED_SECONDS = 900.0
"""Bounds of a response that is written into a file."""
MOST_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Request:
    """A request, and the file for its response if that is not read into memory."""

    url: str
    params: Mapping[str, str] | None
    headers: Mapping[str, str] | None
    expect: Expect
    accept: frozenset[int]
    into: IO[bytes] | None


@dataclass(frozen=True, slots=True)
class Received:
    """A complete response. `moved_to`: the address that gave it, if another than was asked."""

    status: int
    content: bytes
    retry_after: float | None
    moved_to: str | None


@dataclass(frozen=True, slots=True)
class Failure:
    """The failure of one attempt, in a form that may be shown."""

    sentence: str
    status: int | None = None
    again: bool = True
    rate_limited: bool = False
    retry_after: float | None = None


def routed(url: str, base_urls: Mapping[str, str]) -> str:
    """`url` with its host replaced where `base_urls` has one for it.

    Under `*` the host becomes the first folder.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    path = url.split(parts.netloc, 1)[1]
    if host in base_urls:
        return base_urls[host].rstrip("/") + path
    if ANY_HOST in base_urls:
        return f"{base_urls[ANY_HOST].rstrip('/')}/{host}{path}"
    return url


def place_of(url: str) -> str:
    """Host and path of an address; its query may contain keys and is never shown."""
    parts = urlsplit(url)
    return f"{parts.hostname}{parts.path}"


def redirect_target(url: str, location: str, policy: HostPolicy) -> str | None:
    """The address to which a redirect of `url` leads, or None for one that is not followed.

    Followed are those over https to the same host or to one that its policy names.
    """
    try:
        target = urljoin(url, location)
        parts = urlsplit(target)
        port = parts.port
    except ValueError:
        return None
    allowed = {urlsplit(url).hostname, *policy.redirects}
    plain = parts.username is None and parts.password is None and port in (None, 443)
    return target if parts.scheme == "https" and parts.hostname in allowed and plain else None


async def send_once(
    session: aiohttp.ClientSession, request: Request, policy: HostPolicy, base_urls: Mapping[str, str], now: datetime
) -> Received | Failure:
    """One attempt. aiohttp's exceptions are not passed on, because their texts may contain the whole URL."""
    # Imported here, not above: only a process that sends requests loads aiohttp.
    import aiohttp

    place = place_of(request.url)
    try:
        return await _follow(session, request, policy, base_urls, now)
    except TimeoutError:
        return Failure(f"{place} did not answer within {policy.timeout_seconds:g} s")
    except aiohttp.ClientPayloadError:
        return Failure(f"{place} broke off in the middle of its answer")
    except (aiohttp.ClientConnectionError, OSError) as error:
        return Failure(f"{place} could not be reached ({type(error).__name__})")
    except (aiohttp.ClientError, ValueError) as error:
        return Failure(f"{place} could not be asked ({type(error).__name__})", again=False)


async def _follow(
    session: aiohttp.ClientSession, request: Request, policy: HostPolicy, base_urls: Mapping[str, str], now: datetime
) -> Received | Failure:
    import aiohttp

    seconds = policy.timeout_seconds if request.into is None else DOWNLOADED_SECONDS
    most = policy.max_bytes if request.into is None else DOWNLOADED_BYTES
    place, url, params = place_of(request.url), request.url, request.params
    for _ in range(MOST_REDIRECTS + 1):
        async with session.get(
            routed(url, base_urls),
            params=params,
            headers=request.headers,
            timeout=aiohttp.ClientTimeout(total=seconds, sock_read=policy.timeout_seconds),
            allow_redirects=False,
        ) as response:
            status, location = response.status, response.headers.get("Location")
            if status in REDIRECTS and location is not None:
                target = redirect_target(url, location, policy)
                if target is None:
                    host = str(urlsplit(urljoin(url, location)).hostname)[:60]
                    return Failure(
                        f"{place} answered {status} and sends to {host}, which is not asked", status, again=False
                    )
                # A key among the parameters stays with the host for which it is meant: what the
                # redirect needs stands in its address.
                url, params = target, None
                continue
            content = await read_body(response, most, request.into)
            if content is None:
                return Failure(f"{place} sent more than {most / 1e6:g} MB", status, again=False)
            wait = retry_after_seconds(response.headers.get("Retry-After"), now)
            return Received(status, content, wait, None if url == request.url else url)
    return Failure(f"{place} sends from one address to the next more than {MOST_REDIRECTS} times", again=False)
