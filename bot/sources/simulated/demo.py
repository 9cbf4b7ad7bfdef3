"""Where the demonstration begins, so that something happens soon and much within six weeks."""

from __future__ import annotations

from datetime import date

DEMO_START = date(2025, 7, 30)
"""With the default seed: from the session after this one a sell-off ends a year of leadership, and small companies take over.

Eight topics fire within 30 sessions, the first four of them on the first session after this one.
"""
