"""The program's errors; the class says who has to read the message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class UserError(Exception):
    """An error that the person who gave the command can mend; `str(error)` is what they read."""


class StoreError(UserError):
    """bot.db cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in a file that a person wrote: where it is, what is there, what would be right."""

    where: str
    actual: str
    expected: str

    def __str__(self) -> str:
        return f"{self.where}: {self.actual}; {self.expected}" if self.actual else f"{self.where}: {self.expected}"


class ProblemsError(Exception):
    """A file was refused; `problems` lists all of its faults."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class ConfigError(ProblemsError):
    """The configuration cannot be used."""


class PackError(ProblemsError):
    """A market pack cannot be imported; nothing of it has been."""


class SourceError(Exception):
    """A data source did not give what was requested.

    `retry_after`: seconds that the source wants us to wait, or None. `rate_limited`: it refused
    because of too many requests.
    """

    def __init__(self, sentence: str, *, retry_after: float | None = None, rate_limited: bool = False) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after
        self.rate_limited = rate_limited


class TokenRefusedError(Exception):
    """Discord answered 401: the token is wrong or was reset.

    Nothing works until a person replaces it.
    """
