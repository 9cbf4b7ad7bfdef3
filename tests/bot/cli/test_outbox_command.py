"""`rotation-bot outbox`: dead letters are listed, sent anew and discarded, and places that refuse are named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot import outbox
from bot.__main__ import main
from bot.database import Database
from bot.database.codec import rows
from bot.database.connection import connect, transaction
from bot.database.places import destinations, places
from bot.domain import place as rules
from bot.domain.model import ItemKind, OutboxItem
from bot.settings import process_lock
from tests.support.sample_readings import SESSION

NOW = datetime.fromisoformat("2026-01-13T21:20:00+00:00")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with two dead letters, a message that waits, and a channel and a DM that refuse."""
    db = connect(tmp_path / "bot.db")
    with transaction(db):
        room = destinations.channel_destination(db, 9, 5, now=NOW)
        dm = destinations.dm_destination(db, 7, channel_id=70, now=NOW)
        gone = destinations.channel_destination(db, 10, 5, now=NOW)
        for number, place in ((1, room), (2, dm)):
            outbox.put(db, OutboxItem(0, f"k{number}", ItemKind.ALERT, place.id, SESSION, NOW))
            (claimed,) = outbox.claim_batches(db, now=NOW, lease_seconds=9, limit=1)
            outbox.settle_rejected(db, claimed, "400 Invalid Form Body (50035)", now=NOW)
        outbox.put(db, OutboxItem(0, "waits", ItemKind.ALERT, room.id, SESSION, NOW))
        places.change(db, room.id, lambda place: rules.refused(place, "Missing Access", now=NOW), now=NOW)
        destinations.park(db, gone.id, "Unknown Channel", now=NOW)
    db.close()
    return tmp_path


@pytest.fixture
def db(home: Path) -> Iterator[Database]:
    database = connect(home / "bot.db")
    yield database
    database.close()


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), "outbox", *arguments])


def states(db: Database) -> dict[str, str]:
    return {each["key"]: each["state"] for each in rows(db, "SELECT key, state FROM outbox ORDER BY id")}


def test_the_list_names_dead_letters_with_their_reason_and_places_that_refuse(home: Path) -> None:
    with process_lock.held(home / "bot.db"):
        done = run(home, "list")
    assert done.exit_code == 0
    assert done.output.splitlines() == [
        "2 dead letters.",
        "     id kind     session      refused                         place                       reason",
        "      1 alert    Jan 13, 2026 Tue, Jan 13, 2026, 4:20 p.m. ET channel 9                   400 Invalid Form Body (50035)",
        "      2 alert    Jan 13, 2026 Tue, Jan 13, 2026, 4:20 p.m. ET DM with 7                   400 Invalid Form Body (50035)",
        "channel 9 takes no messages: Missing Access; next try Tue, Jan 13, 2026, 4:30 p.m. ET.",
        "channel 10 takes no messages: Unknown Channel; not tried again.",
    ]


def test_an_empty_outbox_has_no_table(tmp_path: Path) -> None:
    connect(tmp_path / "bot.db").close()
    assert run(tmp_path, "list").output == "0 dead letters.\n"


def test_a_letter_that_is_retried_is_sent_anew(home: Path, db: Database) -> None:
    assert run(home, "retry", "2").output == "1 message will be sent when the bot runs.\n"
    assert states(db) == {"k1": "dead", "k2": "due", "waits": "due"}
    (claimed,) = outbox.claim_batches(db, now=NOW, lease_seconds=9, limit=9)
    assert (claimed.items[0].key, claimed.payload, claimed.in_doubt_since) == ("k2", None, None)


def test_all_are_discarded_at_once_and_what_waits_is_not(home: Path, db: Database) -> None:
    assert run(home, "discard", "--all").output == "2 messages discarded.\n"
    assert states(db) == {"k1": "cancelled", "k2": "cancelled", "waits": "due"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("retry",), "Name the ids of dead letters"),
        (("retry", "1", "--all"), "Name the ids of dead letters"),
        (("discard", "1", "3"), "No dead letter has the id 3"),
    ],
)
def test_what_cannot_be_meant_changes_nothing(
    home: Path, db: Database, arguments: tuple[str, ...], sentence: str
) -> None:
    done = run(home, *arguments)
    assert done.exit_code == 1
    assert sentence in done.output
    assert states(db) == {"k1": "dead", "k2": "dead", "waits": "due"}


def test_beside_a_running_bot_nothing_is_changed(home: Path) -> None:
    with process_lock.held(home / "bot.db"):
        done = run(home, "retry", "--all")
    assert done.exit_code == 1
    assert "is in use by another rotation-bot" in done.output


def test_without_a_database_it_says_so(tmp_path: Path) -> None:
    done = run(tmp_path, "list")
    assert done.exit_code == 1
    assert "There is no bot.db" in done.output


def test_dead_letters_are_kept_for_ninety_days(db: Database) -> None:
    outbox.clean_up(db, now=NOW + timedelta(days=90))
    assert len(outbox.dead_letters(db)) == 2
    outbox.clean_up(db, now=NOW + timedelta(days=91))
    assert outbox.dead_letters(db) == []
