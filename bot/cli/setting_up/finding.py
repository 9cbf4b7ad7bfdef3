"""One line of `rotation-bot doctor`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: `good` None is a remark that stops nothing."""

    good: bool | None
    text: str

    def __str__(self) -> str:
        return f"{ {True: 'ok    ', False: 'WRONG ', None: 'note  '}[self.good] }{self.text}"
