"""Where the demonstration begins, so that something happens soon and much within six weeks."""

from __future__ import annotations

from datetime import date

DEMO_START = date(2026, 1, 2)
"""With the default seed: the year begins with a sell-off of the giants, and by the end of January small companies lead.

Seven topics fire within 30 sessions, the first two of them on the second session after this one.
"""
