"""Drafts: alerts that are not confirmed yet, small enough for the custom id of a button."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.alerts.validation import ValidatedSpec
from bot.domain.model import After, AlertSpec, Condition, Repeat, Timing
from bot.errors import UserError
from bot.formatting import formats
from bot.formatting.quoting import quoted
from signals.core.model import Measure, Signal

_MEASURES = dict(zip("v152pzABCDEFghijkl", Measure, strict=True))
_CONDITIONS = dict(zip("abco", Condition, strict=True))
_TIMINGS = dict(zip("cl", Timing, strict=True))
_REPEATS = dict(zip("eo", Repeat, strict=True))
_FOLLOWS = re.compile(r"([0-9]+)(b|r)?([0-9]+)?")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class AlertPlace:
    """Where an alert's messages go: a channel with a role to mention, or the DM."""

    channel_id: int | None = None
    role_id: int | None = None


@dataclass(frozen=True, slots=True)
class AlertDraft:
    """A requested alert and the destination of its messages.

    `channel_id`: a channel, or None for a DM. `role_id`: the role to mention in the channel. The
    re-arm band of the spec is not set.
    """

    validated: ValidatedSpec
    channel_id: int | None = None
    role_id: int | None = None

    @property
    def spec(self) -> AlertSpec:
        """The spec of the alert."""
        return self.validated.spec


def validated_spec(signals: Mapping[str, Signal], spec: AlertSpec) -> ValidatedSpec:
    """The spec with its signal.

    Raises UserError where the signal does not exist or the spec does not fit it.
    """
    signal = signals.get(spec.signal)
    if signal is None:
        raise UserError(f"No signal {quoted(spec.signal)}. Start typing and choose from the list.")
    return ValidatedSpec(spec, signal)


def pack_draft(spec: AlertSpec, channel_id: int | None = None, role_id: int | None = None) -> tuple[str, ...]:
    """A draft as a few short words without `~`, for the custom id of a button.

    The spec need not be valid, because a stored alert may be on a signal that no longer exists; it
    is validated by `unpack_draft`.
    """
    code = (
        _key(_MEASURES, spec.measure)
        + _key(_CONDITIONS, spec.condition)
        + _key(_TIMINGS, spec.timing)
        + _key(_REPEATS, spec.repeat)
        + str(spec.confirm)
    )
    high = "" if spec.level_high is None else formats.bare_level(spec.level_high)
    place = (short_snowflake(channel_id), short_snowflake(role_id))
    follows = {After.NOTHING: "", After.BACK: "b", After.REMIND: f"r{spec.remind_every}"}[spec.after]
    return (spec.signal, code, formats.bare_level(spec.level), high, f"{spec.cooldown_days}{follows}", *place)


def unpack_draft(signals: Mapping[str, Signal], words: tuple[str, ...]) -> AlertDraft:
    """Inverse of `pack_draft`.

    Raises:
        ValueError: `pack_draft` did not make these words.
        UserError: The signal does not exist, or the spec does not fit it.
    """
    try:
        signal, code, level, high, pause, channel, role = words
        follows = _FOLLOWS.fullmatch(pause)
        if follows is None:
            raise KeyError(pause)
        spec = AlertSpec(
            signal,
            _MEASURES[code[0]],
            _CONDITIONS[code[1]],
            float(level),
            float(high) if high else None,
            timing=_TIMINGS[code[2]],
            repeat=_REPEATS[code[3]],
            confirm=int(code[4:]),
            cooldown_days=int(follows[1]),
            after={None: After.NOTHING, "b": After.BACK, "r": After.REMIND}[follows[2]],
            remind_every=int(follows[3] or 0),
        )
        channel_id, role_id = long_snowflake(channel), long_snowflake(role)
    except (KeyError, IndexError) as error:
        raise ValueError(f"no draft: {words!r}") from error
    return AlertDraft(validated_spec(signals, spec), channel_id, role_id)


def _key(codes: Mapping[str, object], value: object) -> str:
    return next(key for key, meaning in codes.items() if meaning == value)


def short_snowflake(snowflake: int | None) -> str:
    """An id of Discord in few characters, empty for None."""
    if snowflake is None:
        return ""
    digits = ""
    while snowflake:
        snowflake, digit = divmod(snowflake, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"


def long_snowflake(text: str) -> int | None:
    """Inverse of `short_snowflake`. Raises ValueError for anything else."""
    return int(text, 36) if text else None
