"""Sets up `.venv` with what a command needs: `python3 -m tools.set_up run|demo|dev`.

Only the standard library, and nothing before the check of the version that an older Python cannot
read. uv does the work where it can, because it takes seconds where pip takes a minute; pip does it
from the same lock where uv cannot.
"""

import sys

# Older Pythons come this far, so that they can say what is needed.
if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0])

import ast
import hashlib
import importlib.util
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

LEVELS = ("run", "demo", "dev")
"""Each has a lock of its name, which holds all that the levels before it hold."""

UNFINISHED = "unfinished"
"""Stands in the stamp while packages are being put in, so that an interrupted set-up starts
again."""

FROM_PIP = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "proxy": "ALL_PROXY",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "timeout": "UV_HTTP_TIMEOUT",
}
"""pip's settings that decide where packages come from, and uv's variables for the same."""

ONLY_FOR_INSTALLING = ("extra-index-url", "find-links")
"""Places that may hold some files of a version and not all: fit to install from, not to learn the
hashes of all from."""

SILENCE_SECONDS = 2.0

Command = Sequence[str | Path]
Run = Callable[[Command, Mapping[str, str]], bool]


def run(command: Command, settings: Mapping[str, str]) -> bool:
    """Run a command in the checkout, in sight; True when it succeeded.

    Where it does not show how far it is, a line every two seconds says that it goes on.
    """
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **settings}) as process:
        begun = time.monotonic()
        while True:
            try:
                return process.wait(SILENCE_SECONDS) == 0
            except subprocess.TimeoutExpired:
                seconds = time.monotonic() - begun
            # pip and uv show on a terminal how far they are, and making a venv shows nothing anywhere.
            if not sys.stdout.isatty() or "venv" in command:
                print_line(f"... {seconds:.0f} s")


def print_line(sentence: str) -> None:
    """Print a line at once, also where the output is a file."""
    print(sentence, flush=True)


def level_to_install(asked: str, stamp: str | None) -> str:
    """The higher of the requested level and that of the stamp, so that no package is removed.

    A stamp that does not name a level is one of version 0.1.0, which always installed everything.
    """
    if stamp is None:
        return asked
    there = (stamp.split() or [""])[0]
    return max(asked, there if there in LEVELS else LEVELS[-1], key=LEVELS.index)


def uv_settings(pip_config: str, environment: Mapping[str, str], *, to_install: bool = True) -> dict[str, str]:
    """uv's variables for pip's settings (`pip config list`), without those that uv already has.

    uv reads none of pip's files, and an index that only pip is configured for is often the only one
    that can be reached.
    """
    pip_settings: dict[str, str] = {}
    # In pip the environment overrides the section of a command, and that the global section.
    for section in ("global", "install", ":env:"):
        for line in pip_config.splitlines():
            name, _, value = line.partition("=")
            if name.startswith(f"{section}."):
                pip_settings[name.removeprefix(f"{section}.")] = str(ast.literal_eval(value))
    if not to_install:
        pip_settings = {name: value for name, value in pip_settings.items() if name not in ONLY_FOR_INSTALLING}
    settings = {
        FROM_PIP[name]: (",".join if name == "find-links" else " ".join)(value.split())
        for name, value in pip_settings.items()
        if name in FROM_PIP
    }
    if "extra-index-url" in pip_settings:
        # uv would otherwise take a package from the first index that has its name, whatever
        # versions that index has. pip considers all indexes, and the hashes guarantee that the file
        # is right.
        settings["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return {name: value for name, value in settings.items() if name not in environment}


def working_uv() -> Path | None:
    """The uv on PATH, if it runs: a version manager's shim there may have no version behind it."""
    path = shutil.which("uv")
    if path is None:
        return None
    completed = subprocess.run([path, "--version"], capture_output=True, check=False)
    return Path(path) if completed.returncode == 0 else None


@dataclass(frozen=True)
class Setup:
    """A checkout and how commands are run in it."""

    root: Path = ROOT
    run: Run = run
    uv_on_path: Callable[[], Path | None] = working_uv
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)

    @property
    def venv(self) -> Path:
        """The folder of the venv."""
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        """The interpreter in it."""
        return self.venv / "bin" / "python"

    @property
    def stamp(self) -> Path:
        """The file that says which level the venv has, and of which locks."""
        return self.venv / ".ready"

    def reach(self, asked: str) -> bool:
        """Set up a venv for a level if there is none; False when that failed."""
        stamp = self.stamp.read_text() if self.stamp.exists() else None
        level = level_to_install(asked, stamp)
        complete = f"{level} {self._digest(level)}\n"
        # The Python that a venv links to may have been removed; `exists` looks where the link
        # leads.
        if stamp == complete and self.python.exists():
            return True
        print_line(f"Setting up .venv from requirements/{level}.lock")
        if not self.has_venv(anew=stamp is None):
            return False
        self.stamp.write_text(f"{level} {UNFINISHED}\n")
        if not (self._with_uv(level) or self._with_pip(level)):
            return False
        self.stamp.write_text(complete)
        return True

    def has_venv(self, *, anew: bool = False) -> bool:
        """Make the venv where there is none; `anew` also where there is."""
        if self.python.exists() and not anew:
            return True
        if importlib.util.find_spec("ensurepip") is None:
            print_line("python3-venv is missing; on Debian and Ubuntu: apt install python3-venv")
            return False
        print_line("Making an empty .venv with pip, which takes a few seconds")
        return self.run([sys.executable, "-m", "venv", "--clear", self.venv], {})

    def uv(self) -> Path | None:
        """uv from PATH, else from the venv, into which pip installs it; None when that fails."""
        own = self.venv / "bin" / "uv"
        uv = self.uv_on_path() or (own if own.exists() else None)
        if uv is None:
            # Only a binary: where none can be downloaded, building uv would take longer than it
            # saves.
            print_line("Installing uv, which then installs everything else")
            done = self._pip("install", "--only-binary=:all:", "--require-hashes", "--requirement", self._lock("uv"))
            uv = own if done else None
        return uv

    def settings(self, *, to_install: bool = True) -> dict[str, str]:
        """pip's configuration as variables for uv."""
        listed = subprocess.run(
            [self.python, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
        )
        return uv_settings(listed.stdout, self.environment, to_install=to_install)

    def _with_uv(self, level: str) -> bool:
        uv = self.uv()
        if uv is None:
            return False
        # Syncing takes away what no lock names: a uv that lives in the venv has to be named.
        locks = [self._lock(level), *([self._lock("uv")] if self.venv in uv.parents else [])]
        # What is run by a service may lie where that service cannot write what it compiles.
        compiling = ["--compile-bytecode"] if level == "run" else []
        if compiling:
            print_line("Everything is compiled at once, which takes about ten seconds of this")
        print_line("Installing the packages of the lock, and then the bot itself")
        into: tuple[str | Path, ...] = ("--python", self.python)
        settings = self.settings()
        done = self.run([uv, "pip", "sync", *into, "--require-hashes", *compiling, *locks], settings) and self.run(
            [uv, "pip", "install", *into, "--no-deps", "--no-build-isolation", "--editable", "."], settings
        )
        if not done:
            print_line("uv could not install everything; pip takes over with the same lock, which takes about a minute")
        return done

    def _with_pip(self, level: str) -> bool:
        return self._pip("install", "--require-hashes", "--requirement", self._lock(level)) and self._pip(
            "install", "--no-deps", "--no-build-isolation", "--editable", "."
        )

    def _pip(self, *arguments: str | Path) -> bool:
        return self.run([self.python, "-m", "pip", "--disable-pip-version-check", *arguments], {})

    def _lock(self, name: str) -> Path:
        return self.root / "requirements" / f"{name}.lock"

    def _digest(self, level: str) -> str:
        """The digest of the files that decide what is installed.

        Their dates change with every checkout of a branch.
        """
        files = (self._lock(level), self.root / "pyproject.toml")
        return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def main(arguments: Sequence[str]) -> int:
    """Exit code 0 when the level named is there."""
    if len(arguments) != 1 or arguments[0] not in LEVELS:
        print_line(f"usage: python3 -m tools.set_up {'|'.join(LEVELS)}")
        return 2
    try:
        return 0 if Setup().reach(arguments[0]) else 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
