"""Tests of the Discord side, on the real bot in a simulated Discord."""
