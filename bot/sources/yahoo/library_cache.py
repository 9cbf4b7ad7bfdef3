"""yfinance's own cache of cookies and time zones: two small databases that may be thrown away at any time.

yfinance fails every request while one of them is broken, and has no way to begin it anew.
"""

from __future__ import annotations

import logging
from pathlib import Path

from yfinance import cache

from bot.database import DatabaseError
from bot.database.recovery import integrity

log = logging.getLogger(__name__)

FILES = ("cookies.db", "tkr-tz.db")


def discard_broken(folder: Path) -> None:
    """Delete each file of the cache that is no sound database; yfinance makes it anew."""
    for name in FILES:
        path = folder / name
        try:
            problem = integrity.damage(path) if path.exists() else None
        except (DatabaseError, OSError) as error:
            problem = str(error)
        if problem is None:
            continue
        log.warning("the cache %s is broken (%s) and is made anew", path, problem)
        for ending in ("", "-wal", "-shm", "-journal"):
            try:
                path.with_name(name + ending).unlink(missing_ok=True)
            except OSError as error:
                log.warning("%s cannot be deleted (%s)", path.with_name(name + ending), error.strerror)


def is_cache_error(error: Exception) -> bool:
    """Whether an error is one of the cache, whose library is peewee."""
    return any(kind.__module__ == "peewee" for kind in type(error).__mro__)


def do_without(error: Exception) -> None:
    """Go on without the cache until the next start; the session keeps its cookie in memory."""
    log.warning("yfinance cannot use its cache (%s) and goes on without it", error)
    cache._CookieCacheManager._Cookie_cache = cache._CookieCacheDummy()
    cache._TzCacheManager._tz_cache = cache._TzCacheDummy()
