"""First day of the demonstration, chosen so that alerts fire soon and many within six weeks."""

from __future__ import annotations

from datetime import date

DEMO_START = date(2026, 1, 2)
"""With the default seed: a wash-out in the first days of January, then small companies, equal
weight and silver lead.

The first alert comes on the first session after this one, and seven topics fire within 30 sessions.
"""
