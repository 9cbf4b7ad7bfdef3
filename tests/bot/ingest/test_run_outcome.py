"""What one run asked and got: when it ends early, whom a source declines, and why a job is incomplete."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from bot.domain.fetched import Fetched, FetchRequest
from bot.domain.gap import Missing
from bot.domain.job import Job
from bot.ingest.gaps.gaps import Requested
from bot.ingest.gaps.inventory import ENOUGH, ENOUGH_PRICES, DayVerdict
from bot.ingest.run_outcome import Yield, names_of, reason_of
from tests.helpers import utc

NOON = utc("2026-01-13 21:30")
MONDAY, TUESDAY = date(2026, 1, 12), date(2026, 1, 13)
NAMES = tuple(f"T{place:02}" for place in range(12))
PRICES, RATES = Job("prices", "yahoo"), Job("rates", "fred")


def chunk(*tickers: str) -> FetchRequest:
    return FetchRequest(MONDAY, TUESDAY, tickers=tickers)


def bars(*days: date) -> pd.DataFrame:
    return pd.DataFrame({"close": 1.0, "adj_close": 1.0}, index=pd.DatetimeIndex(days))


def answer(given: dict[str, pd.DataFrame], **missing: str) -> Fetched:
    return Fetched("yahoo", NOON, bars=given, missing=missing)


@pytest.mark.parametrize(("there", "in_vain"), [(0, True), (5, True), (6, False), (12, False)])
def test_a_chunk_of_which_less_than_half_has_the_session_ends_the_run(there: int, in_vain: bool) -> None:
    came = Yield()
    given = {name: bars(MONDAY, TUESDAY) for name in NAMES[:there]} | {name: bars(MONDAY) for name in NAMES[there:]}
    came.add(chunk(*NAMES), answer(given), whole=True)
    assert came.in_vain(chunk(*NAMES), pd.Timestamp(TUESDAY)) is in_vain


def test_a_few_tickers_say_nothing_about_the_others() -> None:
    came = Yield()
    came.add(chunk(*NAMES[:9]), answer({}), whole=True)
    assert not came.in_vain(chunk(*NAMES[:9]), pd.Timestamp(TUESDAY))


def test_who_is_declined_among_many_that_are_given_is_declined() -> None:
    came = Yield()
    came.add(chunk("SPY", "OLD"), answer({"SPY": bars(MONDAY)}, OLD="may be delisted"), whole=True)
    assert came.requested() == Requested(
        frozenset({"SPY", "OLD"}), given=frozenset({"SPY"}), declined=frozenset({"OLD"})
    )


def test_a_source_that_declines_most_has_failed_and_declines_nobody() -> None:
    came = Yield()
    came.add(chunk("SPY", "QQQ", "IWM"), answer({"SPY": bars(MONDAY)}, QQQ="error", IWM="error"), whole=True)
    assert came.requested() == Requested(frozenset({"SPY", "QQQ", "IWM"}), given=frozenset({"SPY"}))


def test_a_source_that_stopped_half_way_has_answered_for_what_it_gave() -> None:
    came = Yield()
    came.add(chunk("SPY", "QQQ"), answer({"SPY": bars(MONDAY)}, QQQ="not asked"), whole=False)
    assert came.requested().names == {"SPY"}


def test_a_gap_is_filled_by_one_of_its_days_and_not_by_others() -> None:
    came = Yield()
    came.expect([Missing("prices", "SPY", MONDAY), Missing("prices", "SPY", TUESDAY), Missing("prices", "QQQ", MONDAY)])
    came.add(chunk("SPY", "QQQ", "IWM"), answer(dict.fromkeys(("SPY", "QQQ", "IWM"), bars(TUESDAY))), whole=True)
    assert came.filled == {"SPY"}


def test_a_figure_that_is_not_believed_has_not_come() -> None:
    came = Yield()
    came.expect([Missing("prices", "T00", MONDAY), Missing("prices", "T01", TUESDAY)])
    given = answer(dict.fromkeys(NAMES, bars(MONDAY, TUESDAY)))
    came.add(chunk(*NAMES), given, whole=True, withheld=dict.fromkeys(NAMES[1:8], frozenset({TUESDAY})))
    assert came.filled == {"T00"}
    # Of 12 tickers 5 have the session.
    assert came.in_vain(chunk(*NAMES), pd.Timestamp(TUESDAY))
    # The source answered for them all the same: none of them is declined.
    assert came.requested() == Requested(frozenset(NAMES), given=frozenset(NAMES))
    came.add(chunk(*NAMES), given, whole=True)
    assert came.filled == {"T00", "T01"}
    assert not came.in_vain(chunk(*NAMES), pd.Timestamp(TUESDAY))


@pytest.mark.parametrize(
    ("names", "job", "sentence"),
    [
        (
            ("SPY",),
            PRICES,
            "yahoo answered, but none of 606 tickers has a close of 2026-01-13 yet; 1 close is not believed",
        ),
        (
            ("SPY", "QQQ"),
            PRICES,
            "yahoo answered, but none of 606 tickers has a close of 2026-01-13 yet; 2 closes are not believed",
        ),
        (
            ("DGS2", "DGS10"),
            RATES,
            "fred answered, but none of 606 figures has a value of 2026-01-13 yet; 2 values are not believed",
        ),
    ],
)
def test_the_reason_counts_what_is_not_believed(names: tuple[str, ...], job: Job, sentence: str) -> None:
    withheld = dict.fromkeys(names, frozenset({TUESDAY})) | {"IWM": frozenset({MONDAY})}
    assert reason_of(job.source, job, DayVerdict(TUESDAY, 0, 606, ENOUGH), Yield(withheld=withheld)) == sentence


def test_gaps_of_records_have_the_name_of_their_dataset() -> None:
    assert names_of(chunk("SPY")) == {"SPY"}
    assert names_of(FetchRequest(MONDAY, TUESDAY, tickers=("QQQ",), records=("options",))) == {"options"}
    assert names_of(FetchRequest(MONDAY, TUESDAY, series=("DGS10",))) == {"DGS10"}


@pytest.mark.parametrize(
    ("job", "there", "refused", "sentence"),
    [
        (
            PRICES,
            0,
            {},
            "yahoo answered, but none of 606 tickers has a close of 2026-01-13 yet; "
            "it is late, or the exchange was closed on that day",
        ),
        (
            PRICES,
            0,
            {"A": "internal error", "B": "internal error", "C": "gone"},
            "yahoo answered, but none of 606 tickers has a close of 2026-01-13 yet (internal error)",
        ),
        (PRICES, 26, {}, "yahoo answered, but 580 of 606 tickers have no close of 2026-01-13 yet"),
        (RATES, 0, {}, "fred answered, but none of 606 figures has a value of 2026-01-13 yet"),
        (RATES, 26, {}, "fred answered, but 580 of 606 figures have no value of 2026-01-13 yet"),
    ],
)
def test_the_reason_counts_what_is_missing_and_says_what_the_source_says(
    job: Job, there: int, refused: dict[str, str], sentence: str
) -> None:
    enough = ENOUGH_PRICES if job is PRICES else ENOUGH
    verdict = DayVerdict(TUESDAY, there, 606, enough)
    assert reason_of(job.source, job, verdict, Yield(refused=refused)) == sentence
