"""The settings: a type with defaults and one loader that reports all problems at once.

They come from the config file and from the environment (see `environment`), which wins. Secrets are
never in them (see `secrets`). Unknown keys are problems, and the nearest known key is named.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from ipaddress import ip_address
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticKnownError

from bot.errors import ConfigError, Problem
from bot.settings import config_problems, environment, value_problems
from bot.settings.addresses import http_url
from bot.settings.discord_ids import LARGEST_ID
from bot.settings.text_files import read_text
from bot.settings.zones import meant

_SECTION = "a section, [name] on a line of its own with its keys below"
_IN_VARIABLES = {
    f"wanted: {_SECTION}": 'wanted: a table such as {"fred.stlouisfed.org" = "http://127.0.0.1:8081"}',
    "wanted: a list in square brackets": "wanted: one or more with commas between them, or [] for none",
}
"""What is wanted of a variable where a config file would have another form."""
_ADDRESS = re.compile(r"<?[^@\s]+@[^@\s]+\.[^@\s]+>?")
_LONGEST_CONTACT = 200
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


def _is_contact(text: str) -> bool:
    """Whether a text names somebody and an address, and fits into the header of a request."""
    words = text.split()
    has_address = any(_ADDRESS.fullmatch(word) for word in words)
    return has_address and len(words) >= 2 and len(text) <= _LONGEST_CONTACT and text.isprintable()


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
        if value is not None and not _is_contact(value):
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
        value = meant(value)
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

    host: str = "127.0.0.1"
    port: int | None = Field(default=None, ge=1, le=65535)

    @field_validator("host")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        try:
            ip_address(value)
        except ValueError as error:
            raise ValueError('an address of this machine, such as "127.0.0.1" or "0.0.0.0"') from error
        return value


class OperatorSection(Section):
    """`[operator]`: who is told what is wrong with the installation."""

    user_id: int | None = Field(default=None, ge=1, le=LARGEST_ID)
    channel_id: int | None = Field(default=None, ge=1, le=LARGEST_ID)
    ping_url: str | None = None

    @field_validator("channel_id")
    @classmethod
    def _is_the_only_place(cls, value: int | None, info: ValidationInfo) -> int | None:
        if value is not None and info.data.get("user_id") is not None:
            raise ValueError("either a channel or a person; take one of operator.user_id and operator.channel_id out")
        return value

    @field_validator("ping_url")
    @classmethod
    def _is_a_url(cls, value: str | None) -> str | None:
        return None if value is None else http_url(value)


RuleName = Literal[
    "identity", "unit", "ratio", "band", "adjusted", "no-answer", "unchanged", "diverged", "series", "funds", "chains"
]
"""Rules of plausibility (`bot.domain.doubt.DoubtRule`)."""


class PlausibilitySection(Section):
    """`[plausibility]`."""

    off: tuple[RuleName, ...] = Field(default=(), strict=False)
    """Rules that doubt nothing."""


class Config(Section):
    """The whole file; every key has a default, so an empty file is valid."""

    discord: DiscordSection = DiscordSection()
    sources: SourcesSection = SourcesSection()
    calendar: CalendarSection = CalendarSection()
    summary: SummarySection = SummarySection()
    limits: LimitsSection = LimitsSection()
    log: LogSection = LogSection()
    health: HealthSection = HealthSection()
    operator: OperatorSection = OperatorSection()
    plausibility: PlausibilitySection = PlausibilitySection()


def load(path: Path | None, source_names: Sequence[str], environ: Mapping[str, str] = MappingProxyType({})) -> Config:
    """Read and check the settings.

    Args:
        path: The config file; None means that there is none.
        source_names: Names of the sources that there are.
        environ: The environment, whose settings win over those of the file.

    Raises:
        ConfigError: With every problem, each with its key path or the name of its variable.
    """
    try:
        text = "" if path is None else read_text(path)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigError([Problem(str(path), f"cannot be read ({reason})", "name a readable config file")]) from error
    return parse(text, source_names, environ)


def parse(text: str, source_names: Sequence[str], environ: Mapping[str, str] = MappingProxyType({})) -> Config:
    """Check the text of a config file, as `load` does. Raises ConfigError with every problem."""
    try:
        raw = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        fault = "lists or tables are nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise ConfigError([Problem("TOML", fault, "mend the line; check-config can then look at the rest")]) from error
    named = {}
    for (section, key), value in environment.settings(environ, Config).items():
        inner = raw.setdefault(section, {})
        if isinstance(inner, dict):
            inner[key] = value
            named[section, key] = f"{environment.PREFIX}{section}_{key}".upper()
    problems = [*config_problems.tokens(raw), *environment.unknown(environ, Config)]
    try:
        config = Config.model_validate(raw, context={_SOURCE_NAMES: source_names})
    except ValidationError as error:
        secret_paths = {problem.where for problem in problems}
        invalid = (value_problems.problem(detail, Config, mapping=_SECTION) for detail in error.errors())
        problems += [problem for problem in invalid if problem.where not in secret_paths]
        raise ConfigError(_by_variable(problems, named)) from error
    if problems:
        raise ConfigError(_by_variable(problems, named))
    return config


def _by_variable(problems: Sequence[Problem], named: Mapping[tuple[str, str], str]) -> list[Problem]:
    """The same; those of settings that came from the environment are named by their variable."""
    by_path = {".".join(key): variable for key, variable in named.items()}
    return [
        replace(problem, where=by_path[path], expected=_IN_VARIABLES.get(problem.expected, problem.expected))
        if (path := _key_path(problem.where)) in by_path
        else problem
        for problem in problems
    ]


def _key_path(where: str) -> str:
    """Section and key of a place below them: `sources.enabled.2` is in `sources.enabled`."""
    return ".".join(where.partition("[")[0].split(".")[:2])
