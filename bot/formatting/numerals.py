"""Numbers as words inside a sentence: counts, ordinals and percentiles."""

from __future__ import annotations

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_ORDINALS = (
    *("zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"),
    *("ninth", "tenth", "eleventh", "twelfth"),
)
_ENDINGS = {"1": "st", "2": "nd", "3": "rd"}


def numeral(count: int) -> str:
    """A number inside a sentence: `no`, `one`, ... `twelve`, then `13`."""
    return _NUMBERS[count] if 0 <= count < len(_NUMBERS) else f"{count:,}"


def ordinal(count: int) -> str:
    """An ordinal inside a sentence: words up to `twelfth`, then `13th`, `21st`, `22nd`."""
    return _ORDINALS[count] if 0 <= count < len(_ORDINALS) else with_ending(str(count))


def with_ending(digits: str) -> str:
    """Digits as an ordinal: `13th`, `21st`, `99.5th`; of a decimal the last digit counts."""
    teens = "." not in digits and digits[-2:] in ("11", "12", "13")
    return f"{digits}{'th' if teens else _ENDINGS.get(digits[-1], 'th')}"


def percentile(value: float, decimals: int = 0) -> str:
    """A percentile of 0 to 100: `88th`; of the first or the last hundredth with a decimal, `99.8th`, never 0.0 or 100.0."""
    inside = 0 < value < 100
    places = max(decimals, 1) if inside and not 1 <= value <= 99 else decimals
    rounded = round(value, places)
    if inside:
        least = 10.0**-places
        rounded = min(100 - least, max(least, rounded))
    return with_ending(f"{rounded:.{places}f}".removesuffix(".0"))
