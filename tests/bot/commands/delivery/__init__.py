"""Tests of when people and channels want their messages."""
