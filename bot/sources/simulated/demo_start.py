"""First day of the demonstration, chosen so that its first two minutes show what the bot is for."""

from __future__ import annotations

from datetime import date

DEMO_START = date(2026, 1, 29)
"""With the default seed: the Russell streak on the first session after this one, and on the third the
rotation clock turns out of big tech."""
