"""What the Makefile runs: set-up, locks, pages made from the code.

Nothing here is part of the program.
"""
