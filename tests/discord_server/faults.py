"""What can go wrong with a request, one fault per matching request, in the order in which they were asked for."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Answer:
    """Answer this instead of doing anything. `body` as JSON, or as plain text when it is a str."""

    status: int
    body: Mapping[str, object] | str = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class AnswerAfter:
    """Do what was asked, then answer this."""

    answer: Answer


@dataclass(frozen=True)
class DropBefore:
    """Close the connection without doing anything."""


@dataclass(frozen=True)
class DropAfter:
    """Do what was asked, then close the connection instead of answering."""


@dataclass(frozen=True)
class Hang:
    """Do what was asked and never answer."""


@dataclass(frozen=True)
class HangAfterHeaders:
    """Do what was asked, begin an answer of 200 and never end it."""


@dataclass(frozen=True)
class Slow:
    """Do what was asked and answer after so many seconds."""

    seconds: float


Fault = Answer | AnswerAfter | DropBefore | DropAfter | Hang | HangAfterHeaders | Slow


@dataclass
class Faults:
    """Those still to come: (method, path with `*`, fault)."""

    waiting: list[tuple[str, str, Fault]] = field(default_factory=list)

    def add(self, method: str, path: str, fault: Fault, *, times: int = 1) -> None:
        """The next `times` requests of `method` to a path like `/channels/*/messages` meet this fault."""
        self.waiting += [(method, path, fault)] * times

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that this request meets, which is then used up."""
        for index, (of_method, of_path, fault) in enumerate(self.waiting):
            if method == of_method and fnmatch.fnmatchcase(path, of_path):
                del self.waiting[index]
                return fault
        return None
