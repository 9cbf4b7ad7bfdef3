"""A seeded market that looks real on a chart: for the demo, for tests, and for a first look without a network.

Every figure is invented. `simulate` makes a whole `Market`, `SimulatedSource` hands it out as the live sources do.
"""

from bot.sources.simulated.demo_start import DEMO_START
from bot.sources.simulated.market import SEED, SOURCE, simulate
from bot.sources.simulated.source import SIMULATED_MARKET, SimulatedSource

__all__ = ["DEMO_START", "SEED", "SIMULATED_MARKET", "SOURCE", "SimulatedSource", "simulate"]
