"""The date that a document says of itself."""

from __future__ import annotations

import re
from datetime import date

from bot.errors import SourceError
from bot.sources.http.responses import HttpResponse
from bot.sources.parsing.cells import BadCellError, day, text

_AS_OF = re.compile(r"as of:?,? ?\"?([^\"]{6,24})", re.IGNORECASE)
_FORMS = ("%d-%b-%Y", "%b %d, %Y", "%B %d, %Y", "%m/%d/%Y", "%Y-%m-%d")


class OldDocumentError(SourceError):
    """A document is older than it may be."""


def as_of(cells: object, place: str) -> date:
    """The date of `As of 07-Feb-2025` in a line of a document. Raises SourceError when there is none."""
    match = _AS_OF.search(text(cells))
    try:
        if match is not None:
            return day(match[1].strip(), *_FORMS)
    except BadCellError as error:
        raise SourceError(f"{place} does not say its date: {error}") from None
    raise SourceError(f"{place} does not say its date with 'As of', so its format has changed")


def check_age(own_date: date, response: HttpResponse, *, most_days: int) -> date:
    """The date that a document says of itself.

    Raises OldDocumentError when it was more than `most_days` old on the day on which it was fetched,
    SourceError when it lies after that day.
    """
    if response.fetched_on is not None:
        age = (response.fetched_on - own_date).days
        if age > most_days:
            raise OldDocumentError(f"{response.place} is of {own_date}, {age} days old; {most_days} are accepted")
        if age < -1:
            raise SourceError(f"{response.place} is of {own_date}, which is still to come")
    return own_date
