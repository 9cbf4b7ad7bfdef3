"""Every kind of picture with short, long, gappy and constant data: no words touch or leave the canvas, nothing is empty."""

from __future__ import annotations

import io
import warnings
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from PIL import Image

from bot.charts.inputs import ChartInputs
from bot.charts.layout import style
from bot.charts.layout.labels import ALT_LIMIT
from bot.charts.layout.page import Page
from bot.charts.render import draw, lay_out
from bot.domain.chart_request import ChartKind, ChartRequest
from tests.bot.charts import looking
from tests.bot.charts.looking import SHORT, each, faults, gappy, inputs, scaled

DAY = date(2025, 12, 31)
BREADTH, STREAK = "breadth.sp500.above_50dma", "size.russell_sp500.streak"
REQUESTS = [
    ChartRequest(ChartKind.SIGNAL, DAY, (BREADTH,), above=3),
    ChartRequest(ChartKind.SIGNAL, DAY, (STREAK,), above=7, below=-7),
    ChartRequest(ChartKind.OUTCOME, DAY, (BREADTH, "RSP-SPY"), above=3),
    ChartRequest(ChartKind.COMPARE, DAY, ("RSP", "SPY")),
    ChartRequest(ChartKind.COMPARE, DAY, (BREADTH, "flows.equal_weight_4w_usd")),
    *(
        ChartRequest(kind, DAY)
        for kind in ChartKind
        if kind not in (ChartKind.SIGNAL, ChartKind.OUTCOME, ChartKind.COMPARE)
    ),
]
EVERY = pytest.mark.parametrize(
    "chart_request", REQUESTS, ids=lambda chart_request: "-".join((chart_request.kind, *chart_request.names))
)
NONE = float("nan")


@pytest.fixture(autouse=True)
def no_warning_of_numpy_or_matplotlib() -> None:
    """A missing glyph, an empty slice or an overflow is a fault of the picture."""
    warnings.simplefilter("error")


@EVERY
def test_a_picture_is_a_small_png_of_its_size_with_words(chart_request: ChartRequest) -> None:
    picture = draw(chart_request, inputs(chart_request))
    assert picture is not None
    image = Image.open(io.BytesIO(picture.content))
    image.load()
    assert (image.format, image.width) == ("PNG", style.WIDTH)
    assert 500 <= image.height <= 1300
    assert len(picture.content) <= 150_000
    assert picture.name == chart_request.file
    assert "2025" in picture.alt
    assert len(picture.alt) <= ALT_LIMIT
    assert len(set(image.convert("L").tobytes())) > 10


@EVERY
@pytest.mark.parametrize("shape", ["five years", "20 sessions", "gappy", "constant"])
def test_no_words_touch_or_leave_the_picture(chart_request: ChartRequest, shape: str) -> None:
    match shape:
        case "five years":
            drawn = lay_out(replace(chart_request, span=1260), inputs(chart_request, 1300))
        case "20 sessions":
            drawn = lay_out(replace(chart_request, span=20), inputs(chart_request, 300))
        case "gappy":
            drawn = lay_out(chart_request, gappy(inputs(chart_request)))
        case _:
            drawn = lay_out(chart_request, each(inputs(chart_request), 7.0))
    if drawn is None:
        assert shape in ("gappy", "constant")
        return
    assert faults(drawn.page) == []
    assert 0 < len(drawn.alt) <= ALT_LIMIT


@EVERY
@pytest.mark.parametrize("rows", [0, 1, 4])
def test_too_little_gives_no_picture(chart_request: ChartRequest, rows: int) -> None:
    given = inputs(chart_request, max(rows, 1))
    # The returns of sectors and the legs of yardsticks are whole on a single session already.
    if chart_request.kind not in (ChartKind.SECTORS, ChartKind.DASHBOARD) or rows == 0:
        assert lay_out(chart_request, ChartInputs(given.values.iloc[:rows], given.closes.iloc[:rows])) is None


@EVERY
def test_nothing_known_gives_no_picture(chart_request: ChartRequest) -> None:
    given = inputs(chart_request, 300)
    assert lay_out(chart_request, each(given, NONE, NONE)) is None
    assert lay_out(chart_request, ChartInputs(given.values[[]], given.closes[[]])) is None


@EVERY
def test_rows_after_the_session_change_nothing(chart_request: ChartRequest) -> None:
    given, earlier = inputs(chart_request, 500), replace(chart_request, session=date(2025, 9, 30))
    until = pd.Timestamp(earlier.session)
    cut = ChartInputs(given.values.loc[:until], given.closes.loc[:until])
    one, other = lay_out(earlier, given), lay_out(earlier, cut)
    assert one is not None
    assert other is not None
    assert one.alt == other.alt
    assert [text.get_text() for text in one.page.figure.texts] == [text.get_text() for text in other.page.figure.texts]


@pytest.mark.parametrize("factor", [1e12, 1e-9, -1.0], ids=["huge", "tiny", "negative"])
@pytest.mark.parametrize("chart_request", [REQUESTS[0], REQUESTS[1], REQUESTS[4], ChartRequest(ChartKind.SECTORS, DAY)])
def test_magnitudes_have_room(chart_request: ChartRequest, factor: float) -> None:
    drawn = lay_out(chart_request, scaled(inputs(chart_request, 300), factor))
    assert drawn is not None
    assert faults(drawn.page) == []


@pytest.mark.parametrize("level", [1e6, -500.0, 0.947])
def test_a_level_far_off_is_told_by_an_arrow_and_squeezes_nothing(level: float) -> None:
    chart_request = ChartRequest(ChartKind.SIGNAL, DAY, (BREADTH,), above=level)
    drawn = lay_out(chart_request, scaled(inputs(chart_request, 300), 0.1))
    assert drawn is not None
    assert faults(drawn.page) == []
    arrows = [text.get_text() for text in drawn.page.figure.texts if text.get_text().endswith(("▲", "▼"))]
    near = [text for text in arrows if any(digit in text for digit in "0123456789")]
    assert bool(near) == (abs(level) > 100)


@pytest.mark.parametrize(
    "chart_request",
    [
        ChartRequest(ChartKind.SIGNAL, DAY, ("no.such",)),
        ChartRequest(ChartKind.SIGNAL, DAY),
        ChartRequest(ChartKind.OUTCOME, DAY, (BREADTH, "NONE-SUCH"), above=3),
        ChartRequest(ChartKind.OUTCOME, DAY, (BREADTH, "^IXIC")),
        ChartRequest(ChartKind.OUTCOME, DAY, (BREADTH, "^IXIC"), above=1e9),
        ChartRequest(ChartKind.COMPARE, DAY, ("SPY", "NONE")),
        ChartRequest(ChartKind.COMPARE, DAY, ("SPY",)),
    ],
)
def test_what_cannot_be_drawn_is_none(chart_request: ChartRequest) -> None:
    given = looking.inputs(ChartRequest(ChartKind.OUTCOME, DAY, (BREADTH, "^IXIC")), 300)
    assert lay_out(chart_request, given) is None


def test_a_day_that_is_not_there_has_no_dashboard() -> None:
    chart_request = ChartRequest(ChartKind.DASHBOARD, date(2025, 12, 28))
    assert lay_out(chart_request, inputs(chart_request, 300)) is None


def test_twenty_sessions_alone_are_enough_for_a_signal() -> None:
    chart_request = REQUESTS[0]
    drawn = lay_out(chart_request, inputs(chart_request, SHORT))
    assert drawn is not None
    assert faults(drawn.page) == []


def test_touching_words_and_words_outside_would_be_found() -> None:
    page = Page(200)
    page.text(100, 100, "one word")
    page.text(150, 105, "another")
    page.text(780, 50, "too far right")
    found = faults(page)
    assert [fault.partition(" by ")[0] for fault in found] == [
        "'too far right' leaves the picture",
        "'one word' touches 'another'",
    ]
