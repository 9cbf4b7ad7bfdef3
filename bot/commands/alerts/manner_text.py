"""What follows a firing, expiry, note and loudness, as people type them; every UserError has a form that works."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from bot.alerts.validation import NOTE_MOST, REMIND_MOST
from bot.commands.day_text import parse_day
from bot.domain.model import After, AlertSpec, Loudness, Manner, Repeat, Timing
from bot.errors import UserError
from bot.formatting import formats
from bot.formatting.quoting import quoted

AFTER_EXAMPLES = ("nothing", "back", "remind 5")
_REMIND = re.compile(r"(?:remind(?: me)?(?: every)?|every) ?([0-9]{1,3})(?: sessions?)?")
FIRES_EXAMPLE = "live, once, confirm 3, cooldown 5"
_FIRES = re.compile(r"(close|live)|(every|once)|confirm ([0-9]{1,4})|cooldown ([0-9]{1,4})")
_BETWEEN = re.compile(r"[,;]|\s+(?=(?:close|live|every|once|confirm|cooldown)\b)")
"""What divides these: a comma, or a blank where the next one begins."""
_BACK = frozenset({"back", "when it is back", "tell me when it is back"})
_NONE = frozenset({"none", "never", "-"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MannerChange:
    """How an alert is to notify, as typed; None keeps what is stored."""

    after: str | None = None
    fires: str | None = None
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


def fires_typed(spec: AlertSpec) -> str:
    """`close, every, confirm 1, cooldown 0`: how a spec fires, as `with_fires` reads it."""
    return f"{spec.timing.value}, {spec.repeat.value}, confirm {spec.confirm}, cooldown {spec.cooldown_days}"


def with_fires(spec: AlertSpec, typed: str | None) -> AlertSpec:
    """The spec that fires as was typed; what is left out stays. Raises UserError for what cannot be read."""
    for part in _BETWEEN.split((typed or "").casefold()):
        words = " ".join(part.split())
        if not words:
            continue
        match = _FIRES.fullmatch(words)
        if match is None:
            raise UserError(f"{quoted(part.strip())} says nothing of when it fires. Type any of {FIRES_EXAMPLE}.")
        timing, repeat, confirm, cooldown = match.groups()
        spec = replace(
            spec,
            timing=Timing(timing) if timing else spec.timing,
            repeat=Repeat(repeat) if repeat else spec.repeat,
            confirm=int(confirm) if confirm else spec.confirm,
            cooldown_days=int(cooldown) if cooldown else spec.cooldown_days,
        )
    return spec


def with_manner(manner: Manner, change: MannerChange, today: date) -> Manner:
    """The manner with what was typed. Raises UserError for what cannot be read or is not possible."""
    return Manner(
        note=manner.note if change.note is None else _note(change.note),
        loudness=manner.loudness if not (change.loudness or "").strip() else _loudness(change.loudness or ""),
        expires=manner.expires if change.expires is None else _expires(change.expires, today),
    )


def still_ahead(manner: Manner, *, today: date, judged: date) -> Manner:
    """The manner without a last day that is over: with it, an alert that begins anew would end without another reading.

    Args:
        manner: How the alert notifies.
        today: The present day.
        judged: The newest session whose closes are final.
    """
    over = manner.expires is not None and (manner.expires < today or manner.expires <= judged)
    return replace(manner, expires=None) if over else manner


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
    last = parse_day(words, today, ahead=True)
    if last is None:
        raise UserError(
            f"{quoted(typed)} is not a date. Type one such as {today.replace(year=today.year + 1, day=1)}, or never."
        )
    if last <= today:
        raise UserError(f"{formats.day(last)} is not in the future. Type a later date, or never.")
    return last
