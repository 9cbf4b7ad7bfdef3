"""What people and the log read about doubts."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bot.domain.doubt import Doubt, DoubtKind, DoubtRule, StoredDoubt
from bot.ingest.plausibility.sentences import notices, of_closes, of_correction

MONDAY, TUESDAY = date(2025, 12, 15), date(2025, 12, 16)


@pytest.mark.parametrize(
    ("rule", "close", "sentence"),
    [
        (DoubtRule.UNIT, 68_000.0, "to 68,000 on Dec 16, 2025, which looks like a unit error of 100"),
        (DoubtRule.UNIT, 0.0001, "to 0.0001 on Dec 16, 2025, which no market does"),
        (
            DoubtRule.RATIO,
            340.0,
            "to 340 on Dec 16, 2025, which looks like a split of 2 that the source does not report",
        ),
        (DoubtRule.BAND, 816.0, "to 816 on Dec 16, 2025, far outside its normal moves"),
        (DoubtRule.BAND, -37.63, "to -37.63 on Dec 16, 2025, far outside its normal moves"),
    ],
)
def test_a_jump_names_both_closes_with_their_days(rule: DoubtRule, close: float, sentence: str) -> None:
    assert of_closes(rule, 680.0, MONDAY, close, TUESDAY, "") == f"its close went from 680 on Dec 15, 2025 {sentence}"


def test_what_others_say_stands_behind_it() -> None:
    said = of_closes(DoubtRule.UNCHANGED, 190.0, MONDAY, 190.0, TUESDAY, "^GSPC moved by -1.22%")
    assert said == "its close of Dec 16, 2025 repeats that of Dec 15, 2025 to the cent, 190; ^GSPC moved by -1.22%"


def test_a_correction_names_what_is_stored() -> None:
    assert of_correction(51.0, 0.51, MONDAY) == "the source now gives 0.51 as its close of Dec 15, 2025, stored is 51"


def stored(number: int, subject: str) -> StoredDoubt:
    instant = datetime(2025, 12, 16, 22, tzinfo=UTC)
    doubt = Doubt(DoubtKind.PRICE, subject, TUESDAY, DoubtRule.BAND, 1.0, "it jumped", "yahoo")
    return StoredDoubt(number, doubt, instant, instant, 1)


def test_the_log_has_a_line_for_each_new_doubt_and_one_for_many() -> None:
    few = [stored(1, "SPY"), stored(2, "RSP")]
    assert notices([], few) == [
        "SPY of 2025-12-16 is not believed: it jumped",
        "RSP of 2025-12-16 is not believed: it jumped",
    ]
    assert notices(few, few) == []
    many = [stored(number, f"T{number}") for number in range(25)]
    assert notices([], many) == ["25 figures are not believed, among them T0 of 2025-12-16: it jumped"]
