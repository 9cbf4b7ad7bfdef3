"""Requests of charts and the pictures made of them; drawing is in `bot.charts`.

A `ChartRequest` is small and can be stored with a message before its picture exists; a
`ports.ChartRenderer` makes a `Picture` of it from what is known when the message is sent. A message
whose picture cannot be drawn is sent without it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum

from signals.core.model import Measure


class ChartKind(StrEnum):
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
class ChartRequest:
    """A request of a picture.

    Nothing after `session` is shown; `span` is the number of sessions up to it.

    `names`: a signal (SIGNAL), a signal and an outcome such as `^IXIC` or `RSP-SPY` (OUTCOME), two
    signals or tickers (COMPARE), none otherwise. `measure` of the signal. `above` and `below`:
    levels of a condition; events are sessions beyond one of them. `horizon`: sessions that an
    outcome is looked at beside the usual ones. `labels`: what the `names` are called by who asked,
    each empty where it has one name for everybody; none where all have.
    """

    kind: ChartKind
    session: date
    names: tuple[str, ...] = ()
    measure: Measure = Measure.VALUE
    above: float | None = None
    below: float | None = None
    span: int = 126
    horizon: int | None = None
    labels: tuple[str, ...] = ()

    def label(self, name: str) -> str:
        """What one of the `names` is called by who asked; empty where it has one name for everybody."""
        return next((label for of, label in zip(self.names, self.labels, strict=False) if of == name), "")

    @property
    def file(self) -> str:
        """The name of the picture's file, the same for the same request."""
        stem = "-".join((self.kind.value, *self.names, self.session.isoformat()))
        return "".join(char if char.isalnum() or char in "-." else "_" for char in stem).lower().strip("_") + ".png"

    def to_json(self) -> str:
        """The form that is stored with a message."""
        return json.dumps(asdict(self) | {"session": self.session.isoformat()}, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> ChartRequest:
        """Inverse of `to_json`. Raises ValueError, KeyError or TypeError when `text` is none."""
        parts = json.loads(text)
        kind, session = ChartKind(parts.pop("kind")), date.fromisoformat(parts.pop("session"))
        measure = Measure(parts.pop("measure"))
        names, labels = tuple(parts.pop("names")), tuple(parts.pop("labels", ()))
        return cls(kind=kind, session=session, measure=measure, names=names, labels=labels, **parts)


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG with its alternative text (`alt`, at most 1,024 characters)."""

    name: str
    content: bytes
    alt: str


def file_names(requests: Iterable[ChartRequest]) -> list[str]:
    """The name of each request's file in one message, numbered where two have the same name."""
    names: list[str] = []
    for request in requests:
        stem, number, name = request.file.removesuffix(".png"), 1, request.file
        while name in names:
            number += 1
            name = f"{stem}-{number}.png"
        names.append(name)
    return names
