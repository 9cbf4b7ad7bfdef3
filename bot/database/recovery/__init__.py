"""Copies of bot.db, damage, and the way back: what is lost, what is deleted again, what is not posted twice."""
