"""bot.db: what people set up and the messages enqueued for them. See `migrations` for the tables.

It is small and cannot be downloaded again, unlike the archive. Functions that read or write take a
`Database`, which is open in one of the store's threads. No module outside this folder depends on
which library that is.
"""

from sqlite3 import Error as DatabaseError
from sqlite3 import sqlite_version

from sqlite_utils import Database

__all__ = ["Database", "DatabaseError", "sqlite_version"]
