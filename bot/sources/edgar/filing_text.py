"""Parses a whole filing from one text: the time of acceptance and the documents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.errors import SourceError
from bot.sources.http.responses import HttpResponse
from bot.sources.parsing.document_reader import reader

_ACCEPTED = re.compile(r"<ACCEPTANCE-DATETIME>\s*(\d{14})")
_TAG = re.compile(r"<(TYPE|FILENAME)>([^\r\n<]*)")
_WRAPPERS = ("XML", "XBRL")
_TOP = 20_000


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a filing: `kind` as the SEC types it (`EX-99.1`, `INFORMATION TABLE`)."""

    kind: str
    name: str
    body: str


@dataclass(frozen=True, slots=True)
class Submission:
    """A filing. `accepted`: New York's wall clock, always so in the header, or None when it is missing."""

    accepted: datetime | None
    documents: tuple[Document, ...]


@reader("the SEC")
def read_submission(response: HttpResponse) -> Submission:
    """Header and documents. Raises SourceError when the text is no filing or is cut off."""
    text = response.content.decode("utf-8", errors="replace")
    if not re.search(r"<SEC-DOCUMENT>|<SEC-HEADER>|<DOCUMENT>", text[:_TOP]):
        raise SourceError(f"{response.place} sent something that is no filing, it has no SEC-DOCUMENT")
    if text.count("<DOCUMENT>") != text.count("</DOCUMENT>"):
        raise SourceError(f"{response.place} breaks off in the middle of a document")
    if "<SEC-DOCUMENT>" in text[:_TOP] and "</SEC-DOCUMENT>" not in text[-_TOP:]:
        raise SourceError(f"{response.place} breaks off after one of its documents")
    accepted = _ACCEPTED.search(text[:_TOP])
    documents = tuple(_documents(text))
    if not documents:
        raise SourceError(f"{response.place} has no document in it")
    return Submission(_instant(accepted[1]) if accepted else None, documents)


def _documents(text: str) -> Iterator[Document]:
    for part in text.split("<DOCUMENT>")[1:]:
        head, _, rest = part.partition("<TEXT>")
        tags = {name: value.strip() for name, value in _TAG.findall(head)}
        yield Document(tags.get("TYPE", ""), tags.get("FILENAME", ""), _unwrapped(rest.rpartition("</TEXT>")[0]))


def _unwrapped(body: str) -> str:
    """A document without the element in which the SEC wraps data."""
    stripped = body.strip()
    for name in _WRAPPERS:
        if stripped.startswith(f"<{name}>") and stripped.endswith(f"</{name}>"):
            return stripped[len(name) + 2 : -len(name) - 3]
    return body


def _instant(digits: str) -> datetime | None:
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S")  # noqa: DTZ007 - New York's wall clock, as the caller knows
    except ValueError:
        return None
