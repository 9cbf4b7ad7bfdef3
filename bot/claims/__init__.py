"""Judging claims: public ones and those of people, in the worker process, as known after a session."""
