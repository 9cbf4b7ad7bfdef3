"""Stored alerts with their triggers and members, and what became of them."""
