"""Identity, staleness and bands, each for itself."""

from __future__ import annotations

import pytest

from bot.domain.fetched import Identity
from bot.ingest.plausibility import bands, staleness
from bot.ingest.plausibility.identity import mistaken
from signals import catalogue
from signals.core.instruments import REFERENCE_TICKERS, InstrumentKind, instrument, own_instrument

NAN = float("nan")


@pytest.mark.parametrize(
    "given",
    [
        Identity(),
        Identity("QQQ", "USD", "America/New_York", "ETF"),
        Identity("QQQ", None, "America/New_York"),
    ],
)
def test_what_fits_or_is_not_said_is_not_held_against_a_source(given: Identity) -> None:
    assert mistaken(instrument("QQQ"), given) is None


@pytest.mark.parametrize(
    ("ticker", "given", "word"),
    [
        ("SPY", Identity("QQQ"), "symbol QQQ instead of SPY"),
        ("SPY", Identity(currency="EUR"), "currency EUR instead of USD"),
        ("^RUT", Identity(zone="Asia/Tokyo"), "time zone Asia/Tokyo instead of America/New_York"),
        ("GC=F", Identity(kind="EQUITY"), "kind of instrument EQUITY instead of FUTURE"),
        ("NVDA", Identity(kind="ETF"), "kind of instrument ETF instead of EQUITY"),
    ],
)
def test_what_does_not_fit_is_named(ticker: str, given: Identity, word: str) -> None:
    assert word in (mistaken(instrument(ticker), given) or "")


def test_what_a_source_says_of_itself_is_no_markup() -> None:
    reason = mistaken(instrument("SPY"), Identity("[Verify](https://x)\x1b[31m" + "A" * 200))
    assert reason == f"the answer for SPY gives the symbol {'Verifyhttps//x31m' + 'A' * 23} instead of SPY"


def test_every_ticker_of_the_catalogue_has_its_kind() -> None:
    kinds = {ticker: instrument(ticker).kind for ticker in (*catalogue.tickers(), *REFERENCE_TICKERS)}
    equities = {ticker for ticker, kind in kinds.items() if kind is InstrumentKind.EQUITY}
    assert equities == {"AAPL", "MSFT", "GOOGL", "AMZN", "META", "NVDA", "TSLA"}
    assert {ticker for ticker, kind in kinds.items() if kind is InstrumentKind.FUTURE} == {"GC=F", "SI=F", "CL=F"}
    assert all(ticker.startswith("^") for ticker, kind in kinds.items() if kind is InstrumentKind.INDEX)
    assert instrument("ZQZ25.CBT").kind is InstrumentKind.FUTURE
    assert instrument("BRK-B").kind is InstrumentKind.EQUITY


def test_twins_are_twins_of_each_other() -> None:
    for ticker in (*catalogue.tickers(), *REFERENCE_TICKERS):
        for twin in instrument(ticker).twins:
            assert ticker in instrument(twin).twins


def test_more_than_a_fifth_of_unchanged_tickers_is_no_answer() -> None:
    def answer(same: int, others: int) -> dict[str, bool]:
        return {f"T{at}": at < same for at in range(same + others)}

    assert staleness.is_no_answer(answer(6, 19), ())
    assert not staleness.is_no_answer(answer(5, 20), ())
    assert not staleness.is_no_answer(answer(6, 24), ())
    # Five of five are few enough for chance, unless they are doubted for it already.
    assert not staleness.is_no_answer(answer(5, 0), ())
    assert staleness.is_no_answer(answer(1, 0), {"T0"})
    assert not staleness.is_no_answer({}, {"T0"})


def test_liquid_is_what_trades_to_the_close_and_is_a_year_old() -> None:
    assert staleness.moves_every_session(instrument("SPY"), 252)
    assert not staleness.moves_every_session(instrument("XLRE"), 251)
    assert not staleness.moves_every_session(instrument("QQQE"), 252)
    assert not staleness.moves_every_session(instrument("NVDA"), 252)
    assert staleness.is_unchanged_to_the_cent(680.001, 680.004)
    assert not staleness.is_unchanged_to_the_cent(680.0, 680.01)
    assert staleness.is_unchanged(3.17, 3.1700001)


@pytest.mark.parametrize(
    ("name", "value", "believed"),
    [
        ("VIX", 9.14, True),
        ("VIX", 82.69, True),
        ("VIX", 1.0, False),
        ("VIX", 1599.0, False),
        ("SKEW", 183.12, True),
        ("SKEW", 14.0, False),
        ("CBOE_EQUITY_PC", 0.0, False),
        ("CBOE_EQUITY_PC", 2.4, True),
        ("DFII10", -1.19, True),
        ("DGS10", 45.0, False),
        ("DFF", 5.41, True),
        ("PAYEMS", 158548.0, True),
    ],
)
def test_series_have_bands(name: str, value: float, believed: bool) -> None:
    assert (bands.of_value(name, value) is None) is believed


@pytest.mark.parametrize(
    ("names", "low", "high"),
    [
        (("VIX", "VIX3M", "VIX9D", "VXN"), 5.0, 150.0),
        (("SKEW",), 90.0, 200.0),
        (("CBOE_EQUITY_PC", "CBOE_INDEX_PC", "CBOE_TOTAL_PC"), 0.2, 5.0),
        (("DGS2", "DGS10", "DFII10", "T10YIE", "DFF", "DFEDTARL", "DFEDTARU"), -2.0, 20.0),
    ],
)
def test_every_series_with_a_band_is_believed_up_to_both_ends_of_it(
    names: tuple[str, ...], low: float, high: float
) -> None:
    for name in names:
        believed = [bands.of_value(name, value) is None for value in (low - 0.01, low, high, high + 0.01)]
        assert believed == [False, True, True, False], name


@pytest.mark.parametrize(
    ("nav", "shares", "believed"),
    [
        (101.0, 1.02e6, True),
        (101.0, 2.9e6, True),
        (101.0, 3.0e6, False),
        (101.0, 0.3e6, False),
        (81.0, 1.0e6, True),
        (79.0, 1.0e6, False),
        (50.0, 2.0e6, True),
        (50.0, 2.2e6, False),
        (200.0, 0.5e6, True),
        (101.0, NAN, True),
        (79.0, NAN, False),
        (0.0, 1.0e6, False),
    ],
)
def test_a_fund_follows_from_its_day_before(nav: float, shares: float, believed: bool) -> None:
    assert (bands.of_fund(nav, shares, 100.0, 1.0e6) is None) is believed


def test_a_chain_has_volatilities_and_contracts_that_can_be() -> None:
    good = {"iv_atm": 18.2, "skew_25d": 5.5, "put_volume": 1e6, "call_volume": 0.0, "put_open_interest": None}
    assert bands.of_chain(good) is None
    assert bands.of_chain({**good, "iv_atm": 0.18}) == ("iv_atm", 0.18, "iv_atm at 0.18 is outside 1 to 400")
    assert bands.of_chain({**good, "call_open_interest": -1.0}) is not None
    assert bands.of_chain({**good, "skew_25d": NAN}) is None


@pytest.mark.parametrize(
    ("ticker", "given"),
    [
        ("TLT", Identity("TLT", "USD", "America/New_York", "ETF")),
        ("BTC-USD", Identity("BTC-USD", "USD", "UTC", "CRYPTOCURRENCY")),
        ("7203.T", Identity("7203.T", "JPY", "Asia/Tokyo", "EQUITY")),
        ("^N225", Identity("^N225", "JPY", "Asia/Tokyo", "INDEX")),
    ],
)
def test_a_ticker_that_somebody_has_chosen_may_be_anything_that_trades_anywhere(ticker: str, given: Identity) -> None:
    assert mistaken(own_instrument(ticker), given) is None
    assert mistaken(own_instrument(ticker), Identity("OTHER")) is not None
