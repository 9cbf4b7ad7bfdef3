"""Which companies raised, lowered or reaffirmed their outlook: the releases behind `earnings.tech_guidance`, with links."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.commands.context import Core
from bot.commands.reply import Field
from bot.formatting import formats
from signals.families.earnings_guidance import WINDOW_DAYS, GuidanceRelease

SIGNAL = "earnings.tech_guidance"
ARCHIVE = "https://www.sec.gov/"
"""Where links may lead; a market pack may hold anything."""

_WORDS = {1: "Raised", -1: "Lowered", 0: "Reaffirmed"}
_ROOM = 1000
"""Signs of a field, under Discord's limit, so that no link is ever cut."""
_SENTENCE = 200
_MARKUP = re.compile(r"[*_~|<>\[\]`\\@]")


def listed(core: Core) -> list[Field]:
    """A field a direction, newest release first: company and day, linked to the exhibit."""
    return [_field(word, found, [_link(core, each) for each in found], " · ") for word, found in _by_word(core)]


def quoted(core: Core) -> list[Field]:
    """The same with the sentence that decided, a line each."""
    return [
        _field(word, found, [f"{_link(core, each)}: {_sentence(each)}" for each in found], "\n")
        for word, found in _by_word(core)
    ]


def _by_word(core: Core) -> list[tuple[str, Sequence[GuidanceRelease]]]:
    snapshot = core.readings.snapshot
    told = snapshot.guidance if snapshot is not None else ()
    groups = [(word, [each for each in told if each.direction == sign]) for sign, word in _WORDS.items()]
    return [(word, found) for word, found in groups if found]


def _field(word: str, found: Sequence[GuidanceRelease], parts: Sequence[str], between: str) -> Field:
    """As many whole parts as fit, and how many are left out."""
    kept: list[str] = []
    left = len(parts)
    for part in parts:
        if sum(map(len, kept)) + len(kept) * len(between) + len(part) > _ROOM:
            break
        kept.append(part)
        left -= 1
    rest = [f"and {left} more"] if left else []
    name = f"{word} its outlook" if len(found) == 1 else f"{len(found)} {word.lower()} their outlook"
    return Field(f"{name}, {WINDOW_DAYS} days", between.join([*kept, *rest]))


def _link(core: Core, release: GuidanceRelease) -> str:
    text = f"{release.ticker}, {formats.day(release.filed, today=core.today())}"
    address = release.url.replace("(", "%28").replace(")", "%29")
    leads_there = address.startswith(ARCHIVE) and not re.search(r"\s", address) and len(address) < _ROOM // 2
    return f"[{text}]({address})" if leads_there else text


def _sentence(release: GuidanceRelease) -> str:
    text = " ".join(_MARKUP.sub("", release.sentence).replace("://", " ").split())
    return f"{text[:_SENTENCE].rstrip()}…" if len(text) > _SENTENCE else text
