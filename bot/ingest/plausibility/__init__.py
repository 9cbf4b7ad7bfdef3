"""Plausibility: judges what a source gave against the archive, before any of it is stored as a fact.

The door is `judge` (and `judge_quotes`). `bars` and `figures` turn frames into verdicts; the modules
of the rules are pure: identity, jumps, scale, twins, adjustments, staleness, bands.
"""

from bot.ingest.plausibility.stage import Judgement, judge, judge_quotes

__all__ = ["Judgement", "judge", "judge_quotes"]
