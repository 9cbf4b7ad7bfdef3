"""The config file: good ones load, bad ones are refused with every problem."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import get_args

import pytest
from pydantic import ValidationError

from bot.domain.doubt import DoubtRule
from bot.errors import ConfigError
from bot.ingest import enabled_sources
from bot.settings import config as config_file
from bot.settings.config import Config, RuleName, SourcesSection
from bot.sources import factory

EXAMPLE = Path(__file__).parents[3] / "config.example.toml"
TOKEN = "MTE3NjQ1NTc2MjM0NTY3ODkw.GabcDE.abcdefghijklmnopqrstuvwxyz0123456789AB"


def load(path: Path) -> Config:
    return config_file.load(path, factory.names())


def parse(text: str) -> Config:
    return config_file.parse(text, factory.names())


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parse(text)
    return [str(problem) for problem in caught.value.problems]


def test_an_empty_file_means_the_defaults() -> None:
    assert parse("") == Config()


def test_the_example_is_the_defaults_and_names_every_key() -> None:
    assert load(EXAMPLE) == Config()
    text = EXAMPLE.read_text("utf-8")
    for section, field in Config.model_fields.items():
        keys = field.annotation.model_fields  # type: ignore[union-attr]
        assert f"[{section}" in text
        for key in keys:
            assert re.search(rf"(?m)^# ({key} = |\[{section}\.{key}\])", text), f"{section}.{key} is not explained"


def test_every_rule_of_plausibility_can_be_switched_off_by_its_name() -> None:
    names = [rule.value for rule in DoubtRule]
    assert list(get_args(RuleName)) == names
    assert list(parse(f"[plausibility]\noff = {json.dumps(names)}").plausibility.off) == names
    [problem] = problems('[plausibility]\noff = ["jumps"]')
    assert "wanted: one of 'identity', 'unit'" in problem


def test_the_example_still_loads_when_every_comment_is_a_setting() -> None:
    lines = EXAMPLE.read_text("utf-8").splitlines()
    settings = [re.sub(r"^# (?=[a-z_]+ = |\[|\"[^\"]+\" = )", "", line) for line in lines]
    [refused] = problems("\n".join(settings))
    assert refused.startswith(
        "operator.channel_id: 381963689470984203 is not right; wanted: either a channel or a person"
    )
    config = parse("\n".join(line for line in settings if not line.startswith("channel_id")))
    assert config.operator.user_id == 81384788765712384
    assert config.sources.enabled == enabled_sources.enabled(Config())
    assert config.sources.contact == "Ada Lovelace ada@example.org"
    assert config.sources.base_urls == {"fred.stlouisfed.org": "http://127.0.0.1:8081"}
    assert config.calendar.closures == (date(2025, 1, 9),)
    assert config.health.port == 9090


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "[sources]\nbackfil_years = 5",
            "sources.backfil_years: there is no such key; did you mean sources.backfill_years?",
        ),
        ("zone = 'Europe/Berlin'", "zone: there is no such key; did you mean summary.zone?"),
        ("[sumary]\ntime = '10:00'", "sumary: there is no such key; did you mean summary?"),
        ("[log]\nqqq = 1", "log.qqq: there is no such key; known here: level, form"),
        (
            "[log]\nlevel = 'loud'",
            "log.level: \"loud\" is not right; wanted: one of 'debug', 'info', 'warning' or 'error'",
        ),
        (
            "[sources]\nlive_minutes = '15'",
            'sources.live_minutes: "15" is not right; wanted: a whole number without quotes',
        ),
        (
            "[sources]\nlive_minutes = 1.5",
            "sources.live_minutes: 1.5 is not right; wanted: a whole number without quotes",
        ),
        (
            "[sources]\nlive_minutes = true",
            "sources.live_minutes: true is not right; wanted: a whole number without quotes",
        ),
        ("[sources]\nbackfill_years = 99", "sources.backfill_years: 99 is not right; wanted: 40 or less"),
        ("[sources]\nbackfill_years = 0", "sources.backfill_years: 0 is not right; wanted: 2 or more"),
        ("[health]\nport = 0", "health.port: 0 is not right; wanted: 1 or more"),
        ("[summary]\ntime = '25:00'", 'summary.time: "25:00" is not right; wanted: a time from "00:00" to "23:59"'),
        (
            "[summary]\ntime = '🕔🕔:🕔🕔'",
            'summary.time: "🕔🕔:🕔🕔" is not right; wanted: a time from "00:00" to "23:59"',
        ),
        (
            "[summary]\nzone = 'Mars/Base'",
            'summary.zone: "Mars/Base" is not right; wanted: a zone of the IANA list, such as "America/New_York" or '
            '"Europe/Berlin"',
        ),
        (
            "[discord]\napi_base = 'discord.com'",
            'discord.api_base: "discord.com" is not right; wanted: an address that begins with https://, '
            "or with http:// on this machine",
        ),
        (
            "[sources]\ncontact = 'Ada'",
            'sources.contact: "Ada" is not right; wanted: a name and an e-mail address, such as "Ada Lovelace ada@example.org"',
        ),
        *(
            (
                f"[sources]\ncontact = '{contact}'",
                f'sources.contact: "{contact}" is not right; wanted: a name and an e-mail address, '
                'such as "Ada Lovelace ada@example.org"',
            )
            for contact in ("Ada @", "Ada ada@", "Ada ada@localhost", "🚀 🚀@🚀", "ada@example.org")
        ),
        (
            f"[sources]\ncontact = 'Ada ada@example.org {'x' * 6000}'",
            f'sources.contact: "Ada ada@example.org {"x" * 56}... is not right; wanted: a name and an e-mail address, '
            'such as "Ada Lovelace ada@example.org"',
        ),
        (
            "[calendar]\nclosures = ['2025-01-09']",
            "calendar.closures: ['2025-01-09'] is not right; wanted: dates without quotes, such as 2025-01-09",
        ),
        (
            "[calendar]\nclosures = [2025-01-11]",
            "calendar.closures: [2025-01-11] is not right; wanted: days on which the exchange would trade; "
            "2025-01-11 is a Saturday",
        ),
        (
            "[calendar]\nclosures = 2025-01-09",
            "calendar.closures: 2025-01-09 is not right; wanted: a list in square brackets",
        ),
        ("sources = 3", "sources: 3 is not right; wanted: a section, [name] on a line of its own with its keys below"),
        (
            "[sources]\nenabled = ['yaho']",
            "sources.enabled.0: \"yaho\" is not right; wanted: one of 'universe', 'yahoo', "
            "'fred', 'treasury', 'cboe', 'fed', 'cboe-chains', 'estimates', 'edgar', 'statestreet', 'ishares' or 'invesco'",
        ),
    ],
)
def test_a_problem_names_key_value_and_what_would_be_right(text: str, expected: str) -> None:
    assert problems(text) == [expected]


def test_names_of_sources_are_those_that_the_caller_gives() -> None:
    assert config_file.parse("[sources]\nenabled = ['mint', 'mill']", ("mill", "mint")).sources.enabled == (
        "mint",
        "mill",
    )
    for names in ("['yahoo']", "[3]", "[['mint']]"):
        with pytest.raises(ConfigError, match="wanted: one of 'mill' or 'mint'"):
            config_file.parse(f"[sources]\nenabled = {names}", ("mill", "mint"))
    with pytest.raises(ConfigError, match="wanted: a list in square brackets"):
        parse("[sources]\nenabled = 'yahoo'")


def test_sources_cannot_be_enabled_where_nobody_knows_their_names() -> None:
    with pytest.raises(ValidationError, match="names of sources"):
        SourcesSection(enabled=("yahoo",))


def test_all_problems_are_reported_at_once() -> None:
    text = "colour = 'red'\n[log]\nlevel = 'loud'\n[health]\nport = 'x'\n[summary]\ntime = 'noon'"
    assert {line.partition(":")[0] for line in problems(text)} == {"colour", "log.level", "health.port", "summary.time"}


@pytest.mark.parametrize("key", ["token", "discord_token", "api_base"])
def test_a_token_in_the_file_is_refused_with_the_reason_and_never_repeated(key: str) -> None:
    (line,) = problems(f"[discord]\n{key} = '{TOKEN}'")
    assert line.startswith(f"discord.{key}: a token does not belong here; config files are copied")
    assert "DISCORD_TOKEN_FILE" in line
    assert TOKEN not in line


def test_a_file_that_is_not_toml_is_refused_with_its_line() -> None:
    (line,) = problems("[log]\nlevel = \n")
    assert "line 2" in line


def test_a_file_that_is_nested_too_deeply_is_refused_in_a_sentence() -> None:
    wanted = "TOML: lists or tables are nested too deeply; mend the line; check-config can then look at the rest"
    assert problems("a = " + "[" * 100_000) == [wanted]


def test_a_file_that_is_absent_or_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "absent.toml")
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b"# caf\xe9")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load(latin)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8081", "http://localhost", "http://[::1]:8081", "https://example.org"]
)
def test_addresses_without_tls_lead_to_this_machine_alone(url: str) -> None:
    config = parse(f'[discord]\napi_base = "{url}"\n[sources.base_urls]\n"fred.stlouisfed.org" = "{url}"\n')
    assert config.discord.api_base == config.sources.base_urls["fred.stlouisfed.org"] == url


@pytest.mark.parametrize(
    "url", ["http://example.org", "http://10.0.0.7:8081", "http://127.0.0.1.example.org", "http://[fe80::1]"]
)
def test_addresses_elsewhere_without_tls_are_refused(url: str) -> None:
    for text in (f'[discord]\napi_base = "{url}"\n', f'[sources.base_urls]\n"fred.stlouisfed.org" = "{url}"\n'):
        with pytest.raises(ConfigError) as refused:
            parse(text)
        assert "http:// is for this machine alone" in str(refused.value.problems[0])
