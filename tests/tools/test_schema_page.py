"""The page of the tables: made from the migrations, kept up to date, and without a name that it does not explain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest

from tools import schema_page
from tools.schema_meanings import BOT_TABLES, TableMeaning
from tools.schema_page import Table


def test_the_page_is_the_one_that_the_migrations_make() -> None:
    assert schema_page.PAGE.read_text("utf-8") == schema_page.text(), "run `make docs`"


@pytest.mark.parametrize(
    ("tables", "meanings"),
    [
        pytest.param(schema_page.bot_tables(), BOT_TABLES, id="bot.db"),
        pytest.param(schema_page.market_tables(), schema_page.market_meanings(), id="market.db"),
    ],
)
def test_every_table_and_column_has_a_meaning_and_every_meaning_a_column(
    tables: Iterable[Table], meanings: Mapping[str, TableMeaning]
) -> None:
    assert {table.name: [name for name, _, _ in table.columns] for table in tables} == {
        name: list(meaning.columns) for name, meaning in meanings.items()
    }
    assert all(meaning.text and all(meaning.columns.values()) for meaning in meanings.values())


def test_constraints_and_indexes_are_those_of_the_database() -> None:
    trigger = next(table for table in schema_page.bot_tables() if table.name == "trigger")
    assert ("alert_id", "INTEGER", "NOT NULL REFERENCES alert (id) ON DELETE CASCADE") in trigger.columns
    assert ("trigger_streak", "(signal, measure) WHERE streak > 0") in trigger.indexes
    assert trigger.references == ((("alert_id",), "alert"),)


def test_a_table_says_what_holds_for_all_of_its_columns() -> None:
    bar = next(table for table in schema_page.market_tables() if table.name == "bar")
    assert bar.constraints == ("PRIMARY KEY (ticker_id, day)",)
    assert bar.options == ("STRICT", "WITHOUT ROWID")
