"""The log of a child process: what it logs comes out of the handlers of its parent, also when it is killed."""

from __future__ import annotations

import io
import json
import logging
import os
import signal
import socket
import warnings
from collections.abc import Iterator

import pytest

from bot.ops import log_setup
from bot.worker.child_logs import ChildLogs, SocketHandler, send_to
from bot.worker.process import Worker

KEY = "abcdef0123456789"


def log_and_fail(name: str) -> None:
    logger = logging.getLogger(name)
    logger.debug("below the level")
    logger.warning("asked with api_key=%s", KEY)
    warnings.warn("an old form", FutureWarning, stacklevel=1)
    try:
        raise ValueError(f"refused {KEY}")
    except ValueError:
        logger.exception("two\nlines")


def log_and_die(name: str) -> None:
    logging.getLogger(name).error("out of memory soon")
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    written = io.StringIO()
    handler = log_setup.handler(written, "json", [KEY])
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


def events(stream: io.StringIO, logger: str) -> list[dict[str, str]]:
    return [event for line in stream.getvalue().splitlines() if (event := json.loads(line))["logger"] == logger]


@pytest.mark.slow
async def test_records_of_a_real_child_have_the_form_and_level_of_the_program_and_no_secret(
    stream: io.StringIO,
) -> None:
    worker = Worker()
    try:
        await worker.run(log_and_fail, "sources.yahoo")
    finally:
        await worker.close()
    warned, failed = events(stream, "sources.yahoo")
    assert (warned["level"], warned["message"]) == ("warning", "asked with api_key=<hidden>")
    assert (failed["level"], failed["message"]) == ("error", "two\nlines")
    assert failed["error"].endswith("ValueError: refused <hidden>")
    (old,) = events(stream, "py.warnings")
    assert "FutureWarning: an old form" in old["message"]


@pytest.mark.slow
async def test_what_a_child_logged_before_it_was_killed_arrives(stream: io.StringIO) -> None:
    worker = Worker()
    try:
        with pytest.raises(Exception, match="terminated abruptly"):
            await worker.run(log_and_die, "sources.yahoo")
    finally:
        await worker.close()
    # The call was tried a second time.
    assert [event["message"] for event in events(stream, "sources.yahoo")][-1] == "out of memory soon"


def record(text: str) -> logging.LogRecord:
    return logging.LogRecord("sources.yahoo", logging.INFO, "", 0, text, (), None)


def test_a_child_whose_parent_does_not_read_goes_on_and_counts_what_it_leaves_out() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        handler = SocketHandler(theirs)
        for number in range(5_000):
            handler.emit(record(f"{number} " + "x" * 1_000))
        came = b""
        ours.setblocking(False)
        handler.emit(record("still no room"))
        try:
            while data := ours.recv(1 << 20):
                came += data
        except BlockingIOError:
            pass
        handler.emit(record("there is room again"))
        came += ours.recv(1 << 20)
    texts = [json.loads(line)["msg"] for line in came.splitlines()]
    whole = len(texts) - 2
    assert texts[:whole] == [f"{number} " + "x" * 1_000 for number in range(whole)]
    assert texts[whole:] == [f"{5_001 - whole} log records were left out", "there is room again"]


def test_a_wrong_call_of_a_library_does_not_raise_into_it(capsys: pytest.CaptureFixture[str]) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        logger = logging.Logger("sources.yahoo")
        logger.addHandler(SocketHandler(theirs))
        logger.warning("%d of %d tickers", 7)
        logger.warning("all is well")
        assert [json.loads(line)["msg"] for line in ours.recv(1 << 16).splitlines()] == ["all is well"]
    assert "'%d of %d tickers'" in capsys.readouterr().err


@pytest.mark.parametrize(
    "line", ["", "{", "[]", "17", '{"name": "a"}', '{"name": "a", "levelno": "x", "msg": "", "created": 1}']
)
def test_a_line_that_is_no_record_is_left_out(line: str, caplog: pytest.LogCaptureFixture) -> None:
    logs = ChildLogs()
    good = json.dumps({"name": "a", "levelno": 40, "msg": "said", "created": 1.0})
    logs.childs_end.sendall(f"{line}\n{good}\n".encode())
    logs.follow()
    logs.finish()
    assert caplog.messages == ["said"]


def test_a_library_that_is_quiet_in_the_program_is_quiet_in_its_children(caplog: pytest.LogCaptureFixture) -> None:
    logs, logger = ChildLogs(), logging.getLogger("some.library")
    logger.setLevel(logging.ERROR)
    for level in (logging.WARNING, logging.ERROR):
        line = json.dumps({"name": logger.name, "levelno": level, "msg": f"level {level}", "created": 1.0})
        logs.childs_end.sendall(f"{line}\n".encode())
    logs.follow()
    logs.finish()
    assert caplog.messages == ["level 40"]


def test_a_child_has_no_other_handler(monkeypatch: pytest.MonkeyPatch) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [logging.StreamHandler()])
    monkeypatch.setattr(root, "level", root.level)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        send_to(theirs, logging.ERROR)
        logging.captureWarnings(False)
        root.warning("below")
        root.error("above")
        assert [json.loads(line)["msg"] for line in ours.recv(1 << 16).splitlines()] == ["above"]
