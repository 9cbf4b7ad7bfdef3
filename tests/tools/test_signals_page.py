"""The page of the signals: made from the catalogue, and kept up to date."""

from __future__ import annotations

import re

from signals import catalogue
from signals.asof import series
from tests.helpers import register_of_signals
from tools import signals_page


def test_the_page_is_the_one_that_the_catalogue_makes() -> None:
    assert signals_page.PAGE.read_text("utf-8") == signals_page.text(), "run `make docs`"


def test_every_signal_says_what_it_is_and_how_it_is_computed() -> None:
    for id, row in register_of_signals().items():
        entry = catalogue.signal(id)
        assert row["what it says"] == f"**{entry.label}**: {entry.meaning}"
        assert row["how it is computed"].replace("\\", "") == entry.formula
        assert row["from"]


def test_a_series_says_from_when_on_its_observations_count() -> None:
    register = register_of_signals()
    assert register["options.vix"]["from"] == "VIX (same)"
    assert register["rates.real_10y"]["from"] == "DFII10 (next)"
    assert register["macro.core_cpi_3m"]["from"] == f"CPILFESL ({series.monthly_lag('CPILFESL')} days)"
    assert register["earnings.growth_gap"]["from"] == "records `estimates`, members of the S&P 500"
    assert register["scenario.recovery"]["from"] == "the votes of 32 signals"


def test_nothing_on_the_page_is_taken_for_a_tag() -> None:
    assert re.findall(r"(?<!\\)<(?!!--)", signals_page.text()) == []
