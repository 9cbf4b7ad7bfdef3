"""bot.db: what people typed and what was promised to them. Precious and small; see `migrations` for the tables.

Functions that read or write take a `Database`, which is open in one of the store's threads. Nobody outside knows which
library that is.
"""

from sqlite3 import Error as DatabaseError
from sqlite3 import sqlite_version

from sqlite_utils import Database

__all__ = ["Database", "DatabaseError", "sqlite_version"]
