"""Every kind of picture with short, long, gappy and constant data: no words touch or leave the canvas, nothing is empty."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.charts.inputs import ChartInputs
from bot.charts.layout import style
from bot.charts.layout.labels import ALT_LIMIT
from bot.charts.layout.page import Page
from bot.charts.render import draw, lay_out
from bot.domain.chart_request import ChartKind, ChartRequest
from signals import catalogue
from signals.core.model import Measure
from signals.families.sectors import SECTORS
from tests.bot.charts import looking
from tests.bot.charts.looking import SHORT, each, faults, gappy, inputs, scaled, spiked

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
    assert (image.format, image.size) == ("PNG", (1200, 900))
    assert len(picture.content) <= 150_000
    assert picture.name == chart_request.file
    assert "2025" in picture.alt
    assert len(picture.alt) <= ALT_LIMIT
    assert len(set(image.convert("L").tobytes())) > 10


@EVERY
@pytest.mark.parametrize("shape", ["five years", "20 sessions", "one session", "gappy", "spike", "constant"])
def test_no_words_touch_or_leave_the_picture(chart_request: ChartRequest, shape: str) -> None:
    match shape:
        case "five years":
            drawn = lay_out(replace(chart_request, span=1260), inputs(chart_request, 1300))
        case "20 sessions":
            drawn = lay_out(replace(chart_request, span=20), inputs(chart_request, 300))
        case "one session":
            drawn = lay_out(chart_request, inputs(chart_request, 1))
        case "spike":
            drawn = lay_out(chart_request, spiked(inputs(chart_request)))
        case "gappy":
            drawn = lay_out(chart_request, gappy(inputs(chart_request)))
        case _:
            drawn = lay_out(chart_request, each(inputs(chart_request), 7.0))
    if drawn is None:
        assert shape in ("gappy", "constant", "one session")
        return
    assert faults(drawn.page) == []
    assert 0 < len(drawn.alt) <= ALT_LIMIT


@EVERY
def test_a_picture_has_a_short_title_and_at_most_two_panels(chart_request: ChartRequest) -> None:
    drawn = lay_out(chart_request, inputs(chart_request))
    assert drawn is not None
    title = drawn.page.figure.texts[0].get_text()
    if chart_request.kind is not ChartKind.SIGNAL:
        assert len(title.split()) <= style.TITLE_WORDS
    assert 1 <= len(drawn.page.figure.axes) <= 2


@EVERY
def test_no_sector_is_called_by_its_ticker(chart_request: ChartRequest) -> None:
    drawn = lay_out(chart_request, inputs(chart_request))
    assert drawn is not None
    words = " ".join([drawn.alt, *(text.get_text() for text in drawn.page.figure.texts)])
    assert not set(re.findall(r"\w+", words)) & set(SECTORS)


@EVERY
def test_numbers_below_zero_have_a_real_minus(chart_request: ChartRequest) -> None:
    drawn = lay_out(replace(chart_request, above=None, below=-3.0), scaled(inputs(chart_request), -1.0))
    assert drawn is not None
    texts = [text.get_text() for text in drawn.page.figure.texts]
    assert not [text for text in texts if re.search(r"(^|[ (])-[$\d]", text)]


@EVERY
@pytest.mark.parametrize("rows", [0, 1, 4])
def test_too_little_gives_no_picture(chart_request: ChartRequest, rows: int) -> None:
    drawn_from = inputs(chart_request, max(rows, 1))
    # The returns of sectors and the legs of yardsticks are whole on a single session already.
    if chart_request.kind not in (ChartKind.SECTORS, ChartKind.DASHBOARD) or rows == 0:
        assert lay_out(chart_request, ChartInputs(drawn_from.values.iloc[:rows], drawn_from.closes.iloc[:rows])) is None


@EVERY
def test_nothing_known_gives_no_picture(chart_request: ChartRequest) -> None:
    drawn_from = inputs(chart_request, 300)
    assert lay_out(chart_request, each(drawn_from, NONE, NONE)) is None
    assert lay_out(chart_request, ChartInputs(drawn_from.values[[]], drawn_from.closes[[]])) is None


@EVERY
def test_rows_after_the_session_change_nothing(chart_request: ChartRequest) -> None:
    drawn_from, earlier = inputs(chart_request, 500), replace(chart_request, session=date(2025, 9, 30))
    until = pd.Timestamp(earlier.session)
    cut = ChartInputs(drawn_from.values.loc[:until], drawn_from.closes.loc[:until])
    one, other = lay_out(earlier, drawn_from), lay_out(earlier, cut)
    assert one is not None
    assert other is not None
    assert one.alt == other.alt
    assert [text.get_text() for text in one.page.figure.texts] == [text.get_text() for text in other.page.figure.texts]


@pytest.mark.parametrize("factor", [1e12, 1e-9, -1.0], ids=["huge", "tiny", "negative"])
@EVERY
def test_magnitudes_have_room(chart_request: ChartRequest, factor: float) -> None:
    drawn = lay_out(chart_request, scaled(inputs(chart_request, 300), factor))
    if drawn is None:
        assert chart_request.kind is ChartKind.OUTCOME
        return
    assert faults(drawn.page) == []


def long_names() -> Iterator[ChartRequest]:
    """Signals whose names are the longest of their kind of value, alone, compared, and followed by an outcome."""
    signals = sorted(catalogue.SIGNALS.values(), key=lambda signal: -len(signal.label))
    longest = [next(signal for signal in signals if signal.named is named) for named in (False, True)]
    longest += {signal.unit: signal for signal in reversed(signals)}.values()
    for signal in dict.fromkeys(signal.id for signal in longest):
        yield ChartRequest(ChartKind.SIGNAL, DAY, (signal,), above=-1234.5, below=-2345.5)
    yield ChartRequest(ChartKind.SIGNAL, DAY, (longest[0].id,), Measure.Z_1Y, above=-1234.5, below=-2345.5)
    yield ChartRequest(ChartKind.COMPARE, DAY, (signals[0].id, signals[1].id))
    yield ChartRequest(ChartKind.COMPARE, DAY, (signals[0].id, "RSP"))
    yield ChartRequest(ChartKind.OUTCOME, DAY, (signals[0].id, "RSP-SPY"), Measure.PERCENTILE_1Y, above=50.0)


@pytest.mark.parametrize("span", [20, pytest.param(260, marks=pytest.mark.thorough)])
def test_long_names_long_units_and_named_states_have_room(span: int) -> None:
    wrong = {}
    for chart_request in long_names():
        drawn = lay_out(replace(chart_request, span=span), inputs(chart_request, 330))
        if drawn is not None and (found := faults(drawn.page)):
            wrong["-".join((*chart_request.names, chart_request.measure))] = found
    assert wrong == {}


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
    drawn_from = looking.inputs(ChartRequest(ChartKind.OUTCOME, DAY, (BREADTH, "^IXIC")), 300)
    assert lay_out(chart_request, drawn_from) is None


def test_a_day_that_is_not_there_has_no_dashboard() -> None:
    chart_request = ChartRequest(ChartKind.DASHBOARD, date(2025, 12, 28))
    assert lay_out(chart_request, inputs(chart_request, 300)) is None


def test_twenty_sessions_alone_are_enough_for_a_signal() -> None:
    chart_request = REQUESTS[0]
    drawn = lay_out(chart_request, inputs(chart_request, SHORT))
    assert drawn is not None
    assert faults(drawn.page) == []


@settings(max_examples=25)
@given(
    st.lists(
        st.floats(-1e13, 1e13) | st.floats(-10, 10) | st.just(NONE) | st.just(float("inf")), min_size=5, max_size=40
    ),
    st.sampled_from(("options.vix", "flows.tech_4w_usd", STREAK, "rotation.state")),
    st.none() | st.floats(-1e7, 1e7),
)
def test_a_signal_of_any_values_has_room(values: list[float], name: str, level: float | None) -> None:
    frame = pd.DataFrame({name: values}, index=looking.sessions(len(values)))
    chart_request = ChartRequest(ChartKind.SIGNAL, DAY, (name,), above=level)
    drawn = lay_out(chart_request, ChartInputs(frame, pd.DataFrame(index=frame.index)))
    assert drawn is None or faults(drawn.page) == []


def test_touching_words_small_words_and_words_outside_would_be_found() -> None:
    page = Page()
    page.text(100, 100, "one word")
    page.text(150, 110, "another")
    page.text(1150, 50, "too far right")
    page.text(100, 300, "a small one", size=36)
    page.text(100, 500, "left")
    page.text(100 + page.text_width("left") + 4, 500, "right")
    found = faults(page)
    assert [fault.partition(" by ")[0] for fault in found] == [
        "'too far right' leaves the picture",
        # 36 px of 1,200 are 12 of 400, and a digit is 0.729 of that.
        "'a small one' is 8.7 px high as it is shown",
        "'one word' touches 'another'",
        "'left' runs into 'right'",
    ]
