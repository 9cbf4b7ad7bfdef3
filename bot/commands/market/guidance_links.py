"""Companies that raised, lowered or reaffirmed their guidance, with links to their releases.

These are the releases that `earnings.tech_guidance` counts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.commands.context import Core
from bot.commands.reply import Field
from bot.domain.foreign_text import ForeignText
from bot.formatting import formats
from signals.families.earnings_guidance import WINDOW_DAYS, GuidanceRelease

SIGNAL = "earnings.tech_guidance"
ARCHIVE = "https://www.sec.gov/"
"""The only site that links may point to, because a market pack may contain any address."""

_WORDS = {1: "Raised", -1: "Lowered", 0: "Reaffirmed"}
_FIELD_LIMIT = 1000
"""Characters of a field, below Discord's limit of 1024, so that no link is cut."""
_SENTENCE_LIMIT = 200
_MARKUP = re.compile(r"[*_~|<>\[\]`\\@]")
"""What takes a second character when a message is made of it."""


def brief_fields(core: Core) -> list[Field]:
    """A field for each direction, newest release first: company and day, linked to the exhibit."""
    return [
        _field(word, releases, [_link(core, release) for release in releases], " · ")
        for word, releases in _by_word(core)
    ]


def quoted_fields(core: Core) -> list[Field]:
    """The same, a line for each release, with the sentence that was classified."""
    return [
        _field(word, releases, [f"{_link(core, release)}: {_sentence(release)}" for release in releases], "\n")
        for word, releases in _by_word(core)
    ]


def _by_word(core: Core) -> list[tuple[str, Sequence[GuidanceRelease]]]:
    snapshot = core.readings.snapshot
    releases = snapshot.guidance if snapshot is not None else ()
    groups = [(word, [release for release in releases if release.direction == sign]) for sign, word in _WORDS.items()]
    return [(word, group) for word, group in groups if group]


def _field(word: str, releases: Sequence[GuidanceRelease], parts: Sequence[str], between: str) -> Field:
    """A field with as many parts as fit, and how many are left out."""
    kept: list[str] = []
    room = _FIELD_LIMIT
    for part in parts:
        room -= len(part) + len(_MARKUP.findall(part)) + len(between)
        if room < 0:
            break
        kept.append(part)
    left = len(parts) - len(kept)
    more = [f"and {left} more"] if left else []
    name = f"{word} its outlook" if len(releases) == 1 else f"{len(releases)} {word.lower()} their outlook"
    return Field(f"{name}, {WINDOW_DAYS} days", between.join([*kept, *more]))


def _link(core: Core, release: GuidanceRelease) -> str:
    text = f"{ForeignText(release.ticker)}, {formats.day(release.filed, today=core.today())}"
    address = release.url.replace("(", "%28").replace(")", "%29")
    allowed = address.startswith(ARCHIVE) and not re.search(r"\s", address) and len(address) < _FIELD_LIMIT // 2
    return f"[{text}]({address})" if allowed else text


def _sentence(release: GuidanceRelease) -> ForeignText:
    text = " ".join(release.sentence.split())
    return ForeignText(f"{text[:_SENTENCE_LIMIT].rstrip()}…" if len(text) > _SENTENCE_LIMIT else text)
