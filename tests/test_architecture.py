"""Promises about the shape of the code: who may import whom, how large a module may be, what may be read at import time."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
SIGNALS_MAY_IMPORT = {
    "__future__",
    "bisect",
    "calendar",
    "collections",
    "dataclasses",
    "datetime",
    "enum",
    "functools",
    "itertools",
    "math",
    "re",
    "statistics",
    "types",
    "typing",
} | {
    "numpy",
    "pandas",
    "signals",
}
MODULES = sorted([*ROOT.glob("signals/**/*.py"), *ROOT.glob("bot/**/*.py")])


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_signals_import_neither_the_bot_nor_anything_with_an_edge() -> None:
    used = {path: {module.partition(".")[0] for module in imported(path)} for path in ROOT.glob("signals/**/*.py")}
    assert used
    assert not {name(path): others for path, modules in used.items() if (others := modules - SIGNALS_MAY_IMPORT)}


def test_no_module_outgrows_300_lines() -> None:
    assert not [name(path) for path in MODULES if len(path.read_text("utf-8").splitlines()) > 300]


def test_a_folder_holds_at_most_20_modules() -> None:
    folders = Counter(str(path.parent.relative_to(ROOT)) for path in MODULES if path.name != "__init__.py")
    assert not {folder: count for folder, count in folders.items() if count > 20}


def test_only_the_clock_reads_the_clock() -> None:
    assert {path for path in MODULES if _reads_the_clock(path)} == {ROOT / "bot" / "calendar" / "clock.py"}


def _reads_the_clock(path: Path) -> bool:
    calls = {
        (node.func.value.id, node.func.attr)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)
    }
    return bool(calls & {("datetime", "now"), ("datetime", "utcnow"), ("date", "today"), ("time", "time")})


def test_what_people_are_told_and_sent_is_reckoned_by_discord_s_clock() -> None:
    reading_the_machine_s = {
        name(path)
        for folder in ("commands", "discord_app", "outbox", "courier", "alerts")
        for path in ROOT.glob(f"bot/{folder}/**/*.py")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr == "machine_now"
    }
    # Core itself, and how old a source is, which ingest reckons by the machine's.
    assert reading_the_machine_s == {"bot/commands/context.py", "bot/commands/server/source_problems.py"}


def test_a_file_name_is_shared_only_where_modules_play_the_same_part() -> None:
    shared = Counter(path.name for path in MODULES if path.name != "__init__.py")
    assert len([file_name for file_name, count in shared.items() if count > 1]) <= 25


def test_a_public_class_has_a_name_of_its_own() -> None:
    """Three have two meanings in layers far apart: of sources and their check, signals and summaries, doubts and headlines."""
    names = Counter(
        node.name
        for path in MODULES
        for node in tree(path).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert {class_name for class_name, count in names.items() if count > 1} == set()
