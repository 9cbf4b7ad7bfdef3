"""What people asked: sources, archive, alerts, delivery, Discord and the command line around `signals`."""

__version__ = "0.2.0"
