"""People's alerts as rows of a JSON file: written, and read back with every problem named by its row."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, fields
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.alerts.validation import ValidatedSpec
from bot.database import Database, alerts, destinations, subscriptions
from bot.database.alert_rows import alert_of
from bot.database.codec import rows
from bot.domain.model import After, Alert, AlertSpec, Condition, Destination, DestinationKind, Repeat, Timing
from bot.errors import Problem, ProblemsError, UserError
from signals import catalogue
from signals.core.model import Measure

FORMAT = 1
_SPEC = tuple(field.name for field in fields(AlertSpec))


class AlertRow(BaseModel):
    """One alert: who has set it, where it posts, and what it asks for.

    Ids are texts, because other programs round numbers of that size.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    owner: str = Field(pattern=r"^\d{1,20}$")
    channel: str | None = Field(default=None, pattern=r"^\d{1,20}$")
    server: str | None = Field(default=None, pattern=r"^\d{1,20}$")
    role: str | None = Field(default=None, pattern=r"^\d{1,20}$")
    signal: str
    measure: Measure = Measure.VALUE
    condition: Condition
    level: float = Field(allow_inf_nan=False)
    level_high: float | None = Field(default=None, allow_inf_nan=False)
    timing: Timing = Timing.CLOSE
    confirm: int = Field(default=1, ge=1)
    repeat: Repeat = Repeat.EVERY
    cooldown_days: int = Field(default=0, ge=0)
    band: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    after: After = After.NOTHING
    remind_every: int = Field(default=0, ge=0)

    @property
    def spec(self) -> AlertSpec:
        """What it asks for."""
        return AlertSpec(**{name: getattr(self, name) for name in _SPEC})


def export(db: Database) -> list[dict[str, Any]]:
    """Every alert of a person that can still fire, oldest first; one row for each place. Combinations are left out."""
    records = rows(
        db,
        "SELECT * FROM alert WHERE topic IS NULL AND at_least IS NULL AND owner_id <> 0 AND ended_at IS NULL ORDER BY id",
    )
    return [row for record in records for row in _rows(db, alert_of(record))]


def _rows(db: Database, alert: Alert) -> Iterator[dict[str, Any]]:
    for subscription in subscriptions.of_alert(db, alert.id):
        place = destinations.get(db, subscription.destination_id)
        if place is None:
            continue
        in_channel = place.kind is DestinationKind.CHANNEL
        where = {
            "channel": str(place.channel_id) if in_channel else None,
            "server": str(place.guild_id) if in_channel else None,
            "role": None if subscription.role_id is None else str(subscription.role_id),
        }
        yield {"owner": str(alert.owner_id), **where, **asdict(alert.spec)}


def text(alert_rows: list[dict[str, Any]]) -> str:
    """The file of these rows."""
    return json.dumps({"format": FORMAT, "alerts": alert_rows}, indent=1, ensure_ascii=False) + "\n"


def read(content: str) -> list[AlertRow]:
    """The rows of a file. Raises ProblemsError with every problem of every row, UserError for another kind of file."""
    try:
        parsed = json.loads(content)
    except ValueError as error:
        raise UserError(f"The file is not JSON ({error}).") from error
    if not isinstance(parsed, dict) or parsed.get("format") != FORMAT or not isinstance(parsed.get("alerts"), list):
        raise UserError(f'The file is no export of alerts: it has no "format": {FORMAT} and list "alerts".')
    found: list[AlertRow] = []
    problems: list[Problem] = []
    for number, row in enumerate(parsed["alerts"], 1):
        try:
            found.append(_valid(row))
        except ValidationError as error:
            problems += [_problem(number, ".".join(map(str, each["loc"])), each["msg"]) for each in error.errors()]
        except UserError as error:
            problems.append(_problem(number, "", str(error)))
    if problems:
        raise ProblemsError(problems)
    return found


def _valid(content: Any) -> AlertRow:
    row = AlertRow.model_validate(content)
    signal = catalogue.SIGNALS.get(row.signal)
    if signal is None:
        raise UserError(f'there is no signal "{row.signal[:60]}"; `rotation-bot signals` lists all')
    if (row.channel is None) != (row.server is None):
        raise UserError("channel and server belong together; a DM has neither")
    ValidatedSpec(row.spec, signal)
    return row


def _problem(number: int, where: str, text: str) -> Problem:
    return Problem(f"alert {number}" + (f", {where}" if where else ""), "", text)


def same(db: Database, row: AlertRow, place: Destination) -> bool:
    """Whether that person has the same alert at that place already."""
    own = alerts.list_for(db, int(row.owner))
    return any(
        alert.spec == row.spec
        and alert.ended_at is None
        and any(each.destination_id == place.id for each in subscriptions.of_alert(db, alert.id))
        for alert in own
    )
