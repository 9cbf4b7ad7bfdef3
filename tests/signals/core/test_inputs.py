"""What the inputs of signals stand for, and that no signal reads a price of anything else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from signals import catalogue
from signals.core.inputs import of_members, tickers_of
from tests.signals.markets import random_market

KNOWN = ("SPY", "^IXIC", "ZQZ26.CBT", "ZQF27.CBT", "ZM=F", "AAPL")


def test_a_name_stands_for_itself_and_a_future_for_all_of_its_contracts() -> None:
    assert tickers_of(["SPY", "NONE", "DGS10", "records:meetings"], KNOWN) == {"SPY"}
    assert tickers_of(["futures:ZQ", "^IXIC"], KNOWN) == {"ZQZ26.CBT", "ZQF27.CBT", "^IXIC"}
    assert tickers_of([], KNOWN) == frozenset()


def test_the_members_of_an_index_need_everything() -> None:
    assert tickers_of(["SPY", "group:sp500"], KNOWN) == set(KNOWN)
    assert of_members(["SPY", "group:sp500"])
    assert not of_members(["SPY", "futures:ZQ"])


def test_every_signal_has_the_same_history_from_the_prices_of_its_inputs_as_from_all() -> None:
    """So whatever loads those alone, a study or a track record, counts what alerts see."""
    whole = random_market(0, holes=0.02)
    histories = catalogue.compute(whole)
    with_readings = 0
    for name, signal in catalogue.SIGNALS.items():
        if of_members(signal.inputs):
            continue
        tickers = sorted(tickers_of(signal.inputs, whole.close.columns))
        few = replace(whole, close=whole.close[tickers], adj_close=whole.adj_close[tickers])
        alone = catalogue.compute(few, [name])[name]
        np.testing.assert_array_equal(alone.values.to_numpy(), histories[name].values.to_numpy(), err_msg=name)
        assert (alone.observed is None) == (histories[name].observed is None)
        if alone.observed is not None:
            np.testing.assert_array_equal(alone.observed.to_numpy(), histories[name].observed.to_numpy(), err_msg=name)
        with_readings += alone.values.notna().any()
    assert with_readings > 250
