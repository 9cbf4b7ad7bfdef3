"""A draft: an alert that somebody has typed and not confirmed yet, small enough to travel inside its own buttons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.domain.model import AlertSpec, Condition, Repeat, Timing
from bot.formatting import formats
from signals.core.model import Measure

_MEASURES = dict(zip("v152pz", Measure, strict=True))
_CONDITIONS = dict(zip("abco", Condition, strict=True))
_TIMINGS = dict(zip("cl", Timing, strict=True))
_REPEATS = dict(zip("eo", Repeat, strict=True))
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Draft:
    """What is asked for and where it goes: to a channel (with a role to mention) or, with None, by DM. The band is not set."""

    spec: AlertSpec
    channel_id: int | None = None
    role_id: int | None = None

    def at(self, level: float, level_high: float | None) -> Draft:
        """The same with other levels."""
        return replace(self, spec=replace(self.spec, level=level, level_high=level_high))


def pack_draft(draft: Draft) -> tuple[str, ...]:
    """The draft as a few short words, free of `~`."""
    spec = draft.spec
    code = (
        _key(_MEASURES, spec.measure)
        + _key(_CONDITIONS, spec.condition)
        + _key(_TIMINGS, spec.timing)
        + _key(_REPEATS, spec.repeat)
        + str(spec.confirm)
    )
    high = "" if spec.level_high is None else formats.bare_level(spec.level_high)
    place = (_short(draft.channel_id), _short(draft.role_id))
    return (spec.signal, code, formats.bare_level(spec.level), high, str(spec.cooldown_days), *place)


def unpack_draft(words: tuple[str, ...]) -> Draft:
    """Inverse of `pack`. Raises ValueError for anything that `pack` did not make."""
    try:
        signal, code, level, high, cooldown, channel, role = words
        spec = AlertSpec(
            signal,
            _MEASURES[code[0]],
            _CONDITIONS[code[1]],
            float(level),
            float(high) if high else None,
            timing=_TIMINGS[code[2]],
            repeat=_REPEATS[code[3]],
            confirm=int(code[4:]),
            cooldown_days=int(cooldown),
        )
        return Draft(spec, _long(channel), _long(role))
    except (KeyError, IndexError) as error:
        raise ValueError(f"no draft: {words!r}") from error


def _key(known: Mapping[str, object], value: object) -> str:
    return next(key for key, each in known.items() if each == value)


def _short(snowflake: int | None) -> str:
    if snowflake is None:
        return ""
    digits = ""
    while snowflake:
        snowflake, rest = divmod(snowflake, 36)
        digits = _DIGITS[rest] + digits
    return digits or "0"


def _long(text: str) -> int | None:
    return int(text, 36) if text else None
