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
