"""Files inside a downloaded ZIP, with a bound on what they unpack to."""

from __future__ import annotations

import io
import zipfile
import zlib

from bot.errors import SourceError
from bot.sources.http.responses import HttpResponse

UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)
"""What reading a ZIP raises that is broken, cut off, encrypted, or packed in a way that Python does not know."""


def unzip(response: HttpResponse, *, suffix: str, most_bytes: int) -> list[bytes]:
    """Contents of the members whose names end with `suffix`.

    Raises SourceError when it is no ZIP, has no such member, or would unpack to more than `most_bytes`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(response.content)) as packed:
            members = [member for member in packed.infolist() if member.filename.lower().endswith(suffix)]
            if sum(member.file_size for member in members) > most_bytes:
                raise SourceError(f"{response.place} sent a ZIP of more than {most_bytes / 1e6:g} MB")
            contents = [packed.read(member) for member in members]
    except UNREADABLE:
        raise SourceError(f"{response.place} sent no ZIP that can be read") from None
    if not contents:
        raise SourceError(f"{response.place} sent a ZIP without a file *{suffix}")
    return contents
