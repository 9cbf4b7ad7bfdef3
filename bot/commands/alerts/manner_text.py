"""What follows a firing, expiry, note and loudness, as people type them; every UserError has a form that works."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from bot.alerts.validation import REMIND_MOST
from bot.domain.model import After, AlertSpec, Loudness, Manner
from bot.errors import UserError
from bot.formatting import formats
from bot.formatting.quoting import quoted

NOTE_MOST = 100
AFTER_EXAMPLES = ("nothing", "back", "remind 5")
_REMIND = re.compile(r"(?:remind(?: me)?(?: every)?|every) ?([0-9]{1,3})(?: sessions?)?")
_BACK = frozenset({"back", "when it is back", "tell me when it is back"})
_NONE = frozenset({"none", "never", "-"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MannerChange:
    """How an alert is to speak, as typed; None keeps what is stored."""

    after: str | None = None
    expires: str | None = None
    note: str | None = None
    loudness: str | None = None


def with_after(spec: AlertSpec, typed: str | None) -> AlertSpec:
    """The spec with what follows a firing. Raises UserError for what cannot be read."""
    if typed is None or not typed.strip():
        return spec
    words = " ".join(typed.casefold().split())
    if words == After.NOTHING:
        return replace(spec, after=After.NOTHING, remind_every=0)
    if words in _BACK:
        return replace(spec, after=After.BACK, remind_every=0)
    if reminder := _REMIND.fullmatch(words):
        return replace(spec, after=After.REMIND, remind_every=int(reminder[1]))
    raise UserError(
        f"{quoted(typed)} is not a follow-up. Type nothing, back, or remind and a number of sessions up to "
        f"{REMIND_MOST}, such as remind 5."
    )


def with_manner(manner: Manner, change: MannerChange, today: date) -> Manner:
    """The manner with what was typed. Raises UserError for what cannot be read or is not possible."""
    return Manner(
        note=manner.note if change.note is None else _note(change.note),
        loudness=manner.loudness if not (change.loudness or "").strip() else _loudness(change.loudness or ""),
        expires=manner.expires if change.expires is None else _expires(change.expires, today),
    )


def _note(typed: str) -> str | None:
    words = " ".join(typed.split())
    if len(words) > NOTE_MOST:
        raise UserError(f"That note has {len(words)} characters. Type at most {NOTE_MOST}.")
    return None if not words or words.casefold() in _NONE else words


def _loudness(typed: str) -> Loudness:
    words = typed.strip().casefold()
    for loudness in Loudness:
        if words == loudness.value:
            return loudness
    raise UserError(f"{quoted(typed)} is not a loudness. Type ping, normal or silent.")


def _expires(typed: str, today: date) -> date | None:
    words = typed.strip().casefold()
    if not words or words in _NONE:
        return None
    try:
        last = date.fromisoformat(words)
    except ValueError:
        raise UserError(
            f"{quoted(typed)} is not a date. Type one such as {today.replace(year=today.year + 1, day=1)}, or never."
        ) from None
    if last <= today:
        raise UserError(f"{formats.day(last)} is not in the future. Type a later date, or never.")
    return last
