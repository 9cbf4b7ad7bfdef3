"""The demo: the real bot in a simulated Discord, on a simulated market or a market pack."""
