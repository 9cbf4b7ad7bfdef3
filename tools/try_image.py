"""Executes the Dockerfile in a clean Debian root, where there is no Docker: `python3 -m tools.try_image`, as root.

Each stage begins as a copy of Debian bookworm made by `debootstrap`, whose python3 is the 3.11 of the
image that the file names. COPY, ENV and RUN are executed as written, RUN with chroot. Then the
command of the image is started as its user on the simulated market, the health check is executed
until it succeeds, the first check is waited for, and the command is ended with SIGTERM. What it
cannot show: layers, the pull of the base image, and limits that Docker sets.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = "python3,python3-venv,python3-pip,ca-certificates,passwd"
WITHIN_SECONDS = 240.0
TOKEN = "MTE3NjQ1NTc2MjM0NTY3ODkw.GabcDE.abcdefghijklmnopqrstuvwxyz0123456789AB"  # noqa: S105 - of nobody
HANDED_ON = ("PIP_", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
"""Variables of this machine that a build needs to reach its registry."""


@dataclass
class Stage:
    """One stage while it is executed."""

    root: Path
    folder: str = "/"
    user: str = "root"
    environment: dict[str, str] = field(default_factory=dict)
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)


def instructions(text: str) -> list[tuple[str, str]]:
    """The instructions of a Dockerfile with their arguments, without comments."""
    joined = text.replace("\\\n", " ")
    lines = [line.strip() for line in joined.splitlines()]
    pairs = [line.partition(" ") for line in lines if line and not line.startswith("#")]
    return [(name.upper(), rest.strip()) for name, _, rest in pairs]


def main() -> int:
    """Exit code 0 when every line worked, the image became healthy and ended cleanly."""
    with tempfile.TemporaryDirectory(prefix="image-", dir=os.environ.get("TRY_IMAGE_DIR")) as folder:
        base = Path(folder, "base")
        _say("debootstrap bookworm")
        _run(["debootstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", str(base)], quiet=True)
        (base / "usr/local/bin/python").symlink_to("/usr/bin/python3")
        # What Docker mounts there; worker processes share their locks in it.
        (base / "dev/shm").mkdir(exist_ok=True)
        (base / "dev/shm").chmod(0o1777)
        _reach_registry(base)
        stages: dict[str, Stage] = {}
        stage = Stage(base)
        for name, rest in instructions((ROOT / "Dockerfile").read_text("utf-8")):
            _say(f"{name} {rest}")
            if name == "FROM":
                label = rest.split(" AS ")[-1].strip()
                stage = stages[label] = Stage(Path(folder, f"stage{len(stages)}"))
                _run(["cp", "-a", str(base), str(stage.root)])
            else:
                _execute(name, rest, stage, stages)
        return _start(stage)


def _execute(name: str, rest: str, stage: Stage, stages: Mapping[str, Stage]) -> None:
    match name:
        case "WORKDIR":
            stage.folder = rest
            _inside(stage.root, rest).mkdir(parents=True, exist_ok=True)
        case "ENV":
            key, _, value = rest.partition("=")
            stage.environment[key] = value
        case "USER":
            stage.user = rest
        case "COPY":
            _copy(rest, stage, stages)
        case "RUN":
            _chroot(stage, ["/bin/sh", "-c", f"cd {shlex.quote(stage.folder)} && {rest}"])
        case "HEALTHCHECK":
            stage.health = json.loads(rest.partition("CMD ")[2])
        case "ENTRYPOINT":
            stage.entrypoint = json.loads(rest)
        case "CMD":
            stage.command = json.loads(rest)
        case "VOLUME":
            pass
        case _:
            raise SystemExit(f"{name} is not known here")


def _copy(rest: str, stage: Stage, stages: Mapping[str, Stage]) -> None:
    words = rest.split()
    origin = ROOT
    if words[0].startswith("--from="):
        origin = stages[words.pop(0).removeprefix("--from=")].root
    *names, target = words
    for name in names:
        source = origin / name.lstrip("/")
        into = target.endswith("/")
        place = _inside(stage.root, target if target.startswith("/") else f"{stage.folder}/{target}")
        place = place / source.name if into else place
        place.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(
                source, place, symlinks=True, ignore=shutil.ignore_patterns("__pycache__") if origin == ROOT else None
            )
        else:
            shutil.copy2(source, place)


def _start(stage: Stage) -> int:
    """Start the command on the simulated market, wait for health and for the first check, and end it."""
    environment = {**stage.environment, "DISCORD_TOKEN": TOKEN, "ROTATION_BOT_SOURCES_SIMULATED": "true"}
    line = _line(stage, [*stage.entrypoint, *stage.command], environment)
    _say(f"as {stage.user}: {' '.join([*stage.entrypoint, *stage.command])}")
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(line, stderr=log, text=True)
        try:
            return _watched(process, stage, log)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            log.seek(0)
            print(log.read(), flush=True)


def _watched(process: subprocess.Popen[str], stage: Stage, log: IO[str]) -> int:
    begun, healthy = time.monotonic(), False
    while time.monotonic() - begun < WITHIN_SECONDS and process.poll() is None:
        if not healthy:
            check = subprocess.run(_line(stage, stage.health, stage.environment), capture_output=True, check=False)
            healthy = check.returncode == 0
            if healthy:
                _say(f"healthy after {time.monotonic() - begun:.0f} s")
        log.seek(0)
        if healthy and '"message": "checked ' in log.read():
            _say(f"the first check is done after {time.monotonic() - begun:.0f} s")
            break
        time.sleep(1)
    else:
        _say("it did not become healthy, or made no check")
        return 1
    process.send_signal(signal.SIGTERM)
    code = process.wait(20)
    _say(f"ended with {code} on SIGTERM")
    return code


def _line(stage: Stage, command: Sequence[str], environment: Mapping[str, str]) -> list[str]:
    settings = [f"{key}={value}" for key, value in environment.items()]
    user = ["--userspec", f"{stage.user}:{stage.user}"] if stage.user != "root" else []
    path = "PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
    return ["chroot", *user, str(stage.root), "/usr/bin/env", "-i", path, *settings, *command]


def _chroot(stage: Stage, command: Sequence[str]) -> None:
    registry = {key: value for key, value in os.environ.items() if key.startswith(HANDED_ON)}
    _run(_line(stage, command, {**stage.environment, **registry}))


def _reach_registry(base: Path) -> None:
    """Let pip in the root reach the registry as pip on this machine does."""
    for name in ("/etc/resolv.conf", "/etc/hosts", "/etc/pip.conf", "/etc/ssl/certs/ca-certificates.crt"):
        if Path(name).exists():
            shutil.copyfile(name, base / name.lstrip("/"))
    own = [Path("~/.config/pip/pip.conf").expanduser(), Path("~/.pip/pip.conf").expanduser()]
    for path in own:
        if path.exists():
            shutil.copyfile(path, base / "etc/pip.conf")


def _inside(root: Path, path: str) -> Path:
    return root / os.path.normpath(path).lstrip("/")


def _run(command: Sequence[str], *, quiet: bool = False) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL if quiet else None)


def _say(text: str) -> None:
    print(f"== {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
