"""Writes `docs/schema.md`, the tables of both databases, from their migrations: `python -m tools.schema_page`, or `make docs`.

Tables, columns, constraints and indexes are read from databases that the migrations have just made in memory. What they mean
stands in `tools.schema_meanings`, for records in `signals.core.datasets`.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from bot.archive import migrations as market
from bot.database.schema import migrations as people
from bot.database.scratch import scratch
from signals.core.datasets import DATASETS
from tools.schema_meanings import BOT_TABLES, MARKET_TABLES, RECORD_COLUMNS, TableMeaning

PAGE = Path(__file__).resolve().parent.parent / "docs" / "schema.md"

_TABLE_CONSTRAINT = re.compile(r"(?:PRIMARY KEY|UNIQUE|CHECK|FOREIGN KEY)\b", re.IGNORECASE)
_CREATE = re.compile(
    r"CREATE\s+(?:TEMP\s+)?TABLE\s+\S+\s*\((?P<body>.*)\)(?P<options>[^)]*)", re.IGNORECASE | re.DOTALL
)
_INDEX = re.compile(r"CREATE\s+(?P<unique>UNIQUE\s+)?INDEX\s+(?P<name>\S+)\s+ON\s+\S+\s*(?P<rest>.+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Table:
    """One table as its database has it.

    Attributes:
        columns: Name, type and constraints of each column, in the order of the table.
        constraints: Those of the table as a whole.
        options: `STRICT` and `WITHOUT ROWID`, where they hold.
        indexes: Name and definition of each index that was made by itself.
        references: Columns of each foreign key, and the table that it leads to.
    """

    name: str
    columns: tuple[tuple[str, str, str], ...]
    constraints: tuple[str, ...]
    options: tuple[str, ...]
    indexes: tuple[tuple[str, str], ...]
    references: tuple[tuple[tuple[str, ...], str], ...]


def text() -> str:
    """The whole page; the same migrations always give the same text."""
    return "\n".join([_INTRODUCTION, *_bot(), *_market()])


def bot_tables() -> list[Table]:
    """The tables of bot.db as its migrations leave them, those in the memory of a connection last."""

    def make(db: Database) -> None:
        people.migrations.apply(db)
        scratch(db)

    return _tables(make)


def market_tables() -> list[Table]:
    """The tables of market.db, those of records last."""

    def make(db: Database) -> None:
        market.migrations.apply(db)
        market.follow_records(db)

    return _tables(make)


def market_meanings() -> dict[str, TableMeaning]:
    """What the tables of market.db mean; those of records as their datasets say it."""
    return {**MARKET_TABLES, **_of_records()}


def _of_records() -> dict[str, TableMeaning]:
    return {
        f"record_{dataset.name}": TableMeaning(
            dataset.meaning, {**{column.name: column.meaning for column in dataset.columns}, **RECORD_COLUMNS}
        )
        for dataset in DATASETS.values()
    }


def _tables(make: Callable[[Database], None]) -> list[Table]:
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        make(Database(connection, execute_plugins=False))
        found = [
            *connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY rowid"),
            *connection.execute("SELECT name, sql FROM sqlite_temp_master WHERE type = 'table' ORDER BY rowid"),
        ]
        return [_table(connection, name, sql) for name, sql in found if not name.startswith(("_sqlite", "sqlite_"))]


def _table(connection: sqlite3.Connection, name: str, sql: str) -> Table:
    match = _CREATE.fullmatch(sql.strip())
    if match is None:
        raise ValueError(f"the table {name} is made by a statement that this page cannot read: {sql}")
    parts = [" ".join(part.split()) for part in _parts(match["body"])]
    indexes = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL ORDER BY rowid",
        (name,),
    )
    references: dict[tuple[int, str], tuple[str, ...]] = {}
    for number, _, table, column, *_ in connection.execute(f"PRAGMA foreign_key_list({name})").fetchall():
        references[number, table] = (*references.get((number, table), ()), column)
    return Table(
        name=name,
        columns=tuple(_column(part) for part in parts if not _TABLE_CONSTRAINT.match(part)),
        constraints=tuple(part for part in parts if _TABLE_CONSTRAINT.match(part)),
        options=tuple(part.strip() for part in match["options"].split(",") if part.strip()),
        indexes=tuple((name, _index(sql)) for name, sql in indexes),
        references=tuple(sorted((columns, table) for (_, table), columns in references.items())),
    )


def _parts(body: str) -> Iterator[str]:
    """The definitions between a table's brackets: cut at commas that stand in no brackets of their own."""
    depth, begin = 0, 0
    for place, sign in enumerate(body):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "," and depth == 0:
            yield body[begin:place]
            begin = place + 1
    yield body[begin:]


def _column(definition: str) -> tuple[str, str, str]:
    name, kind, *rest = definition.split(" ", 2)
    return name.strip('"'), kind, "".join(rest)


def _index(sql: str) -> str:
    match = _INDEX.fullmatch(" ".join(sql.split()))
    if match is None:
        raise ValueError(f"this page cannot read the index {sql}")
    return f"{'unique ' if match['unique'] else ''}{match['rest']}"


_INTRODUCTION = """# Schema

<!-- Written by `make docs` from the migrations in bot/. What is changed here is lost. -->

The program keeps two SQLite files in its home folder. `bot.db` holds what people asked for and the messages that are owed to
them; it is backed up. `market.db` holds what was fetched; it can be fetched again. No transaction spans both
([why](decisions/0001-two-databases.md)). With `sources.simulated = true` the archive is the file `market-simulated.db`, which has
the same tables as `market.db`.

**Types.** Stored tables are STRICT. Instants are epoch seconds (UTC). Days and sessions are proleptic ordinals of their date
(`date.toordinal()`). Discord's ids are integers. Booleans are 0 and 1.

**Versions.** Only `bot/database/schema/migrations.py` and `bot/archive/migrations.py` create tables. sqlite-utils notes the
steps that were applied in a table of its own, `_sqlite_migrations`. `bot.db` is copied into `backups/` before a step changes it,
and is refused when it has steps that the program does not know.
"""

_BOT = """## bot.db

Made by `bot/database/schema/migrations.py`, opened by `bot/database/connection.py` (WAL, `synchronous = FULL`, foreign keys
enforced). One thread writes, another reads.
"""

_MARKET = """## market.db

Made by `bot/archive/migrations.py`, opened by `bot/archive/archive.py` (WAL, `synchronous = NORMAL`, foreign keys enforced). Of a
running bot the worker process alone writes it, and the process for people reads it. A `known_at` of 0 means that a
rule says since when the value is known (`signals/asof/series.py`); rows of records always carry their own instant. A
table `record_NAME` follows the dataset NAME in `signals/core/datasets.py` and gets a new column when the dataset
does.
"""


def _bot() -> Iterator[str]:
    tables = bot_tables()
    yield from (_BOT, *_picture(tables), *_sections(tables, BOT_TABLES))


def _market() -> Iterator[str]:
    tables = market_tables()
    yield from (_MARKET, *_picture(tables), *_sections(tables, market_meanings()))


def _picture(tables: Iterable[Table]) -> Iterator[str]:
    """Which table refers to which, as a diagram; records, which refer to their batch alone, are left out."""
    links = [
        f"    {table.name} {_ends(table, columns)} {other} : {'_and_'.join(columns)}"
        for table in tables
        for columns, other in table.references
        if not table.name.startswith("record_")
    ]
    yield from ("```mermaid", "erDiagram", *links, "```", "")


def _ends(table: Table, columns: Sequence[str]) -> str:
    """How many rows may refer to one, and whether each of them has to: in the signs of such diagrams."""
    said = {name: constraints for name, _, constraints in table.columns}
    many = "|o" if any("PRIMARY KEY" in said[name] for name in columns) else "}o"
    needed = all("NOT NULL" in said[name] or "PRIMARY KEY" in said[name] for name in columns)
    return f"{many}--{'||' if needed else 'o|'}"


def _sections(tables: Iterable[Table], meanings: Mapping[str, TableMeaning]) -> Iterator[str]:
    for table in tables:
        meaning = meanings[table.name]
        yield from (f"### {table.name}", "", meaning.text, "")
        yield from ("| column | type | constraints | meaning |", "| --- | --- | --- | --- |")
        for name, kind, constraints in table.columns:
            yield f"| `{name}` | {kind} | {_code(constraints)} | {_cell(meaning.columns[name])} |"
        yield ""
        facts = [f"`{each}`" for each in (*table.constraints, *table.options) if each != "STRICT"]
        if facts:
            yield from (f"Table: {', '.join(facts)}.", "")
        if table.indexes:
            yield from ("| index | on |", "| --- | --- |")
            yield from (f"| `{name}` | {_code(definition)} |" for name, definition in table.indexes)
            yield ""


def _code(sql: str) -> str:
    return f"`{_cell(sql)}`" if sql else ""


def _cell(words: str) -> str:
    return words.replace("|", "\\|")


def main() -> int:
    """Write the page."""
    PAGE.write_text(text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
