"""Settings by environment: they win over the file, and their problems are named by the variable."""

from __future__ import annotations

from datetime import date

import pytest

from bot.errors import ConfigError
from bot.settings.config import Config, parse
from bot.settings.environment import variables
from bot.sources import factory

TOKEN = "MTE3NjQ1NTc2MjM0NTY3ODkw.GabcDE.abcdefghijklmnopqrstuvwxyz0123456789AB"


def read(text: str = "", **environ: str) -> Config:
    return parse(text, factory.names(), {f"ROTATION_BOT_{name}": value for name, value in environ.items()})


def problems(text: str = "", **environ: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(text, **environ)
    return [str(problem) for problem in caught.value.problems]


def test_every_key_of_the_file_has_a_variable() -> None:
    keys = {
        (section, key)
        for section, field in Config.model_fields.items()
        for key in field.annotation.model_fields  # type: ignore[union-attr]
    }
    assert set(variables(Config).values()) == keys


def test_a_variable_wins_over_the_file_and_leaves_the_other_keys_of_its_section() -> None:
    config = read("[sources]\nlive_minutes = 5\nbackfill_years = 3", SOURCES_LIVE_MINUTES="20")
    assert (config.sources.live_minutes, config.sources.backfill_years) == (20, 3)


def test_texts_need_no_quotes_lists_no_brackets_and_the_rest_is_as_in_the_file() -> None:
    config = read(
        SOURCES_CONTACT="Ada Lovelace ada@example.org",
        SOURCES_ENABLED="universe, yahoo",
        SOURCES_SIMULATED="true",
        SOURCES_BASE_URLS='{"fred.stlouisfed.org" = "http://127.0.0.1:8081"}',
        CALENDAR_CLOSURES="2025-01-09,2026-07-06",
        PLAUSIBILITY_OFF='["band"]',
        LOG_LEVEL="debug",
        HEALTH_PORT="9090",
        HEALTH_HOST="10.0.0.7",
        SUMMARY_TIME="18:30",
    )
    assert config.sources.contact == "Ada Lovelace ada@example.org"
    assert config.sources.enabled == ("universe", "yahoo")
    assert config.sources.simulated
    assert config.sources.base_urls == {"fred.stlouisfed.org": "http://127.0.0.1:8081"}
    assert config.calendar.closures == (date(2025, 1, 9), date(2026, 7, 6))
    assert config.plausibility.off == ("band",)
    assert (config.log.level, config.health.port, config.health.host) == ("debug", 9090, "10.0.0.7")
    assert config.summary.time == "18:30"


def test_problems_are_named_by_the_variable_or_the_key_that_they_came_from() -> None:
    assert problems("[limits]\nalerts_per_person = 0", HEALTH_PORT="99999", SOURCES_ENABLED="yahoo,fredd") == [
        'ROTATION_BOT_SOURCES_ENABLED: "fredd" is not right; wanted: one of '
        + problems(SOURCES_ENABLED="fredd")[0].partition("wanted: one of ")[2],
        "limits.alerts_per_person: 0 is not right; wanted: 1 or more",
        "ROTATION_BOT_HEALTH_PORT: 99999 is not right; wanted: 65535 or less",
    ]
    assert problems(HEALTH_HOST="here") == [
        'ROTATION_BOT_HEALTH_HOST: "here" is not right; wanted: an address of this machine, such as "127.0.0.1" or "0.0.0.0"'
    ]


def test_an_unknown_variable_is_a_problem_with_the_nearest_one_and_the_home_is_none() -> None:
    assert problems(HEALTH_PROT="1", HOME="/home/ada/bot") == [
        "ROTATION_BOT_HEALTH_PROT: there is no such setting; did you mean ROTATION_BOT_HEALTH_PORT?"
    ]


@pytest.mark.parametrize("name", ["TOKEN_FILE", "DISCORD_TOKEN_FILE"])
def test_a_secret_under_the_prefix_of_the_settings_is_pointed_to_its_own_variable(name: str) -> None:
    assert problems(**{name: "/run/token"}) == [
        f"ROTATION_BOT_{name}: there is no such setting; did you mean DISCORD_TOKEN_FILE?"
    ]


def test_a_variable_that_resembles_none_is_pointed_to_the_list_of_all() -> None:
    assert problems(XYZZY="1") == [
        "ROTATION_BOT_XYZZY: there is no such setting; config.example.toml has all sections and keys"
    ]


def test_what_no_id_of_discord_and_no_switch_can_be_is_refused() -> None:
    assert problems(OPERATOR_USER_ID=str(2**63), SOURCES_SIMULATED="maybe") == [
        'ROTATION_BOT_SOURCES_SIMULATED: "maybe" is not right; wanted: true or false',
        f"ROTATION_BOT_OPERATOR_USER_ID: {2**63} is not right; wanted: {2**63 - 1} or less",
    ]


def test_a_token_in_a_setting_is_refused_without_being_shown() -> None:
    [problem] = problems(SOURCES_CONTACT=TOKEN)
    assert problem.startswith("ROTATION_BOT_SOURCES_CONTACT: a token does not belong here")
    assert TOKEN not in problem


def test_a_section_that_is_no_section_is_told_as_such() -> None:
    [problem] = problems("health = 5", HEALTH_PORT="9090")
    assert problem.startswith("health: 5 is not right; wanted: a section")


def test_an_empty_variable_is_no_empty_list() -> None:
    assert problems(SOURCES_ENABLED="") == [
        'ROTATION_BOT_SOURCES_ENABLED: "" is not right; wanted: one or more with commas between them, or [] for none'
    ]
    assert read(SOURCES_ENABLED="[]").sources.enabled == ()


def test_what_is_wanted_of_a_variable_is_said_in_its_own_form() -> None:
    assert problems(SOURCES_BASE_URLS="x") == [
        'ROTATION_BOT_SOURCES_BASE_URLS: "x" is not right; wanted: a table such as '
        '{"fred.stlouisfed.org" = "http://127.0.0.1:8081"}'
    ]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("rotation_bot_health_port", "ROTATION_BOT_HEALTH_PORT"),
        ("Rotation_Bot_Log_Level", "ROTATION_BOT_LOG_LEVEL"),
        ("rotation_bot_home", "ROTATION_BOT_HOME"),
        ("ROTATION_BOT_TOKEN", "DISCORD_TOKEN"),
    ],
)
def test_a_variable_in_other_letters_is_pointed_to_the_right_one(typed: str, meant: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse("", factory.names(), {typed: "1"})
    assert [str(problem) for problem in caught.value.problems] == [
        f"{typed}: there is no such setting; did you mean {meant}?"
    ]
