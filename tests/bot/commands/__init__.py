"""Tests of what people can ask, without Discord."""
