"""The response of a host, and the check whether it is of the expected kind."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import IO, TYPE_CHECKING, Any

from bot.errors import SourceError

if TYPE_CHECKING:
    import aiohttp

UTF8_BOM = b"\xef\xbb\xbf"


class Expect(StrEnum):
    """Kinds of body; the values are shown to people."""

    JSON = "JSON"
    CSV = "CSV"
    XML = "XML"
    XLSX = "a workbook"
    ZIP = "a ZIP file"
    PAGE = "a web page"


class HttpError(SourceError):
    """A request failed. `status`: of the response, or None when there was none."""

    def __init__(
        self,
        sentence: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        rate_limited: bool = False,
    ) -> None:
        super().__init__(sentence, retry_after=retry_after, rate_limited=rate_limited)
        self.status = status


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A body with its status.

    Attributes:
        status: The status.
        content: The body.
        place: Host and path that were asked; the query is never shown.
        fetched_on: The day in New York on which it was fetched; None for one of any age.
    """

    status: int
    content: bytes
    place: str
    fetched_on: date | None = None

    def text(self) -> str:
        """The body as text, byte order marks removed. Raises SourceError when it is not UTF-8."""
        try:
            return without_marks(self.content).decode("utf-8")
        except UnicodeDecodeError:
            raise SourceError(f"{self.place} sent text that is not UTF-8") from None

    def json(self) -> Any:
        """The body as JSON. Raises SourceError when it is none, without quoting the text, which may
        be long.

        `NaN` and `Infinity` are no JSON, although Python reads them.
        """
        try:
            return json.loads(self.text(), parse_constant=_no_constant)
        except (ValueError, RecursionError):
            raise SourceError(f"{self.place} sent something that is not JSON") from None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One attempt of a request, for whoever watches them.

    Attributes:
        url: What was asked, without parameters.
        status: The status of the answer; None when there was none.
        seconds: How long it took.
        failure: Why the answer, or its absence, is no use; None when it may be read.
        moved_to: Where the host sent the request, if it did.
    """

    url: str
    status: int | None
    seconds: float
    failure: str | None = None
    moved_to: str | None = None


def without_marks(content: bytes) -> bytes:
    """A body without its byte order marks; iShares sends two."""
    while content.startswith(UTF8_BOM):
        content = content[len(UTF8_BOM) :]
    return content


def unusable(content: bytes, expect: Expect) -> str | None:
    """Why a body with status 200 is not of the expected kind, as the rest of a sentence.

    None when it may be. FRED may respond to a request for CSV with a ZIP; its parser deals with
    that.
    """
    start = without_marks(content[:512]).lstrip().lower()
    if not start:
        return "answered 200 with nothing in it"
    if expect is not Expect.PAGE and _is_page(start):
        return f"answered with a web page instead of {expect.value}"
    if expect is Expect.JSON and not start.startswith((b"{", b"[")):
        return "answered with something else than JSON"
    if expect is Expect.XML and not start.startswith(b"<"):
        return "answered with something else than XML"
    if expect in (Expect.XLSX, Expect.ZIP) and not content.startswith(b"PK"):
        return f"answered with something else than {expect.value}"
    return None


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _is_page(start: bytes) -> bool:
    return start.startswith((b"<!doctype html", b"<html", b"<head", b"<body"))


async def read_body(response: aiohttp.ClientResponse, max_bytes: int, into: IO[bytes] | None) -> bytes | None:
    """The unpacked body, or None as soon as it is larger than `max_bytes`.

    With `into` only its beginning.
    """
    parts: list[bytes] = []
    size = 0
    if into is not None:
        into.seek(0)
        into.truncate()
    async for part in response.content.iter_chunked(1 << 16):
        size += len(part)
        if size > max_bytes:
            return None
        if into is not None:
            into.write(part)
        if into is None or not parts:
            parts.append(part)
    return b"".join(parts)
