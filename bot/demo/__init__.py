"""The demo: the real bot in a simulated Discord, on a simulated market or on real figures of the past."""
