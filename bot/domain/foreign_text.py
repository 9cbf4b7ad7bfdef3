"""Text from outside: names of companies, reasons that hosts give, titles of filings.

Inside the program it goes where other text goes, also through f-strings, joins and cuts. Only the
renderer of messages and the log turn it into output (`resolved`), each in its own way: in a message
nothing of it is markup, a link or a mention.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

# Code points that Unicode reserves for use inside programs; no text that is exchanged has them.
_START, _END = "\ufdd0", "\ufdd1"
_SPAN = re.compile(f"{_START}([^{_START}{_END}]*){_END}?")
_MARKS = re.compile(f"[{_START}{_END}]")


@dataclass(frozen=True, slots=True)
class ForeignText:
    """A text from outside; formatted, it is marked until something that makes output resolves it."""

    raw: str

    def __str__(self) -> str:
        return f"{_START}{_MARKS.sub('', self.raw)}{_END}"

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


def resolved(text: str, render: Callable[[str], str]) -> str:
    """A text with each foreign part rendered; a part whose end was cut off reaches to the end of the text."""
    if _START not in text and _END not in text:
        return text
    return _MARKS.sub("", _SPAN.sub(lambda span: render(span[1]), text))
