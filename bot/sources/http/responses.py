"""What a host sent back, and whether it is what was asked for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.errors import SourceError

UTF8_BOM = b"\xef\xbb\xbf"


class Expect(StrEnum):
    """Kinds of body, by the word that people read."""

    JSON = "JSON"
    CSV = "CSV"
    XML = "XML"
    XLSX = "a workbook"
    ZIP = "a ZIP file"
    PAGE = "a web page"


class HttpError(SourceError):
    """A host did not give what was asked. `status`: what it answered, or None when no answer came."""

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
    """A body with its status. `place` is host and path, the only form in which an address may be shown."""

    status: int
    content: bytes
    place: str

    def text(self) -> str:
        """The body as text, a byte order mark removed. Raises SourceError when it is not UTF-8."""
        try:
            return self.content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise SourceError(f"{self.place} sent text that is not UTF-8") from None

    def json(self) -> Any:
        """The body as JSON. Raises SourceError when it is none; the text is not quoted, it may be long."""
        try:
            return json.loads(self.text())
        except (ValueError, RecursionError):
            raise SourceError(f"{self.place} sent something that is not JSON") from None


def unusable(content: bytes, expect: Expect) -> str | None:
    """Why a body with status 200 is not of the expected kind, as the rest of a sentence; None when it may be.

    A FRED request for CSV may be answered with a ZIP; that is for its parser.
    """
    start = content[:512].removeprefix(UTF8_BOM).lstrip().lower()
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


def _is_page(start: bytes) -> bool:
    return start.startswith((b"<!doctype html", b"<html", b"<head", b"<body"))
