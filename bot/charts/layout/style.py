"""Colours and sizes of all charts, for Discord's dark theme and a phone of 360 points width.

The colours are those of Okabe and Ito ("Color universal design", 2008), which colour-blind people
can distinguish. No colour is the only sign of a meaning: a word, a place or a shape shows it too.
Sizes are pixels of a chart of 800 pixels width, about twice those on a phone.
"""

from __future__ import annotations

WIDTH = 800
BACKGROUND = "#2b2d31"
PLOT = "#313338"
GRID = "#43464d"
ZERO = "#80848e"
FOREGROUND = "#f2f3f5"
MUTED = "#b5bac1"

SKY = "#56b4e9"
ORANGE = "#e69f00"
GREEN = "#2fbf93"
PINK = "#d88cb4"
SERIES = (SKY, ORANGE, GREEN, PINK)
"""Colours of the lines of one plot, in order; each line has its name in the legend."""

UP, DOWN = SKY, ORANGE
"""Above and below zero; for the scenario: towards recovery or broadening, and away from it."""

TITLE = 31
LEAD = 25
TEXT = 22
SMALL = 20

MARGIN = 24
GAP = 10

COLOURS = 96
"""Colours of a PNG: enough for smooth edges, at a third of the bytes."""
