"""The tables of bot.db: what version 0.1.0 began with, and every migration since."""
