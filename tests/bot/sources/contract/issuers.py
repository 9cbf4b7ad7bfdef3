"""State Street, iShares and Invesco."""

from __future__ import annotations

from datetime import date

from bot.sources.base import Want
from tests.bot.sources.contract.adapter import Adapter
from tests.bot.sources.issuers import test_issuers
from tests.bot.sources.stub import Reply, as_json


def _issuer(case: test_issuers.Case, nothing: Reply, **says: str) -> Adapter:
    return Adapter(
        case.make.__name__,
        lambda bench: case.make(bench.http, calendar=bench.calendar),
        Want(date(2003, 1, 1), date(2026, 9, 21), tickers=(case.ticker,), records=("funds",)),
        test_issuers.NOW,
        case.place,
        case.good,
        nothing,
        case.changed,
        {"changed": f"'{case.field}'", **says},
    )


ISSUERS = (
    _issuer(test_issuers.CASES[0], test_issuers.navhist(), cut="cannot be read", empty="no line with"),
    _issuer(test_issuers.CASES[1], test_issuers.workbook(), cut="cannot be read", empty="no line with"),
    _issuer(test_issuers.CASES[2], as_json({}), cut="not JSON", empty="no price of QQQ"),
)
