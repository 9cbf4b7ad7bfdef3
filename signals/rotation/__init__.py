"""The rotation clock: which yardsticks have turned out of big tech or back into it, and tech's own clock."""
