"""Errors with a reader: who must see the sentence decides the class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class UserError(Exception):
    """The person who asked can mend it; `str(error)` is the sentence they read."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file that a person wrote: where it stands, what stands there, what would be right."""

    where: str
    found: str
    wanted: str

    def __str__(self) -> str:
        return f"{self.where}: {self.found}; {self.wanted}" if self.found else f"{self.where}: {self.wanted}"


class ProblemsError(Exception):
    """A file was refused; `problems` lists everything that is wrong with it, not only the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class ConfigError(ProblemsError):
    """The configuration cannot be used."""


class PackError(ProblemsError):
    """A market pack cannot be imported; nothing of it has been."""


class SourceError(Exception):
    """A data source did not give what was asked.

    `retry_after`: seconds the source asked us to wait, or None. `rate_limited`: it refused because of too many requests.
    """

    def __init__(self, sentence: str, *, retry_after: float | None = None, rate_limited: bool = False) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after
        self.rate_limited = rate_limited


class TokenRefusedError(Exception):
    """Discord answered 401: the token is wrong or was reset. Nothing works until a person replaces it."""
