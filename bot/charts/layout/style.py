"""Style: the colours and sizes of every picture, made for Discord's dark theme and a phone of 360 points width.

Colours are those of Okabe and Ito ("Color universal design", 2008), which the colour-blind tell apart; none means something by
itself, a word, a place or a shape says it too. Sizes are pixels of a picture of 800, about twice those on a phone.
"""

from __future__ import annotations

WIDTH = 800
BACK = "#2b2d31"
PLOT = "#313338"
GRID = "#43464d"
ZERO = "#80848e"
INK = "#f2f3f5"
MUTED = "#b5bac1"

SKY = "#56b4e9"
ORANGE = "#e69f00"
GREEN = "#2fbf93"
PINK = "#d88cb4"
SERIES = (SKY, ORANGE, GREEN, PINK)
"""Lines of one plot, in order; each is named at its end or above."""

UP, DOWN = SKY, ORANGE
"""Above and below zero; for the scenario: towards recovery or broadening, and away from it."""

TITLE = 31
LEAD = 25
TEXT = 22
SMALL = 20

MARGIN = 24
GAP = 10

COLOURS = 96
"""A picture keeps so many: enough for smooth edges, a third of the bytes."""
