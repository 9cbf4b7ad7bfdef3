"""Colours and sizes of all charts: one landscape page, and one scale of type that is legible where Discord shows it.

Discord shows the picture of a message in at most 400 by 300 pixels on a desktop and about 360 wide on a phone, so every
picture has the proportions 4:3, and a pixel of a message is three of the page. What is measured is the height of digits and
capitals, which is `DIGIT_HEIGHT` of the font size: in the smallest type it is 9.2 pixels at 400 and 8.3 at 360.

The colours are those of Okabe and Ito ("Color universal design", 2008), which colour-blind people
can distinguish. No colour is the only sign of a meaning: a word, a place or a shape shows it too.
"""

from __future__ import annotations

WIDTH, HEIGHT = 1200, 900
"""Pixels of every page."""
SHOWN_WIDTH = 400
"""Pixels of its width in a message on a desktop."""
LEAST_DIGIT = 9.0
"""Least height of digits and capitals, in pixels of the picture as it is shown."""
DIGIT_HEIGHT = 0.729
"""Height of digits and capitals of DejaVu Sans as a share of the font size."""

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

FIGURE = 92
"""The newest value where a picture is about one."""
TITLE = 50
LEAD = 42
TEXT = 38
"""The smallest type: axes, legends, notes."""

TITLE_WORDS = 5
"""Most words of a title; the name of a signal may have more."""

LINE = 1.3
"""Height of a line of text as a multiple of the font size."""

MARGIN = 36
CURVE = 5.0
THIN_CURVE = 3.2
"""Widths of curves; the thin one for more sessions than `MANY_SESSIONS`."""
MANY_SESSIONS = 520

COLOURS = 96
"""Colours of a PNG: enough for smooth edges, at a third of the bytes."""
