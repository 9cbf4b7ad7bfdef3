"""Text files that people write, as their editors save them."""

from __future__ import annotations

import codecs
import errno
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
