"""The list of deletions, also after a power cut at any byte of its writing."""

from __future__ import annotations

import contextlib
from pathlib import Path

from bot.database.connection import connect
from bot.database.recovery import deletions

ANN, BOB, CAROL = 11, 12, 13


def _people(home: Path) -> set[int]:
    known = deletions.read(home / "backups")
    entries = set() if known is None else {person for _, person in known.entries}
    return {person for person in (ANN, BOB, CAROL) if known is not None and known.hashed(person) in entries}


def test_a_list_that_was_cut_anywhere_goes_on_with_the_next_deletion(tmp_path: Path, thorough: bool) -> None:
    """Cut at the ends of lines and at every eleventh byte, in `make verify` at each."""
    file = tmp_path / "backups" / deletions.NAME
    with contextlib.closing(connect(tmp_path / "bot.db")) as db:
        for person in (ANN, BOB):
            deletions.record(db, person)
        whole = file.read_bytes()
        of_ann = whole.index(b"\n", whole.index(b"\n") + 1)
        at_ends = (end + step for end in (of_ann, len(whole) - 1) for step in (-1, 0, 1))
        for cut in range(len(whole) + 1) if thorough else sorted({*range(0, len(whole), 11), *at_ends}):
            file.write_bytes(whole[:cut])
            deletions.record(db, CAROL)
            # A line is as good without its line end.
            kept = {ANN, BOB} if cut >= len(whole) - 1 else {ANN} if cut >= of_ann else set()
            assert _people(tmp_path) == kept | {CAROL}, cut


def test_there_is_no_list_before_the_first_deletion(tmp_path: Path) -> None:
    assert deletions.read(tmp_path) is None
    (tmp_path / deletions.NAME).write_bytes(b"")
    assert deletions.read(tmp_path) is None
