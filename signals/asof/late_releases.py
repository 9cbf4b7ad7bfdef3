"""Monthly figures that came out later than ever in ordinary months: shutdowns of the government stopped the statisticians.

The rule of `signals.asof.series` dates a release by a fixed lag, so it would let these figures in
weeks before anybody knew them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_JOBS = {"2013-09": "2013-10-22", "2025-09": "2025-11-20", "2025-11": "2025-12-16", "2026-01": "2026-02-11"}

LATE_RELEASES = {
    "UNRATE": _JOBS,
    "PAYEMS": {**_JOBS, "2025-10": "2025-12-16"},
    "CPI": {
        "2013-09": "2013-10-30",
        "2013-10": "2013-11-20",
        "2025-09": "2025-10-24",
        "2025-11": "2025-12-18",
        "2026-01": "2026-02-13",
    },
    "PCE": {
        "2013-09": "2013-11-08",
        "2013-10": "2013-12-06",
        "2018-12": "2019-03-01",
        "2019-01": "2019-03-29",
        "2019-02": "2019-04-29",
        "2025-09": "2025-12-05",
        "2025-10": "2026-01-22",
        "2025-11": "2026-01-22",
        "2025-12": "2026-02-20",
    },
    # G.17: the Fed was open in all shutdowns, but had no figures of the statisticians in those of 2013 and 2025.
    "CAPUTL": {"2013-09": "2013-10-28", "2025-09": "2025-12-03", "2025-10": "2025-12-23", "2025-11": "2025-12-23"},
    # M3: the days of the full reports. January 2026 is left to the rule, because no account of its day was found.
    "A34S": {
        "2013-08": "2013-11-04",
        "2018-11": "2019-02-04",
        "2018-12": "2019-02-27",
        "2019-01": "2019-03-19",
        "2025-08": "2025-11-18",
        "2025-09": "2025-12-04",
        "2025-10": "2026-01-07",
        "2025-11": "2026-01-29",
        "2025-12": "2026-02-23",
        "2026-02": "2026-04-10",
    },
}
"""By the start of the id: the month described -> the day of its release."""

NEVER_RELEASED = {"CPI": ("2025-10",), "UNRATE": ("2025-10",)}
"""By the start of the id: months whose figure never came out."""


def with_late_releases(
    series: str, dates: NDArray[np.datetime64], released: NDArray[np.datetime64]
) -> NDArray[np.datetime64]:
    """The days of release by the rule, with those of the table in place of the ones that it names.

    Args:
        series: Id of the series.
        dates: The dates that the rows describe.
        released: The day of release of each by the rule; not changed.
    """
    late = next((months for start, months in LATE_RELEASES.items() if series.startswith(start)), {})
    months = dates.astype("datetime64[M]")
    result = released.astype("datetime64[D]")
    for month, day in late.items():
        result[months == np.datetime64(month, "M")] = np.datetime64(day, "D")
    return result
