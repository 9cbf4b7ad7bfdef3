"""Marks the functions that read foreign documents, and turns whatever one stumbles over into a SourceError."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from bot.errors import SourceError
from bot.sources.http.responses import HttpResponse
from bot.sources.parsing.cells import BadCellError, text

P = ParamSpec("P")
T = TypeVar("T")

_LONGEST_REASON = 160


def reader(source: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Decorate a function that reads a document of `source`.

    A SourceError of its own passes. Any other exception becomes one that names source, document and
    reason: the document is that of its HttpResponse, or of its argument `where`.
    """

    def decorate(read: Callable[P, T]) -> Callable[P, T]:
        signature = inspect.signature(read)

        @functools.wraps(read)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
            try:
                return read(*args, **kwargs)
            except SourceError:
                raise
            except Exception as error:
                document = _document(signature.bind_partial(*args, **kwargs).arguments)
                kind = "" if isinstance(error, BadCellError) else f"{type(error).__name__}: "
                reason = text(f"{kind}{error}", longest=_LONGEST_REASON)
                raise SourceError(f"{source}: {document} cannot be read ({reason})") from error

        guarded.reads = source  # type: ignore[attr-defined]
        return guarded

    return decorate


def _document(arguments: dict[str, object]) -> str:
    for value in arguments.values():
        if isinstance(value, HttpResponse):
            return value.place
    return text(arguments.get("where", "its answer"))
