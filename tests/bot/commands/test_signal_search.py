"""Finding signals by what people type."""

from __future__ import annotations

import time

import pytest

from bot.commands.market.comparables import NAMES
from bot.commands.server.setup import zones
from bot.commands.signal_search import Finder, closest, one_of
from bot.errors import UserError
from signals.catalogue import SIGNALS
from signals.core.model import Family
from tests.helpers import skip_where_lines_are_counted

FINDER = Finder(SIGNALS)


def test_a_prefix_of_an_id_ranks_before_a_word_and_a_word_before_a_substring() -> None:
    ids = [signal.id for signal in FINDER.find("rates", 40)]
    assert ids[0].startswith("rates.")
    found = [signal.id for signal in FINDER.find("gold")]
    assert found[0] == "havens.gold" or FINDER.signals[found[0]].label.startswith("Gold")
    assert {"havens.gold", "havens.gold_silver"} <= set(found)


def test_labels_and_families_are_found_whatever_the_case() -> None:
    assert FINDER.find("RUSSELL STREAK")[0].id == "size.russell_sp500.streak"
    *giants, last = FINDER.find("megacap")
    assert {signal.id for signal in giants} == {id for id, signal in SIGNALS.items() if signal.family == "megacap"}
    assert last.id == "valuation.forward_pe_megacap"
    assert FINDER.find("yield real")[0].id == "rates.real_10y"


def test_nothing_typed_offers_the_first_of_the_register_and_nonsense_offers_nothing() -> None:
    assert [signal.id for signal in FINDER.find("", 2)] == list(SIGNALS)[:2]
    assert FINDER.find("🚀🚀") == []
    assert FINDER.find("qqqqqqqq") == []


def test_a_misspelt_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UserError) as caught:
        FINDER.get("real yeild")
    assert str(caught.value) == "No signal “real yeild”. Did you mean rates.real_10y (10-year real yield)?"


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("NVDA", "Did you mean megacap.nvda.ytd (NVDA, year to date)? /watch add makes a signal out of any ticker."),
        ("TLT", "/watch add makes a signal out of any ticker."),
        ("TLT/LQD", "/watch add makes a signal out of any ticker."),
        ("BRK-B", "/watch add makes a signal out of any ticker."),
    ],
)
def test_a_ticker_is_answered_with_the_way_to_follow_it(typed: str, hint: str) -> None:
    """TLT was answered with the capital spending of the cloud companies, whose id ends in `ttm`."""
    with pytest.raises(UserError) as caught:
        FINDER.get(typed)
    assert str(caught.value) == f"No signal “{typed}”. {hint}"


def test_a_choice_that_is_none_is_answered_with_all_of_them() -> None:
    families = {family.value: family for family in Family}
    with pytest.raises(UserError) as caught:
        one_of("🚀", families, "family")
    assert str(caught.value) == f"No family “🚀”. Choose from {', '.join(families)}."
    with pytest.raises(UserError, match=r"Choose from 0\.5, .*, 24\.5 and 5 others\.$"):
        one_of("🚀", {f"{number}.5": number for number in range(30)}, "number")


def test_an_id_or_a_label_gives_its_signal() -> None:
    assert FINDER.get(" Rates.Real_10Y ").id == "rates.real_10y"
    assert FINDER.get("10-year real yield").id == "rates.real_10y"


def test_what_was_typed_is_said_back_short_and_on_one_line() -> None:
    with pytest.raises(UserError) as caught:
        FINDER.get('x"\n' * 500)
    assert len(str(caught.value)) < 200
    assert "\n" not in str(caught.value)


def test_an_answer_takes_less_than_fifty_milliseconds() -> None:
    """Of CPU time, the least of a few tries: what else this process does is not counted."""
    skip_where_lines_are_counted()

    def seconds(typed: str) -> float:
        begun = time.process_time()
        FINDER.find(typed)
        return time.process_time() - begun

    for typed in ("b", "russell", "above 50", "zzz", "a b c d e f"):
        assert min(seconds(typed) for _ in range(5)) < 0.05


@pytest.mark.parametrize(
    "typed", ["q w x z k j v " * 8, "real yield average " * 6, "".join(chr(97 + 7 * n % 26) for n in range(100))]
)
def test_a_text_as_long_as_an_option_takes_is_compared_with_every_name_in_less_than_fifty_milliseconds(
    typed: str,
) -> None:
    """Of CPU time, the least of a few tries: what else this process does is not counted."""
    skip_where_lines_are_counted()

    def seconds() -> float:
        begun = time.process_time()
        FINDER.nearest(typed[:100])
        closest(typed[:100], [*zones(), *NAMES.values()])
        return time.process_time() - begun

    assert min(seconds() for _ in range(5)) < 0.05


def test_the_closest_name_is_a_prefix_before_a_likeness() -> None:
    assert closest("ab", ["cab", "above"]) == "above"
    assert closest("belwo", ["above", "below"]) == "below"
    assert closest("###", ["above", "below"]) is None
