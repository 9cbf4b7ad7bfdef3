"""The config file: a type with defaults and one loader that reports all problems at once.

Secrets are never in it (see `secrets`). Unknown keys are problems, and the nearest known key is
named.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails, PydanticKnownError

from bot.errors import ConfigError, Problem
from bot.settings.addresses import http_url
from bot.settings.secrets import TOKEN_SHAPE

_SOURCE_NAMES = "source_names"
"""Key of the names of sources in the context of a validation. The settings do not import the
sources."""


def _source_name(value: Any, info: ValidationInfo) -> str:
    """`value` if it is the name of a source; else an error like that of a Literal.

    Only `parse` knows the names.
    """
    if not info.context:
        raise ValueError("names of sources, which only a config file can hold")
    names: Sequence[str] = info.context[_SOURCE_NAMES]
    if isinstance(value, str) and value in names:
        return value
    *most, last = map(repr, names)
    either = f"{', '.join(most)} or {last}" if most else last
    raise PydanticKnownError("literal_error", {"expected": either})


class Section(BaseModel):
    """Base of every section: no unknown keys, frozen, and no text is taken for a number."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class DiscordSection(Section):
    """`[discord]`."""

    api_base: str | None = None

    @field_validator("api_base")
    @classmethod
    def _is_a_url(cls, value: str | None) -> str | None:
        return None if value is None else http_url(value)


class SourcesSection(Section):
    """`[sources]`."""

    enabled: tuple[Annotated[str, PlainValidator(_source_name)], ...] | None = Field(default=None, strict=False)
    """None: every source that need not be chosen by a person."""
    contact: str | None = None
    backfill_years: int = Field(default=10, ge=2, le=40)
    live_minutes: int = Field(default=15, ge=0, le=240)
    simulated: bool = False
    base_urls: Mapping[str, str] = Field(default_factory=dict)

    @field_validator("contact")
    @classmethod
    def _has_an_address(cls, value: str | None) -> str | None:
        if value is not None and ("@" not in value or len(value.split()) < 2 or not value.isprintable()):
            raise ValueError('a name and an e-mail address, such as "Ada Lovelace ada@example.org"')
        return value

    @field_validator("base_urls")
    @classmethod
    def _are_urls(cls, value: Mapping[str, str]) -> Mapping[str, str]:
        return {host: http_url(url) for host, url in value.items()}


class SummarySection(Section):
    """`[summary]`."""

    zone: str = "America/New_York"
    time: str = "17:00"

    @field_validator("zone")
    @classmethod
    def _is_a_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, OSError, KeyError) as error:
            raise ValueError('a zone of the IANA list, such as "America/New_York" or "Europe/Berlin"') from error
        return value

    @field_validator("time")
    @classmethod
    def _is_a_time(cls, value: str) -> str:
        hours, colon, minutes = value.partition(":")
        if not (colon and len(value) == 5 and value.replace(":", "").isascii() and (hours + minutes).isdecimal()):
            raise ValueError('a time from "00:00" to "23:59"')
        if int(hours) > 23 or int(minutes) > 59:
            raise ValueError('a time from "00:00" to "23:59"')
        return value


class CalendarSection(Section):
    """`[calendar]`."""

    closures: tuple[date, ...] = Field(default=(), strict=False)

    @field_validator("closures", mode="before")
    @classmethod
    def _are_weekdays(cls, value: Any) -> Any:
        for day in value if isinstance(value, list) else ():
            if type(day) is not date:
                raise ValueError("dates without quotes, such as 2025-01-09")
            if day.weekday() > 4:
                raise ValueError(f"days on which the exchange would trade; {day} is a {day:%A}")
        return value


class LimitsSection(Section):
    """`[limits]`."""

    alerts_per_person: int = Field(default=50, ge=1, le=1000)
    alerts_per_server: int = Field(default=500, ge=1, le=100_000)
    channels_per_server: int = Field(default=20, ge=1, le=500)


class LogSection(Section):
    """`[log]`."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    form: Literal["auto", "human", "json"] = "auto"


class HealthSection(Section):
    """`[health]`."""

    port: int | None = Field(default=None, ge=1, le=65535)


class Config(Section):
    """The whole file; every key has a default, so an empty file is valid."""

    discord: DiscordSection = DiscordSection()
    sources: SourcesSection = SourcesSection()
    calendar: CalendarSection = CalendarSection()
    summary: SummarySection = SummarySection()
    limits: LimitsSection = LimitsSection()
    log: LogSection = LogSection()
    health: HealthSection = HealthSection()


def load(path: Path, source_names: Sequence[str]) -> Config:
    """Read and check a config file.

    Args:
        path: The file.
        source_names: Names of the sources that there are.

    Raises:
        ConfigError: With every problem, each with its key path.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigError([Problem(str(path), f"cannot be read ({reason})", "name a readable config file")]) from error
    return parse(text, source_names)


def parse(text: str, source_names: Sequence[str]) -> Config:
    """Check the text of a config file, as `load` does. Raises ConfigError with every problem."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            [Problem("TOML", str(error), "mend the line; check-config can then look at the rest")]
        ) from error
    problems = list(_tokens(raw))
    try:
        config = Config.model_validate(raw, context={_SOURCE_NAMES: source_names})
    except ValidationError as error:
        secret_paths = {problem.where for problem in problems}
        problems += [problem for problem in map(_problem, error.errors()) if problem.where not in secret_paths]
        raise ConfigError(problems) from error
    if problems:
        raise ConfigError(problems)
    return config


def _tokens(value: object, where: str = "") -> Iterator[Problem]:
    """A problem for each text that looks like a Discord token, or whose key does.

    The token itself is never shown.
    """
    if isinstance(value, Mapping):
        for key, inner in value.items():
            path = f"{where}.{key}" if where else str(key)
            if "token" in str(key).lower() and not isinstance(inner, Mapping):
                yield _token_problem(path)
            else:
                yield from _tokens(inner, path)
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from _tokens(inner, f"{where}[{position}]")
    elif isinstance(value, str) and TOKEN_SHAPE.search(value):
        yield _token_problem(where)


def _token_problem(where: str) -> Problem:
    reason = "config files are copied, shown and committed, and whoever reads the token owns the bot"
    remedy = f"{reason}; take it out and use DISCORD_TOKEN, DISCORD_TOKEN_FILE or a systemd credential"
    return Problem(where, "a token does not belong here", remedy)


def _problem(error: ErrorDetails) -> Problem:
    where = ".".join(map(str, error["loc"]))
    rejected = f"{_shown(error['input'])} is not right"
    if error["type"] == "extra_forbidden":
        return Problem(where, "there is no such key", _nearest(error["loc"]))
    if error["type"] == "value_error":
        return Problem(where, rejected, f"wanted: {error['ctx']['error']}")
    return Problem(where, rejected, f"wanted: {_expected(error)}")


def _expected(error: ErrorDetails) -> str:
    """What pydantic's message means, for a person who does not know Python."""
    context = error.get("ctx", {})
    match error["type"]:
        case "literal_error":
            return f"one of {context['expected']}"
        case "greater_than_equal":
            return f"{context['ge']} or more"
        case "less_than_equal":
            return f"{context['le']} or less"
        case "int_type":
            return "a whole number without quotes"
        case "string_type":
            return "a text in quotes"
        case "tuple_type":
            return "a list in square brackets"
        case "model_type" | "model_attributes_type" | "mapping_type" | "dict_type":
            return "a section, [name] on a line of its own with its keys below"
        case _:
            return error["msg"]


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = repr(value) if not isinstance(value, str) else f'"{value}"'
    return text if len(text) <= 80 else f"{text[:77]}..."


def _nearest(location: tuple[int | str, ...]) -> str:
    """The hint for an unknown key: the nearest key, the section it belongs to, or all keys."""
    keys = _known_keys(location[:-1])
    unknown = str(location[-1])
    all_paths = [f"{name}.{key}" for name, field in Config.model_fields.items() for key in _fields(field.annotation)]
    here = difflib.get_close_matches(unknown, keys, n=1)
    elsewhere = [path for path in all_paths if path.rpartition(".")[2] == unknown]
    if elsewhere and not here:
        return f"did you mean {elsewhere[0]}?"
    if here:
        prefix = "".join(f"{part}." for part in location[:-1])
        return f"did you mean {prefix}{here[0]}?"
    return f"known here: {', '.join(keys)}"


def _known_keys(location: tuple[int | str, ...]) -> list[str]:
    if not location:
        return list(Config.model_fields)
    field = Config.model_fields.get(str(location[0]))
    return _fields(field.annotation) if field else []


def _fields(annotation: object) -> list[str]:
    return list(annotation.model_fields) if isinstance(annotation, type) and issubclass(annotation, BaseModel) else []
