"""What systemd reads from the program, at the socket that it names."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from bot.ops.systemd_notify import ALIVE, READY, notify


@pytest.mark.parametrize("abstract", [False, True])
def test_states_arrive_at_the_socket_that_systemd_names(tmp_path: Path, abstract: bool) -> None:
    name = f"@rotation-bot-{tmp_path.name}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(f"\0{name[1:]}" if abstract else name)
        assert notify(READY, {"NOTIFY_SOCKET": name})
        assert notify(ALIVE, {"NOTIFY_SOCKET": name})
        assert [systemd.recv(100), systemd.recv(100)] == [b"READY=1", b"WATCHDOG=1"]


@pytest.mark.parametrize(
    "environ", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "vsock:2:1"}, {"NOTIFY_SOCKET": "/nowhere"}]
)
def test_without_a_listener_nothing_is_sent(environ: dict[str, str]) -> None:
    assert not notify(ALIVE, environ)
