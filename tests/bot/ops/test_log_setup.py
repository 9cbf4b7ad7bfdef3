"""No secret reaches a log line, whatever logger and whatever way."""

from __future__ import annotations

import io
import json
import logging
import re

import pytest

from bot.domain.foreign_text import ForeignText
from bot.ops import log_setup

TOKEN = "MTE3NjQ1NTc2MjM0NTY3ODkw.GabcDE.abcdefghijklmnopqrstuvwxyz0123456789AB"
FRED_KEY = "0123456789abcdef0123456789abcdef"
INTERACTION = "aW50ZXJhY3Rpb246MTIzNDU2Nzg5MDEyMzQ1Njc4OTA6YWJjZGVm"


def logged(form: str, message: str, *args: object, error: BaseException | None = None) -> str:
    stream = io.StringIO()
    made = log_setup.handler(stream, form, secrets=[FRED_KEY])
    logger = logging.Logger("library.deep")
    logger.addHandler(made)
    logger.error(message, *args, exc_info=error)
    return stream.getvalue()


@pytest.mark.parametrize("form", ["human", "json"])
@pytest.mark.parametrize(
    ("message", "secret"),
    [
        (f"login with {TOKEN} failed", TOKEN),
        (f"Authorization: Bot {TOKEN}", TOKEN),
        ("GET https://x/observations?series_id=DGS10&api_key=abcdef123&file_type=json", "abcdef123"),
        ("GET https://x/v7/finance/quote?crumb=Xy.z12", "Xy.z12"),
        (f"POST https://x/interactions/123/{INTERACTION}/callback", INTERACTION),
        (f"PATCH https://x/webhooks/123/{INTERACTION}/messages/@original", INTERACTION),
        (f"a key in other words {FRED_KEY}.", FRED_KEY),
        ("headers={'Authorization': 'Bot short-one', 'X': '1'}", "short-one"),
        ("headers={'Authorization': 'Bearer with blanks inside'}", "with blanks inside"),
        ('{"api_key": "abc{def}123", "file_type": "json"}', "abc{def}123"),
        ("params={'crumb': 'Xy.z12'}", "Xy.z12"),
        ("{b'authorization': b'Basic Zm9vOmJhcg=='}", "Zm9vOmJhcg"),
        ("<CIMultiDict('Cookie': 'A1=d=AQAB')>", "A1=d=AQAB"),
    ],
)
def test_secrets_are_hidden_in_messages_arguments_and_tracebacks(form: str, message: str, secret: str) -> None:
    plain = logged(form, message.replace("%", "%%"))
    as_argument = logged(form, "%s", message)
    try:
        raise RuntimeError(message)
    except RuntimeError as error:
        in_traceback = logged(form, "went wrong", error=error)
    for text in (plain, as_argument, in_traceback):
        assert secret not in text
        assert log_setup.HIDDEN in text


def test_what_is_no_secret_stays() -> None:
    text = "Prices of 2026-01-13 for 503 members from query2.finance.yahoo.com, see /webhooks/123"
    assert log_setup.redact(text) == text


def test_json_has_one_object_a_line_even_for_a_traceback() -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError as error:
        (line,) = logged("json", "first\nsecond", error=error).splitlines()
    event = json.loads(line)
    assert event["message"] == "first\nsecond"
    assert event["logger"] == "library.deep"
    assert "ValueError" in event["error"]


def test_a_human_line_begins_with_day_time_and_zone() -> None:
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d\d:\d\d \w+ +", logged("human", "x"))


def test_a_human_line_is_one_line() -> None:
    assert len(logged("human", "first\nsecond").splitlines()) == 1


@pytest.mark.parametrize("form", ["human", "json"])
def test_what_would_steer_a_terminal_is_shown_as_its_code(form: str) -> None:
    name = "Ac\x1b[2J\x1b]0;owned\x07me\x9b31m\u202egnp"
    try:
        raise ValueError(name)
    except ValueError as error:
        text = logged(form, "%s sent something", name, error=error)
    assert not [char for char in text if char in "\x1b\x07\x9b\u202e"]
    assert "x1b[2J" in text


def test_what_stands_beside_a_secret_stays() -> None:
    text = logged("human", "https://x/observations?api_key=abc&file_type=json: {'series_id': 'DGS10', 'token': 'abc'}")
    assert "file_type=json" in text
    assert "'series_id': 'DGS10'" in text
    assert "abc" not in text


def test_foreign_text_reaches_the_log_without_its_marks() -> None:
    text = logged("human", "%s failed", ForeignText("Ac\x1bme"))
    assert "Ac\\x1bme failed" in text


def test_libraries_for_voice_are_never_spoken_of() -> None:
    assert logged("human", "%s is not installed, voice will NOT be supported", "PyNaCl") == ""
    assert logged("human", "davey is not installed, voice will NOT be supported") == ""
    assert "voice channel" in logged("human", "voice channel 9 takes no messages")
