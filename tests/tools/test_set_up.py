"""Setting up `.venv`: what is installed with what, and what the locks hold."""

from __future__ import annotations

import ast
import os
import queue
import re
import threading
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tools import lock, set_up
from tools.set_up import LEVELS, ROOT, Command, Setup, level_to_install, uv_settings


@dataclass
class Commands:
    """Stands in for running commands: writes down the telling words of each; those with a word of `failing` fail."""

    failing: frozenset[str] = frozenset()
    given: list[str] = field(default_factory=list)
    interrupted_at: str = ""

    def __call__(self, command: Command, settings: Mapping[str, str]) -> bool:
        words = [Path(word).name for word in map(str, command)]
        if self.interrupted_at and self.interrupted_at in words:
            raise KeyboardInterrupt
        if "venv" in words:
            python = Path(command[-1]) / "bin" / "python"
            python.parent.mkdir(parents=True, exist_ok=True)
            python.write_text("#!/bin/sh\n")
            python.chmod(0o755)
        kept = ("uv", "sync", "pip", "install", "venv", "--editable", "--compile-bytecode")
        self.given.append(" ".join(word for word in words if word in kept or word.endswith(".lock")))
        return not self.failing & set(words[:1] + words[-1:])

    def taken(self) -> list[str]:
        """What was run since the last look."""
        given, self.given = self.given, []
        return given


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with locks, about which the set-up asks only whether they are what they were."""
    (tmp_path / "requirements").mkdir()
    for name in ("uv", *LEVELS):
        (tmp_path / "requirements" / f"{name}.lock").write_text(name)
    (tmp_path / "pyproject.toml").write_text("")
    return tmp_path


def with_uv(checkout: Path, commands: Commands) -> Setup:
    return Setup(checkout, commands, lambda: Path("/somewhere/uv"), {})


def without_uv(checkout: Path, commands: Commands) -> Setup:
    return Setup(checkout, commands, lambda: None, {})


EDITABLE = "uv pip install --editable"


def test_the_first_call_makes_a_venv_and_the_second_does_nothing(checkout: Path) -> None:
    commands = Commands()
    setup = with_uv(checkout, commands)
    assert setup.reach("demo")
    assert commands.taken() == ["venv", "uv pip sync demo.lock", EDITABLE]
    assert setup.reach("demo")
    assert commands.taken() == []


def test_a_venv_for_less_is_topped_up_and_one_with_more_is_left_alone(checkout: Path) -> None:
    commands = Commands()
    setup = with_uv(checkout, commands)
    assert setup.reach("run")
    assert commands.taken() == ["venv", "uv pip sync --compile-bytecode run.lock", EDITABLE]
    assert setup.reach("dev")
    assert commands.taken() == ["uv pip sync dev.lock", EDITABLE]
    for less in LEVELS:
        assert setup.reach(less)
    assert commands.taken() == []


def test_a_lock_that_changed_is_installed_with_all_that_was_there(checkout: Path) -> None:
    commands = Commands()
    setup = with_uv(checkout, commands)
    setup.reach("dev")
    (checkout / "requirements" / "dev.lock").write_text("newer")
    commands.taken()
    assert setup.reach("run")
    assert commands.taken() == ["uv pip sync dev.lock", EDITABLE]


def test_an_interrupted_set_up_starts_again_and_knows_what_it_was_for(checkout: Path) -> None:
    commands = Commands(interrupted_at="sync")
    setup = with_uv(checkout, commands)
    with pytest.raises(KeyboardInterrupt):
        setup.reach("dev")
    commands.interrupted_at = ""
    commands.taken()
    assert setup.reach("run")
    assert commands.taken() == ["uv pip sync dev.lock", EDITABLE]


def test_a_venv_whose_python_is_gone_is_made_anew(checkout: Path) -> None:
    commands = Commands()
    setup = with_uv(checkout, commands)
    setup.reach("dev")
    setup.python.unlink()
    commands.taken()
    assert setup.reach("run")
    assert commands.taken() == ["venv", "uv pip sync dev.lock", EDITABLE]


def test_where_there_is_no_uv_pip_brings_one_that_stays(checkout: Path) -> None:
    commands = Commands()
    setup = without_uv(checkout, commands)

    def bring(command: Command, settings: Mapping[str, str]) -> bool:
        done = commands(command, settings)
        if str(command[-1]).endswith("uv.lock"):
            (setup.venv / "bin" / "uv").touch()
        return done

    setup = Setup(checkout, bring, lambda: None, {})
    assert setup.reach("demo")
    assert commands.taken() == ["venv", "pip install uv.lock", "uv pip sync demo.lock uv.lock", EDITABLE]
    assert setup.reach("dev")
    assert commands.taken() == ["uv pip sync dev.lock uv.lock", EDITABLE]


@pytest.mark.parametrize(
    ("make", "failing", "before"),
    [(with_uv, "uv", "uv pip sync demo.lock"), (without_uv, "uv.lock", "pip install uv.lock")],
)
def test_pip_installs_the_same_lock_where_uv_cannot(
    checkout: Path, make: Callable[[Path, Commands], Setup], failing: str, before: str
) -> None:
    commands = Commands(failing=frozenset({failing}))
    assert make(checkout, commands).reach("demo")
    assert commands.taken() == ["venv", before, "pip install demo.lock", "pip install --editable"]


def test_what_nobody_could_install_is_tried_again(checkout: Path) -> None:
    commands = Commands(failing=frozenset({"uv", "demo.lock"}))
    setup = with_uv(checkout, commands)
    assert not setup.reach("demo")
    commands.failing = frozenset()
    commands.taken()
    assert setup.reach("demo")
    assert commands.taken() == ["uv pip sync demo.lock", EDITABLE]


def test_a_missing_part_of_python_is_named(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert not with_uv(checkout, Commands()).reach("run")
    assert "python3-venv is missing" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("asked", "stamp", "level"),
    [
        ("run", None, "run"),
        ("demo", "run 0a", "demo"),
        ("run", "dev unfinished", "dev"),
        # Version 0.1.0 left an empty stamp, and everything was installed.
        ("run", "", "dev"),
        ("run", "something else", "dev"),
    ],
)
def test_no_call_takes_away_what_another_one_brought(asked: str, stamp: str | None, level: str) -> None:
    assert level_to_install(asked, stamp) == level


def test_uv_is_told_of_the_index_that_pip_is_configured_for() -> None:
    config = "\n".join(
        [
            ":env:.index-url='http://127.0.0.1:2/simple'",
            "global.cert='/certificates'",
            "global.extra-index-url='file:///one/simple\\nfile:///two/simple'",
            "global.find-links='/wheels /more'",
            "global.index-url='http://127.0.0.1:1/simple'",
            "download.index-url='http://127.0.0.1:3/simple'",
            "global.no-color='true'",
        ]
    )
    expected = {
        "UV_DEFAULT_INDEX": "http://127.0.0.1:2/simple",
        "UV_INDEX": "file:///one/simple file:///two/simple",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_FIND_LINKS": "/wheels,/more",
        "SSL_CERT_FILE": "/certificates",
    }
    assert uv_settings(config, {}) == expected
    own = {"UV_DEFAULT_INDEX": "http://127.0.0.1:4/simple", "SSL_CERT_FILE": "/others"}
    assert uv_settings(config, own) == {name: value for name, value in expected.items() if name not in own}
    assert uv_settings(config, {}, to_install=False) == {
        name: expected[name] for name in ("UV_DEFAULT_INDEX", "SSL_CERT_FILE")
    }
    assert uv_settings("", {}) == {}


def test_an_older_python_can_read_the_set_up_far_enough_to_refuse() -> None:
    source = Path(set_up.__file__).read_text("utf-8")
    module = ast.parse(source, feature_version=(3, 7))
    # Nothing but the docstring and `import sys` may come before the check of the version.
    assert isinstance(module.body[2], ast.If)


def locked(name: str) -> dict[str, str]:
    """Versions by package and condition; every one must have a hash."""
    text = (ROOT / "requirements" / f"{name}.lock").read_text("utf-8")
    found = {}
    for entry in re.split(r"\n(?=\S)", text.strip()):
        head, *hashes = entry.replace("\\\n", "").split("--hash=sha256:")
        assert hashes, head
        package, _, version = head.strip().partition("==")
        version, _, condition = version.partition(" ; ")
        found[f"{package} ; {condition}".rstrip(" ;")] = version.strip()
    return found


def test_one_version_of_a_package_holds_in_all_locks_and_later_ones_hold_all_of_the_earlier() -> None:
    run, demo, dev = (locked(name) for name in LEVELS)
    versions: dict[str, set[str]] = {}
    for found in (run, demo, dev):
        for package, version in found.items():
            versions.setdefault(package, set()).add(version)
    assert {package for package, several in versions.items() if len(several) > 1} == set()
    names = [{package.partition(" ;")[0] for package in found} for found in (run, demo, dev)]
    assert names[0] < names[1] < names[2]
    assert "simcord" not in names[0]
    assert "pytest" not in names[1]


def test_the_locks_hold_what_the_project_asks_for() -> None:
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    extras, groups = asked["project"]["optional-dependencies"], asked["dependency-groups"]
    needed = {
        "run": [*asked["project"]["dependencies"], *groups["build"]],
        "demo": extras["demo"],
        "dev": extras["dev"],
        "uv": groups["uv"],
    }
    assert {name for name, _ in lock.LOCKS} == set(LEVELS)
    assert set(extras) | set(groups) == {"demo", "dev", "build", "uv"}
    for name, requirements in needed.items():
        packages = {package.partition(" ;")[0] for package in locked(name)}
        for requirement in requirements:
            package = re.split(r"[\[<>=]", requirement)[0].lower()
            assert re.sub(r"[-_.]+", "-", package) in packages, (name, requirement)


def test_each_long_step_is_announced_before_it_begins(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines: list[list[str]] = []

    def watched(command: Command, settings: Mapping[str, str]) -> bool:
        lines.append(capsys.readouterr().out.splitlines())
        return commands(command, settings)

    commands = Commands()
    assert Setup(checkout, watched, lambda: None, {}).reach("demo")
    assert commands.taken()[0] == "venv"
    announced = [step[-1].partition(",")[0] if step else "" for step in lines]
    assert announced[:3] == [
        "Making an empty .venv with pip",
        "Installing uv",
        "Installing the packages of the lock",
    ]


def test_a_command_that_takes_long_says_that_it_goes_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lines, done = queue.Queue[str](), list[bool]()
    monkeypatch.setattr(set_up, "SILENCE_SECONDS", 0.01)
    monkeypatch.setattr(set_up, "print_line", lines.put)
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    waiting = threading.Thread(target=lambda: done.append(set_up.run(["cat", gate], {})))
    waiting.start()
    assert [lines.get(timeout=10) for _ in range(2)] == ["... 0 s", "... 0 s"]
    gate.write_text("")
    waiting.join(10)
    assert done == [True]
    assert not set_up.run(["false"], {})
