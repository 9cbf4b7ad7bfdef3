"""Text files that people write, as their editors save them."""

from __future__ import annotations

import codecs
import errno
import os
from pathlib import Path

MOST_BYTES = 1 << 20
"""More than any config or secret has; a device such as /dev/zero never ends."""


def read_text(path: Path, *, most_bytes: int = MOST_BYTES) -> str:
    """The text of a file in UTF-8, or in UTF-16 with a byte order mark; the mark is no part of it.

    Raises OSError, also for a file of more than `most_bytes`, and UnicodeDecodeError for what is no text.
    """
    with path.open("rb") as file:
        content = file.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise OSError(errno.EFBIG, f"it has more than {most_bytes:,} bytes", str(path))
    utf_16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return content.decode("utf-16" if utf_16 else "utf-8-sig")


def write_private(path: Path, text: str) -> None:
    """Put a text that only its owner can read into the place of a file, whole or not at all.

    A link stays one: what it leads to is replaced.
    """
    target = path.resolve()
    fresh = target.with_name(f"{target.name}.new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with open(handle, "w", encoding="utf-8") as file:
            os.fchmod(handle, 0o600)
            file.write(text)
        fresh.replace(target)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
