"""What somebody may type or send: right texts, nearly right ones, and hostile ones."""

from __future__ import annotations

import random

from bot.alerts.topics import TOPICS
from bot.commands.server.setup import zones
from signals.catalogue import SIGNALS

RIGHT = (
    *SIGNALS, *(signal.label for signal in SIGNALS.values()), *(topic.key for topic in TOPICS), *zones()[:40],
    "all", "above", "below", "crosses", "outside", "value", "change_1d", "change_5d", "z_1y", "percentile_1y", "close", "live",
    "every", "once", "90", "0.5", "-3", "1.5%", "17:00", "9:30", "1730", "1", "2", "#3", "XLK", "SPY", "AAPL", "^IXIC", "RSP-SPY",
    "6 months", "1 month", "5 years", "breadth", "rates", "overview", "signals", "alerts", "t1", "a1", "a2",
)  # fmt: skip

HOSTILE = (
    "", " ", "\t", "\n", "\x00", "\x1b[2J", "\ud800", "\udfff\ud800", "\u202e", "\u200b", "\ufdd0", "\ufdd1", "\ufdd0x",
    "🚀", "👨‍👩‍👧",
    "nan", "inf", "-inf", "1e309", "1e-400", "-0", "٣", "９０", "½", "1,5", "1.000,5", "0x10", "1_000",
    "99999999999999999999", "-1",
    "<@1>", "<@&1>", "<#1>", "@everyone", "@here", "**b**", "`c`", "```", "[a](https://b.example)", "~", "~~~", ":", "rb:ok~",
    "|",
    "'; DROP TABLE alert; --", '"', "%s%n", "{0}", "{}", "$(id)", "../../etc/passwd", "\\", "a" * 100, "a" * 101, "a" * 6000,
    "[" * 100, "9" * 100, "9" * 6000, " " * 6000, "é" * 99, "🚀" * 60, "None", "True", "null", "24:00", "25:61", "-1:00", "EST",
)  # fmt: skip


CONDITIONS = (
    "above 90", "5-day change above 3", "1-day change < -0.5", "1-year percentile over 95", "z_1y>2", "> 90", ">=90", "under 5",
    "crosses 90", "crosses above 90", "outside 80 and 95", "outside 80-95", "outside 80, 95", "between 80 and 95", "new high 252",
    "new low of 21 sessions", "turns to bull", "turns", "turns to rotating out", "above", "outside",
)  # fmt: skip
DAYS = (
    "2025-12-31", "2026-01-12", "Dec 31", "31 Dec", "Jan 12, 2026", "31.12.2025", "12/31/2025", "01/02/2026", "yesterday",
    "today", "tomorrow", "Friday", "last fri", "2w", "3 days ago", "1y", "9999y", "Feb 29", "29.2.2023", "0001-01-01",
    "9999-12-31", "never",
)  # fmt: skip
HOURS = ("22:00-07:00", "23:59-00:00", "00:00-00:00", "10pm-7am", "off", "24:00-07:00")
SIGNALS_AND_OWN = (*SIGNALS, "mine.semis", "server.semis", "own.SMH/IGV", "own!x", "SMH/IGV")
FITTING = {
    "condition": CONDITIONS, "date": DAYS, "expires": DAYS, "until": (*DAYS, "tomorrow 9:30", "2h", "next week"),
    "signal": SIGNALS_AND_OWN, "id": SIGNALS_AND_OWN, "a": SIGNALS_AND_OWN, "b": SIGNALS_AND_OWN,
    "outcome": (*SIGNALS_AND_OWN, "RSP-SPY"),
    "expression": (
        "SMH/IGV", "ret(KRE, 21) - ret(SPY, 21)", "dc(RSP/SPY, 3)", "SMH//IGV", "SMH + IGV", "TLT", "NOPE", "z(TLT, 252)",
        "SMH+IGV+TLT+KRE+SPY+RSP+XLK+XLF+QQQ+IWM", "((((((((SMH))))))))", "SMH/0", "ret(SMH, 10000)",
    ),
    "name": ("semis", "Semis", "mine.semis", "server.semis", "x" * 24, "x" * 25, "_"),
    "quiet": HOURS, "hours": HOURS, "days": ("mon-fri", "sat, sun", "every day", "mon"), "after": ("back", "nothing", "remind 5"),
    "of": ("1, russell-streak", "1, 2", "1 2 3", "russell-streak, silver-90", "1, 1"), "alert": ("1", "2", "#3", "99"),
    "level": ("90", "$90", "9o", "1,500", "25 bp"), "upper": ("95", "80"), "fires": ("close, once", "live, every", "never"),
    "loudness": ("ping", "normal", "silent", "loud"), "zone": (*zones()[:9], "Europe/Berlin", "Pacific/Apia", "CET", "UTC+25"),
    "time": ("17:00", "5pm", "24:00"),
}  # fmt: skip
"""Texts for options and fields by their names."""


def fitting(name: str, chance: random.Random) -> str:
    """A text for an option or a field of that name, mostly of the kind that it asks for."""
    known = FITTING.get(name)
    if known is None or chance.random() < 0.3:
        return text(chance)
    drawn = chance.choice(known)
    return drawn if chance.random() < 0.8 else mutated(drawn, chance)


def text(chance: random.Random) -> str:
    """One text."""
    kind = chance.random()
    if kind < 0.45:
        return chance.choice(RIGHT)
    if kind < 0.75:
        return chance.choice(HOSTILE)
    if kind < 0.9:
        return mutated(chance.choice(RIGHT), chance)
    return "".join(chr(chance.choice((chance.randrange(32, 127), chance.randrange(0x110000)))) for _ in range(8))


def mutated(right: str, chance: random.Random) -> str:
    """A text with one to three slips: a sign lost, doubled, swapped, or another one put in."""
    signs = list(right)
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(len(signs) + 1)
        match chance.randrange(4):
            case 0:
                del signs[at : at + 1]
            case 1:
                signs[at:at] = signs[at : at + 1]
            case 2:
                signs[at : at + 2] = reversed(signs[at : at + 2])
            case _:
                signs[at:at] = chance.choice(HOSTILE)[:3]
    return "".join(signs)
