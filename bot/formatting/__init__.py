"""Formatting of numbers, dates, conditions and names for people; nothing else formats them."""
