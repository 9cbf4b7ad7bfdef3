"""Pacing, breaker, tickers and rows: the pure parts of the sources."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.fetched import HealthState
from bot.errors import SourceError
from bot.sources.http import circuit_breaker
from bot.sources.http.circuit_breaker import CircuitBreaker
from bot.sources.http.health import HealthRecord
from bot.sources.http.rate_limit import TokenBucket, retry_after_seconds
from bot.sources.parsing.series_frame import frame
from bot.sources.parsing.symbols import may_be_negative

NOW = datetime(2024, 3, 8, 17, tzinfo=UTC)


@given(
    gaps=st.lists(st.floats(0, 3), min_size=1, max_size=60),
    rate=st.floats(0.2, 10),
    burst=st.integers(1, 6),
)
def test_in_no_window_do_more_requests_go_out_than_the_bucket_holds(gaps: list[float], rate: float, burst: int) -> None:
    bucket, at, sent = TokenBucket(rate, burst), 0.0, []
    for gap in gaps:
        at += gap
        sent.append(at + bucket.take(at))

    assert sent == sorted(sent)
    for first in range(len(sent)):
        for last in range(first, len(sent)):
            allowed = burst + rate * (sent[last] - sent[first])
            assert last - first + 1 <= allowed + 1e-6


def test_an_idle_bucket_fills_up_to_its_burst_and_not_further() -> None:
    bucket = TokenBucket(1.0, 2)
    assert [bucket.take(0.0) for _ in range(3)] == [0.0, 0.0, 1.0]
    assert [bucket.take(1000.0) for _ in range(3)] == [0.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("120", 120.0),
        ("Fri, 08 Mar 2024 17:01:30 GMT", 90.0),
        ("Fri, 08 Mar 2024 16:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(header: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(header, NOW) == seconds


def test_rests_double_from_a_quarter_of_an_hour_to_six_hours() -> None:
    state, now, rests = CircuitBreaker(), NOW, []
    for _ in range(7):
        admitted = circuit_breaker.admit(state, now)
        assert admitted is not None
        state = circuit_breaker.refused(admitted, now)
        assert state.until is not None
        rests.append((state.until - now) / timedelta(minutes=1))
        now = state.until

    assert rests == [15, 30, 60, 120, 240, 360, 360]


def test_after_a_rest_one_request_goes_out_alone() -> None:
    state = circuit_breaker.refused(CircuitBreaker(), NOW)
    later = NOW + timedelta(minutes=15)

    probing = circuit_breaker.admit(state, later)

    assert circuit_breaker.admit(state, NOW + timedelta(minutes=14)) is None
    assert probing is not None
    assert circuit_breaker.admit(probing, later) is None
    assert circuit_breaker.admit(circuit_breaker.abandoned(probing), later) is not None
    assert circuit_breaker.succeeded(probing, later) == CircuitBreaker()


def test_refusals_of_requests_under_way_lengthen_nothing() -> None:
    once = circuit_breaker.refused(CircuitBreaker(), NOW)

    assert circuit_breaker.refused(once, NOW + timedelta(seconds=1)) == once
    assert circuit_breaker.succeeded(once, NOW + timedelta(seconds=1)) == once


def test_a_refusal_that_names_a_longer_rest_is_obeyed() -> None:
    assert circuit_breaker.refused(CircuitBreaker(), NOW, 7200.0).until == NOW + timedelta(hours=2)


@pytest.mark.parametrize("ahead", [timedelta(hours=2), timedelta(days=1), timedelta(days=366)])
def test_a_rest_that_a_wrong_clock_began_ends_when_the_clock_is_right(ahead: timedelta) -> None:
    refused = circuit_breaker.refused(CircuitBreaker(), NOW + ahead, 7200.0)
    failed = CircuitBreaker()
    for _ in range(5):
        failed = circuit_breaker.failed(failed, NOW + ahead)

    for state in (refused, failed):
        assert circuit_breaker.admit(state, NOW + ahead) is None
        assert circuit_breaker.admit(state, NOW) is not None


def test_a_rest_holds_for_a_chunk_that_began_before_it() -> None:
    # Estimates and prices share Yahoo's breaker, and a chunk keeps the instant at which it began.
    state = circuit_breaker.refused(CircuitBreaker(), NOW)

    assert circuit_breaker.admit(state, NOW - timedelta(minutes=10)) is None


def test_five_failures_in_a_row_open_the_breaker_and_a_success_forgets_them() -> None:
    state = CircuitBreaker()
    for _ in range(4):
        state = circuit_breaker.failed(state, NOW)
    assert circuit_breaker.admit(state, NOW) is not None

    assert circuit_breaker.admit(circuit_breaker.failed(state, NOW), NOW) is None
    assert circuit_breaker.failed(circuit_breaker.succeeded(state, NOW), NOW).failures == 1


def test_health_tells_resting_from_failing_and_counts() -> None:
    record = HealthRecord("fred")
    assert record.health.state is HealthState.UNKNOWN

    record.failed(SourceError("no answer"), NOW)
    record.failed(SourceError("429", retry_after=900, rate_limited=True), NOW)

    health = record.health
    assert health.state is HealthState.RESTING
    assert health.failures == 2
    assert health.next_try == NOW + timedelta(minutes=15)
    assert health.reason == "429"

    record.succeeded(NOW)
    assert record.health.state is HealthState.OK
    assert record.health.failures == 0
    assert record.health.last_failure == NOW


def test_a_reader_that_stumbles_becomes_a_failure_of_its_source(caplog: pytest.LogCaptureFixture) -> None:
    record = HealthRecord("cboe")

    with pytest.raises(SourceError, match=r"cboe's answer cannot be read \(ZeroDivisionError\)"), record.watch(NOW):
        1 / 0  # noqa: B018

    assert record.health.state is HealthState.FAILING
    assert "stumbled" in caplog.text


def test_only_futures_may_cost_nothing_or_less() -> None:
    assert may_be_negative("CL=F")
    assert not may_be_negative("^GSPC")


def test_rows_become_an_ascending_frame_in_which_revisions_repeat_a_date() -> None:
    released, revised = datetime(2024, 2, 13, 13, 30, tzinfo=UTC), datetime(2024, 3, 12, 12, 30, tzinfo=UTC)
    january, february = date(2024, 1, 1), date(2024, 2, 1)

    table = frame(
        [(february, 3.0, revised), (january, 2.0, revised), (january, 1.0, released), (january, 1.5, released)]
    )

    assert [day.date() for day in table.index] == [january, january, february]
    assert list(table["value"]) == [1.5, 2.0, 3.0]
    assert str(table["known_at"].dtype) == "datetime64[ns, UTC]"
    assert list(table["known_at"]) == [pd.Timestamp(released), pd.Timestamp(revised), pd.Timestamp(revised)]


def test_no_rows_are_an_empty_frame_of_the_same_types() -> None:
    table = frame([])

    assert len(table) == 0
    assert str(table["value"].dtype) == "float64"
    assert str(table["known_at"].dtype) == "datetime64[ns, UTC]"
