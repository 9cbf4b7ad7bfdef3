"""Claims judged over an archive: as known after the session, public ones and those of people."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bot.archive.location import ArchiveLocation
from bot.claims.judge import judge, signals_of_claims
from bot.database.claims import OwnClaim
from bot.domain.fetched import Fetched
from bot.domain.model import AlertSpec, Condition
from bot.errors import UserError
from signals import catalogue
from signals.claims import CLAIMS, Verdict
from signals.core.model import Measure
from tests.helpers import utc

FIRST, LAST = date(2025, 12, 1), date(2026, 1, 16)
SPREAD = "weighting.rsp_spy.spread_1d"


@pytest.fixture
def location(tmp_path: Path) -> ArchiveLocation:
    """Prices of six weeks: on every fourth session RSP leads SPY by a point, and the Nasdaq rises the day after."""
    found = ArchiveLocation(tmp_path / "market.db", date(2025, 11, 1), date(2026, 3, 1))
    days = pd.DatetimeIndex(found.calendar.between(FIRST, LAST))
    places = np.arange(len(days))
    lead = places % 4 == 2
    steps = {
        "RSP": np.where(lead, 0.011, 0.0),
        "SPY": np.zeros(len(days)),
        "^IXIC": np.where(places % 4 == 3, 0.01, -0.002),
        "XLP": np.full(len(days), 0.01),
    }
    closes = {name: 100 * np.cumprod(1 + step) for name, step in steps.items()}
    bars = {name: pd.DataFrame({"close": line, "adj_close": line}, index=days) for name, line in closes.items()}
    with found.open() as archive:
        archive.store(Fetched("yahoo", utc("2026-01-16T21:30"), bars=bars), found.calendar, live=False)
    return found


def own(share: float, *, signal: str = SPREAD, outcome: str = "^IXIC", number: int = 1) -> OwnClaim:
    spec = AlertSpec(signal, Measure.VALUE, Condition.ABOVE, 0.9)
    return OwnClaim("Such days are good for the Nasdaq", "a friend", spec, outcome, 1, share, id=number)


def test_public_claims_are_judged_as_known_after_the_session(location: ArchiveLocation) -> None:
    answer = judge(location, date(2026, 1, 10), ())
    assert answer.session == date(2026, 1, 9)
    assert answer.judgments.keys() == {claim.id for claim in CLAIMS}
    staples = answer.judgments["staples-week"]
    assert (staples.verdict, round(staples.figures[0].value, 2)) == (Verdict.TRUE, 5.10)
    assert answer.judgments["sp500-2025"].reason == "^GSPC has no close"
    later = judge(location, LAST, ())
    before, after = (found.judgments["nasdaq-70"].share for found in (answer, later))
    assert before is not None
    assert after is not None
    # Leads on Dec 3, 9, 15, 19, 26, Jan 2 and 8, each followed by a rise; that of Jan 14 is only known later.
    assert ((before.hits, before.n), (after.hits, after.n)) == ((7, 7), (8, 8))


def test_a_claim_of_a_person_is_judged_by_the_study_that_it_maps_to(location: ArchiveLocation) -> None:
    answer = judge(location, LAST, (own(0.9), own(0.5, number=2), own(0.9, outcome="NOPE", number=3)))
    assert [judgment.verdict for judgment in answer.judgments.values()] == [
        Verdict.TRUE,
        Verdict.NOT_SUPPORTED,
        Verdict.UNKNOWN,
    ]
    assert answer.judgments["3"].reason.startswith("No prices for “NOPE”.")
    gone = judge(location, LAST, (own(0.9, signal="no.such.signal"),)).judgments["1"]
    assert (gone.verdict, gone.reason) == (Verdict.UNKNOWN, "its signal does not exist any more")


def test_a_claim_on_an_own_signal_is_judged_like_that_on_the_built_in_one(location: ArchiveLocation) -> None:
    same = judge(location, LAST, (own(0.9), own(0.9, signal="own.ret(RSP, 1) - ret(SPY, 1)", number=2))).judgments
    assert same["1"].share is not None
    assert same["1"].share == same["2"].share


def test_nothing_is_judged_of_an_empty_archive(tmp_path: Path) -> None:
    location = ArchiveLocation(tmp_path / "market.db", date(2025, 11, 1), date(2026, 3, 1))
    with pytest.raises(UserError, match="no prices yet"):
        judge(location, LAST, ())


def test_every_signal_that_claims_read_is_in_the_catalogue_and_every_ticker_is_fetched() -> None:
    assert signals_of_claims() <= catalogue.SIGNALS.keys()
    assert {ticker for claim in CLAIMS for ticker in claim.tickers} <= set(catalogue.tickers())
