"""The hosts of Cboe's files: since 2026 the second sends every request to the first."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from bot.errors import SourceError
from bot.sources.http.host_policy import HostPolicy
from bot.sources.http.http_client import Http
from bot.sources.http.responses import Expect, HttpError, HttpResponse

HOSTS = ("cdn-api.cboe.com", "cdn.cboe.com")
PAGES = "www.cboe.com"
POLICIES = {
    "cdn-api.cboe.com": HostPolicy(timeout_seconds=60.0, tries=2),
    "cdn.cboe.com": HostPolicy(timeout_seconds=60.0, tries=2, redirects=("cdn-api.cboe.com",)),
    PAGES: HostPolicy(per_second=0.5, burst=1, timeout_seconds=60.0, tries=2),
}
NOT_PUBLISHED = (403, 404)
"""Statuses of a file that Cboe does not have."""


async def get_file(
    http: Http, path: str, *, now: datetime, expect: Expect, accept: Collection[int] = ()
) -> HttpResponse:
    """A file from the first host that has it, else what the first host answered.

    Raises HttpError when that was a failure, or a status that is not in `accept`. After "too many
    requests" the next host is not asked.
    """
    first: HttpResponse | HttpError | None = None
    for host in HOSTS:
        answer: HttpResponse | HttpError
        try:
            answer = await http.get(f"https://{host}{path}", now=now, expect=expect, accept=accept)
        except HttpError as error:
            answer = error
        if isinstance(answer, HttpResponse) and answer.status == 200:
            return answer
        first = first or answer
        if answer.status == 429:
            break
    if isinstance(first, HttpResponse):
        return first
    raise first or SourceError("Cboe has no host")
