"""The scenario: votes of signals, their score, and its explanation."""
