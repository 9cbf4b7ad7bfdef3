"""market.db: fetched data with source and time, and the Market as it was known at any instant."""

from sqlite3 import Connection

from bot.archive.archive import Archive
from bot.archive.archive_status import SeriesStatus, grouped, series_status
from bot.archive.read_market import EmptyArchiveError
from bot.archive.write_batch import StoredCounts

__all__ = ["Archive", "Connection", "EmptyArchiveError", "SeriesStatus", "StoredCounts", "grouped", "series_status"]
