"""What runs in the database's threads gets plain values: nothing there may read what the event loop is changing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LOOP_ONLY = ("Core", "ReadingState", "IngestStatus")
"""Classes whose state the event loop changes. A series that another thread reads off them may belong to an older snapshot
than the one under which it is then remembered."""

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def parameters(function: Function) -> dict[str, str]:
    """The names of a function's parameters with their annotations as text; `self` counts as the event loop's."""
    declared = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    found = {arg.arg: "" if arg.annotation is None else ast.unparse(arg.annotation) for arg in declared}
    return found | {"self": LOOP_ONLY[0]} if "self" in found else found


def of_the_store(function: Function) -> bool:
    """Whether the function is one for `Store.run` and `Store.read`: these have the open database as a parameter."""
    own = parameters(function)
    return "Database" in own.values() or (isinstance(function, ast.Lambda) and "db" in own)


def loop_only(annotation: str) -> bool:
    return any(re.search(rf"\b{name}\b", annotation) for name in LOOP_ONLY)


def wrong_uses(node: ast.AST, scope: Mapping[str, str]) -> Iterator[str]:
    """Each name of a `LOOP_ONLY` object in a function of the store: its own parameter, or one that it closes over."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, Function):
            yield from wrong_uses(child, scope)
            continue
        visible = {**scope, **parameters(child)}
        if of_the_store(child):
            used = {*parameters(child), *(each.id for each in ast.walk(child) if isinstance(each, ast.Name))}
            yield from (f"line {child.lineno}: {name}" for name in sorted(used) if loop_only(visible.get(name, "")))
        yield from wrong_uses(child, visible)


def test_functions_of_the_store_get_plain_values() -> None:
    found = {path: list(wrong_uses(ast.parse(path.read_text("utf-8")), {})) for path in ROOT.glob("bot/**/*.py")}
    assert {str(path.relative_to(ROOT)): uses for path, uses in found.items() if uses} == {}


@pytest.mark.parametrize("name", LOOP_ONLY)
def test_the_classes_that_stay_on_the_event_loop_are_called_so(name: str) -> None:
    """Otherwise the rule would hold for nothing."""
    assert any(f"\nclass {name}:" in path.read_text("utf-8") for path in ROOT.glob("bot/**/*.py"))


@pytest.mark.parametrize(
    "source",
    [
        "def add(db: Database, core: Core) -> None: ...",
        "def add(db: Database, *, readings: ReadingState | None) -> None: ...",
        "async def save(core: Core) -> None:\n    def work(db: Database) -> None:\n        put(db, core.now())",
        "async def save(core: Core) -> None:\n    await core.store.run(lambda db: put(db, core.now()))",
        "class Checks:\n    async def save(self) -> None:\n        def work(db: Database) -> None:\n            put(db, self.x)",
    ],
)
def test_the_rule_sees_parameters_and_what_is_closed_over(source: str) -> None:
    assert len(list(wrong_uses(ast.parse(source), {}))) == 1
