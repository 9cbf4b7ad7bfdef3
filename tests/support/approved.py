"""Approved texts: what people read, byte for byte, in `tests/approved`."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from pathlib import Path

APPROVED = Path(__file__).parent.parent / "approved"
Compare = Callable[[str, str], None]


def compare_with_approved(name: str, text: str, *, approve: bool) -> None:
    """Compare a text with the approved one of that name, or approve it."""
    path = APPROVED / f"{name}.txt"
    if approve:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return
    approved = path.read_text(encoding="utf-8") if path.is_file() else ""
    diff = difflib.unified_diff(approved.splitlines(), text.splitlines(), "approved", "now", lineterm="")
    assert approved == text, f"{path.name} has changed; read the diff, then `make approve`:\n" + "\n".join(diff)
