"""A 13F amendment marked RESTATEMENT holds only the one line that it corrects (toddwschneider/sec-13f-filings#24)."""

from __future__ import annotations

from datetime import UTC, date, datetime

from bot.sources.edgar.form13f.information_table import Cover, Position, Report, holdings

QUARTER = date(2025, 9, 30)
TICKERS = {
    f"{number:09d}": ticker
    for number, ticker in enumerate(("AAPL", "MSFT", "NVDA", "GOOGL", "AMZN", "META", "TSLA", "AVGO"))
}


def test_lines_that_are_not_restated_are_not_taken_for_sales() -> None:
    positions = {cusip: Position(100_000.0, 2e7) for cusip in TICKERS}
    report = Report(Cover("Somebody", QUARTER, "13F HOLDINGS REPORT", ""), date(2025, 11, 14), positions)
    cover = Cover("Somebody", QUARTER, "13F HOLDINGS REPORT", "RESTATEMENT")
    amendment = Report(cover, date(2025, 11, 20), {"000000001": Position(110_000.0, 2.2e7)})
    in_order = [
        (report, datetime(2025, 11, 14, 22, tzinfo=UTC)),
        (amendment, datetime(2025, 11, 20, 22, tzinfo=UTC)),
    ]
    rows = holdings(in_order, "Somebody", TICKERS)
    assert [row["ticker"] for row in rows if row["shares"] == 0] == []
