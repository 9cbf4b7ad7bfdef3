"""Alerts: pure rules, the engine over stored triggers, and the ready-made topics."""
