"""The families of signals: how each is computed, and its definitions for the catalogue."""
