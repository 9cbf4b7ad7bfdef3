"""Names of time zones as people type them."""

from __future__ import annotations

_NEW_YORK = "America/New_York"
_ALIASES = {
    **dict.fromkeys(("est", "edt", "et", "eastern", "est5edt", "us/eastern", "new york time"), _NEW_YORK),
    **dict.fromkeys(("cdt", "cst6cdt", "us/central"), "America/Chicago"),
    **dict.fromkeys(("mdt", "mst7mdt", "us/mountain"), "America/Denver"),
    **dict.fromkeys(("pst", "pdt", "pst8pdt", "us/pacific"), "America/Los_Angeles"),
    **dict.fromkeys(("cet", "cest"), "Europe/Berlin"),
    **dict.fromkeys(("bst",), "Europe/London"),
    **dict.fromkeys(("jst",), "Asia/Tokyo"),
    **dict.fromkeys(("gmt", "z", "zulu", "etc/utc"), "UTC"),
}


def meant(typed: str) -> str:
    """The IANA zone that people mean by an old or short name; any other text as it is.

    `EST` of the time zone database stands still in summer. Whoever types it wants the time of New York. Short names that
    several parts of the world have (CST, IST, MST) are left as they are.
    """
    text = typed.strip()
    return _ALIASES.get(text.casefold(), text)
