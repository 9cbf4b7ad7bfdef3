"""A seeded market with realistic charts, for the demo, for tests, and for use without a network.

Every figure is invented. `simulate` computes a whole `Market`, `SimulatedSource` returns it in the
form of the live sources.
"""

from bot.sources.simulated.demo_start import DEMO_START
from bot.sources.simulated.market_frames import SEED, SOURCE, simulate
from bot.sources.simulated.source import SIMULATED_MARKET, SimulatedSource

__all__ = ["DEMO_START", "SEED", "SIMULATED_MARKET", "SOURCE", "SimulatedSource", "simulate"]
