"""Names of time zones as people type them."""

from __future__ import annotations

_NEW_YORK = "America/New_York"
_ALIASES = {
    **dict.fromkeys(("est", "edt", "et", "eastern", "est5edt", "us/eastern", "new york time"), _NEW_YORK),
    **dict.fromkeys(("cst6cdt", "us/central"), "America/Chicago"),
    **dict.fromkeys(("mst7mdt", "us/mountain"), "America/Denver"),
    **dict.fromkeys(("pst8pdt", "us/pacific"), "America/Los_Angeles"),
    **dict.fromkeys(("gmt", "z", "zulu", "etc/utc"), "UTC"),
}


def meant(typed: str) -> str:
    """The IANA zone that people mean by an old or short name; any other text as it is.

    `EST` of the time zone database stands still in summer. Whoever types it wants the time of New York.
    """
    text = typed.strip()
    return _ALIASES.get(text.casefold(), text)
