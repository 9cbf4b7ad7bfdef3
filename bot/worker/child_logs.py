"""What a child process logs, in the log of the program: one format, one level, and without secrets.

The child writes each record into a socket before it goes on, so that what it logged before it was killed arrives. It
never waits for its parent: what does not fit into the socket's buffer is left out and counted.
"""

from __future__ import annotations

import json
import logging
import socket
import threading

log = logging.getLogger(__name__)

_MOST_CHARACTERS = 16_000
"""Of a message, and of a traceback."""

_LONGEST_LINE = 8 * _MOST_CHARACTERS
"""No record is longer, and a process that reads foreign bodies may write anything."""

_ENDING_SECONDS = 1.0


class ChildLogs:
    """The end of the parent.

    Attributes:
        childs_end: To be handed to the process that is started, for `send_to`.
    """

    def __init__(self) -> None:
        self._own_end, self.childs_end = socket.socketpair()
        self._thread = threading.Thread(target=_log_all, args=(self._own_end,), name="child-logs", daemon=True)

    def follow(self) -> None:
        """Log what comes until the process ends, once it has been started; a second call does nothing."""
        if not self._thread.is_alive() and self.childs_end.fileno() >= 0:
            # The child has its own copy: when that is gone, nothing more can come.
            self.childs_end.close()
            self._thread.start()

    def finish(self) -> None:
        """Wait a moment for the last records of a process that has ended."""
        if self._thread.is_alive():
            self._thread.join(_ENDING_SECONDS)


class SocketHandler(logging.Handler):
    """Writes records into a socket, one a line, and never waits."""

    def __init__(self, end: socket.socket) -> None:
        super().__init__()
        self._end, self._rest, self._left_out = end, b"", 0
        self._formatter = logging.Formatter()
        end.setblocking(False)

    def emit(self, record: logging.LogRecord) -> None:
        """Send a record, or leave it out where there is no room.

        A call of `logging` never raises into what is logging, whatever its arguments are.
        """
        try:
            self._send(record)
        except Exception:
            self.handleError(record)

    def _send(self, record: logging.LogRecord) -> None:
        if self._rest and not self._sent(self._rest):
            self._left_out += 1
            return
        if self._left_out:
            lost = {"name": log.name, "levelno": logging.WARNING, "msg": f"{self._left_out} log records were left out"}
            self._left_out = 0
            if not self._sent(_line({**lost, "created": record.created})):
                self._left_out += 1
                return
        trace = self._formatter.formatException(record.exc_info) if record.exc_info else record.exc_text
        self._sent(
            _line(
                {
                    "name": record.name,
                    "levelno": record.levelno,
                    "msg": record.getMessage()[:_MOST_CHARACTERS],
                    # The end of a traceback says what happened.
                    "exc_text": trace[-_MOST_CHARACTERS:] if trace else None,
                    "created": record.created,
                }
            )
        )

    def _sent(self, data: bytes) -> bool:
        """Whether all of it is sent; the rest is kept, because half a line would spoil the next one."""
        try:
            self._rest = data[self._end.send(data) :]
        except BlockingIOError:
            self._rest = data
        except OSError:
            # The parent is gone, and this process ends in a moment.
            self._rest = b""
        return not self._rest


def send_to(end: socket.socket, level: int) -> None:
    """In the child: send every record from `level` up, and Python's warnings, to the parent."""
    root = logging.getLogger()
    root.handlers[:] = [SocketHandler(end)]
    root.setLevel(level)
    logging.captureWarnings(True)


def _line(fields: dict[str, object]) -> bytes:
    return json.dumps(fields).encode() + b"\n"


def _log_all(end: socket.socket) -> None:
    with end, end.makefile("rb") as lines:
        while line := lines.readline(_LONGEST_LINE):
            record = _record(line)
            # By the levels of this process: libraries that say too much are quiet in both.
            if record is not None and (logger := logging.getLogger(record.name)).isEnabledFor(record.levelno):
                logger.handle(record)


def _record(line: bytes) -> logging.LogRecord | None:
    """The record of a line; None for one that is cut off or no record."""
    try:
        fields = json.loads(line)
        level, trace = int(fields["levelno"]), fields.get("exc_text")
        named = {"levelname": logging.getLevelName(level), "exc_text": None if trace is None else str(trace)}
        texts = {"name": str(fields["name"]), "msg": str(fields["msg"])}
        return logging.makeLogRecord({**named, **texts, "levelno": level, "created": float(fields["created"])})
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
