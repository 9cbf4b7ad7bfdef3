"""Pictures: what is wanted to be drawn and what comes of it, without a word of how.

A `Sketch` is small and can be stored with a message before its picture exists; an `Artist` makes a `Picture` of it from what is
known at the moment of sending. A message whose picture cannot be had goes out without it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Protocol

from signals.core.model import Measure


class Kind(StrEnum):
    """What a picture shows."""

    SIGNAL = "signal"
    OUTCOME = "outcome"
    COMPARE = "compare"
    SECTORS = "sectors"
    ROTATION = "rotation"
    BREADTH = "breadth"
    YIELDS = "yields"
    FLOWS = "flows"
    FAMILIES = "families"
    DASHBOARD = "dashboard"


@dataclass(frozen=True, slots=True)
class Sketch:
    """A picture that is wanted. Nothing after `session` is shown; `span` is the number of sessions up to it.

    `names`: a signal (SIGNAL), a signal and an outcome such as `^IXIC` or `RSP-SPY` (OUTCOME), two signals or tickers (COMPARE),
    none otherwise. `measure` of the signal. `above` and `below`: levels of a condition; events are sessions beyond one of them.
    """

    kind: Kind
    session: date
    names: tuple[str, ...] = ()
    measure: Measure = Measure.VALUE
    above: float | None = None
    below: float | None = None
    span: int = 126

    @property
    def file(self) -> str:
        """The name of the picture's file, the same for the same sketch."""
        words = "-".join((self.kind.value, *self.names, self.session.isoformat()))
        return "".join(char if char.isalnum() or char in "-." else "_" for char in words).lower().strip("_") + ".png"

    def to_json(self) -> str:
        """The form that is stored with a message."""
        return json.dumps(asdict(self) | {"session": self.session.isoformat()}, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Sketch:
        """Inverse of `to_json`. Raises ValueError, KeyError or TypeError when `text` is none."""
        parts = json.loads(text)
        kind, session, which = Kind(parts.pop("kind")), date.fromisoformat(parts.pop("session")), parts.pop("measure")
        return cls(kind=kind, session=session, measure=Measure(which), names=tuple(parts.pop("names")), **parts)


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG with the words for those who cannot see it (`alt`, at most 1,024 characters)."""

    name: str
    content: bytes
    alt: str


class Artist(Protocol):
    """Draws. Never raises: what cannot be drawn, for want of data or of time, is None."""

    async def draw(self, sketch: Sketch) -> Picture | None:
        """The picture of a sketch, or None."""


def file_names(sketches: Iterable[Sketch]) -> list[str]:
    """The name of each sketch's file in one message: `Sketch.file`, numbered where two would be called the same."""
    found: list[str] = []
    for sketch in sketches:
        stem, number, name = sketch.file.removesuffix(".png"), 1, sketch.file
        while name in found:
            number += 1
            name = f"{stem}-{number}.png"
        found.append(name)
    return found


async def drawn(artist: Artist | None, stored: Sequence[str], *, within_seconds: float) -> list[Picture]:
    """Pictures of sketches in their stored form, called by `file_names`, without those that cannot be had in time.

    What is not ready in time is drawn on: whoever asks for the same sketch next finds it. Sketches that another version of the
    program stored and this one cannot read give no picture.
    """
    if artist is None or not stored:
        return []
    try:
        sketches = [Sketch.from_json(text) for text in stored]
    except (ValueError, KeyError, TypeError):
        return []
    asked = [asyncio.ensure_future(artist.draw(sketch)) for sketch in sketches]
    try:
        await asyncio.wait(asked, timeout=within_seconds)
    finally:
        for each in asked:
            each.cancel()
    ready = [each.result() if each.done() and not each.cancelled() else None for each in asked]
    named = zip(ready, file_names(sketches), strict=True)
    return [replace(picture, name=name) for picture, name in named if picture is not None]
