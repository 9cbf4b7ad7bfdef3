"""The scenario: votes of signals, their score, and why it stands where it stands."""
