"""Whether a home that has no bot.db, or an empty file of that name, had one: a new one would go unnoticed.

Its daily copies would then push out those of the lost one within weeks.
"""

from __future__ import annotations

import shlex
from pathlib import Path

from bot.database.recovery import integrity


def refusal(path: Path, *, new: bool) -> str | None:
    """Why the database at `path` may not be opened, by what lies around it; None when it may.

    `new`: the person said that an empty one shall take the place of one that is gone.
    """
    is_empty = path.exists() and path.stat().st_size == 0
    if path.exists() and not is_empty:
        return f"--new is for a home whose {path.name} is gone, and {path} is there: start without it." if new else None
    trace = _trace(path)
    if trace is None or new:
        return None
    newest = integrity.newest_sound(path.parent / "backups", path.stem)
    program = shlex.join(("rotation-bot", "--home", str(path.parent)))
    back = "there is no sound copy"
    if newest is not None:
        back = f"`{program} restore {shlex.quote(str(newest))}` brings the newest sound copy back"
    fault = "is empty" if is_empty else "is gone"
    return (
        f"{path} {fault}, and this home had one: {trace} is there. If its disk is not mounted, mount it; "
        f"{back}; `{program} run --new` begins with an empty database."
    )


def _trace(path: Path) -> str | None:
    """What a database that was here has left behind, or None."""
    journals = (path.with_name(f"{path.name}-{ending}") for ending in ("wal", "shm"))
    copies = sorted((path.parent / "backups").glob(f"{path.stem}-*.db"), reverse=True)
    replaced = sorted((path.parent / "replaced").glob("*"), reverse=True)
    return next((str(left) for left in (*journals, *copies, *replaced) if left.exists()), None)
