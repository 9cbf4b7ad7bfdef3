"""People's alerts as rows of a JSON file: written, and read back with every problem named by its row."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from bot.alerts import portable
from bot.alerts.portable import AlertRow, CombinationRow
from bot.database import Database, own_signals
from bot.database.alerts.alert_rows import alert_of
from bot.database.alerts.alerts import SELECT
from bot.database.codec import rows
from bot.domain.model import Condition
from bot.domain.own_signal import NAME, NAME_FORM, Listing, OwnSignal
from bot.errors import Problem, ProblemsError, UserError
from bot.settings import value_problems
from bot.settings.discord_ids import IdOrZero, IdText
from signals import expressions

FORMAT = 1
_OBJECT = "an object in curly braces"
R = TypeVar("R")

# Also those that have ended where a combination counts them.
_EXPORTED = """ WHERE topic IS NULL AND owner_id <> 0 AND (ended_at IS NULL OR id IN (
        SELECT alert_id FROM member JOIN alert AS whole ON whole.id = composite_id WHERE whole.ended_at IS NULL))
    ORDER BY at_least IS NOT NULL, id"""


def _own_name(text: str) -> str:
    if NAME.fullmatch(text) is None:
        raise ValueError(NAME_FORM)
    return text


class TickerRow(BaseModel):
    """What a ticker of an own signal is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    # Texts with a bound are read as characters; one without may hold half of one, which no database takes.
    symbol: str = Field(min_length=1, max_length=30)
    name: str = Field(default="", max_length=300)
    currency: str = Field(default="", max_length=30)
    first_day: date | None = None


class OwnSignalRow(BaseModel):
    """A name that a person or a server has given to an expression, for the alerts that stand on it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    owner: IdText | None = None
    server: IdText | None = None
    created_by: IdOrZero = "0"
    name: Annotated[str, AfterValidator(_own_name)]
    expression: str
    tickers: tuple[TickerRow, ...] = ()

    @property
    def own(self) -> OwnSignal:
        """The own signal."""
        user, guild = (None if id is None else int(id) for id in (self.owner, self.server))
        return OwnSignal(self.expression, self.name, user, guild, int(self.created_by))

    @property
    def listings(self) -> list[Listing]:
        """What its tickers are."""
        return [Listing(ticker.symbol, ticker.name, ticker.currency, ticker.first_day) for ticker in self.tickers]


@dataclass(frozen=True, slots=True)
class AlertFile:
    """The content of a file: alerts before the combinations of them, and the own signals that they stand on."""

    alerts: tuple[AlertRow, ...]
    combinations: tuple[CombinationRow, ...] = ()
    own_signals: tuple[OwnSignalRow, ...] = ()


def export(db: Database) -> dict[str, list[dict[str, Any]]]:
    """Every alert of a person that can still fire, oldest first, one row for each place; combinations come last."""
    exported = [alert_of(record) for record in rows(db, SELECT + _EXPORTED)]
    used_signals = {(alert.spec.signal, alert.owner_id, alert.guild_id) for alert in exported}
    own = own_signals.load(db)
    used = [
        row
        for row in own.rows
        if any(
            row.signal == signal and (row.user_id == person or row.guild_id is not None)
            for signal, person, _ in used_signals
        )
    ]
    return {
        "own_signals": [_own_row(row, own.listings) for row in used],
        "alerts": [row for alert in exported for row in portable.rows_of(db, alert)],
    }


def _own_row(own: OwnSignal, listings: Mapping[str, Listing]) -> dict[str, Any]:
    listed = [listings[symbol] for symbol in own.symbols if symbol in listings]
    return {
        "owner": None if own.user_id is None else str(own.user_id),
        "server": None if own.guild_id is None else str(own.guild_id),
        "created_by": str(own.created_by),
        "name": own.name,
        "expression": own.expression,
        "tickers": [
            {
                "symbol": listing.symbol,
                "name": listing.name,
                "currency": listing.currency,
                "first_day": None if listing.first_day is None else listing.first_day.isoformat(),
            }
            for listing in listed
        ],
    }


def text(content: Mapping[str, list[dict[str, Any]]]) -> str:
    """The file of what was exported."""
    return json.dumps({"format": FORMAT, **content}, indent=1, ensure_ascii=False) + "\n"


def read(content: str) -> AlertFile:
    """The content of a file. Raises ProblemsError with every problem of every row, UserError for another kind of file."""
    try:
        parsed = json.loads(content)
    except RecursionError as error:
        raise UserError("The file is no export of alerts: its lists or objects are nested too deeply.") from error
    except ValueError as error:
        raise UserError(f"The file is not JSON ({error}).") from error
    if not isinstance(parsed, dict) or parsed.get("format") != FORMAT or not isinstance(parsed.get("alerts"), list):
        raise UserError(f'The file is no export of alerts: it has no "format": {FORMAT} and list "alerts".')
    problems: list[Problem] = []
    listed = parsed.get("own_signals", [])
    own = _rows("own signal", listed if isinstance(listed, list) else [listed], _own, lambda _: OwnSignalRow, problems)
    alert_rows = _rows("alert", parsed["alerts"], portable.read, portable.model_of, problems)
    _check_together([row for _, row in own], alert_rows, problems)
    if problems:
        raise ProblemsError(problems)
    return AlertFile(
        tuple(row for _, row in alert_rows if isinstance(row, AlertRow)),
        tuple(row for _, row in alert_rows if isinstance(row, CombinationRow)),
        tuple(row for _, row in own),
    )


def _rows(
    what: str,
    contents: Sequence[Any],
    read_row: Callable[[Any], R],
    model_of: Callable[[Any], type[BaseModel]],
    problems: list[Problem],
) -> list[tuple[int, R]]:
    """The rows that can be read, with their numbers; what is wrong with the others is added to the problems."""
    read_rows = []
    for number, content in enumerate(contents, 1):
        try:
            read_rows.append((number, read_row(content)))
        except ValidationError as error:
            for detail in error.errors():
                problem = value_problems.problem(detail, model_of(content), mapping=_OBJECT)
                problems.append(replace(problem, where=_place(what, number, problem.where)))
        except UserError as error:
            problems.append(_problem(what, number, "", str(error)))
    return read_rows


def _own(content: Any) -> OwnSignalRow:
    row = OwnSignalRow.model_validate(content)
    if (row.owner is None) == (row.server is None):
        raise UserError("it belongs to an owner or to a server")
    try:
        expressions.expression_of(row.own.signal)
    except KeyError:
        raise UserError(f'"{row.expression[:60]}" is no expression in its one spelling') from None
    return row


def _check_together(
    own: Sequence[OwnSignalRow], alert_rows: Sequence[tuple[int, Any]], problems: list[Problem]
) -> None:
    """Add a problem for each alert on an own signal that the file lacks, and each member that it lacks."""
    people = {(row.own.signal, row.owner) for row in own if row.owner is not None}
    servers = {row.own.signal for row in own if row.server is not None}
    combinable = {
        (row.owner, str(row.number))
        for _, row in alert_rows
        if isinstance(row, AlertRow) and row.condition is not Condition.CROSSES
    }
    for number, row in alert_rows:
        if isinstance(row, CombinationRow):
            lacking = [one for one in row.members if one.isdecimal() and (row.owner, one) not in combinable]
            problems += [_problem("alert", number, "members", f"there is no alert {one} to combine") for one in lacking]
        elif row.signal.startswith(expressions.PREFIX) and not (
            row.signal in servers or (row.signal, row.owner) in people
        ):
            problems.append(_problem("alert", number, "signal", f"no own signal of the file is {row.signal}"))


def _problem(what: str, number: int, where: str, sentence: str) -> Problem:
    return Problem(_place(what, number, where), "", value_problems.printable(sentence))


def _place(what: str, number: int, where: str) -> str:
    return f"{what} {number}" + (f", {where}" if where else "")


def put_own(db: Database, row: OwnSignalRow, *, now: datetime) -> None:
    """Store an own signal, unless its owner has the expression already. Raises UserError for a name that is taken."""
    own = row.own
    held = [one for one in own_signals.load(db).rows if (one.user_id, one.guild_id) == (own.user_id, own.guild_id)]
    if any(one.expression == own.expression for one in held):
        return
    taken = next((one for one in held if one.name == own.name), None)
    if taken is not None:
        raise UserError(f"{own.title} of {row.owner or row.server} is {taken.expression} here. Nothing was imported.")
    own_signals.add(db, own, row.listings, now=now)
