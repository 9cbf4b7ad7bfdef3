"""Readings: computing them from the archive, checks of alerts, and the state that commands read."""
