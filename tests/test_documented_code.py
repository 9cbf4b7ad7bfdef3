"""What a reader of the documents types is there: commands and their options, targets, settings, and the code of the recipes."""

from __future__ import annotations

import ast
import builtins
import re
import textwrap
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from bot.__main__ import main
from bot.settings.config import Config
from tests.test_documents import DOCUMENTS, ROOT, exists, label, quoted, read

LIVING = [document for document in DOCUMENTS if document.parent.name != "decisions"]
MODULES = sorted(path for folder in ("bot", "signals", "tests", "tools") for path in ROOT.glob(f"{folder}/**/*.py"))
_FENCED = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```", re.MULTILINE | re.DOTALL)


def fenced(document: Path, language: str) -> Iterator[str]:
    """The blocks of a document in that language, without the indentation of their place."""
    for match in _FENCED.finditer(read(document)):
        if match["language"] == language:
            yield textwrap.dedent(match["text"])


@pytest.mark.parametrize("document", LIVING, ids=label)
def test_every_command_of_the_terminal_that_a_document_names_is_there_with_its_options(document: Path) -> None:
    lines = [line for language in ("", "sh") for block in fenced(document, language) for line in block.splitlines()]
    typed = [text for text in (*quoted(document), *lines) if re.match(r"(\S*/)?rotation-bot ", text)]
    assert not [text for text in typed if not _is_typed_well(text.split()[1:])]


def _is_typed_well(words: list[str]) -> bool:
    command: click.Command = main
    words = words[: words.index("#")] if "#" in words else words
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        following = command.get_command(click.Context(command), words.pop(0))
        if following is None:
            return False
        command = following
    options = {option for parameter in (*command.params, *main.params) for option in parameter.opts} | {"--help"}
    return {word for word in words if word.startswith("--")} <= options


@pytest.mark.parametrize("document", LIVING, ids=label)
def test_every_slash_command_that_a_document_names_is_there(document: Path) -> None:
    commands = slash_commands() | set(re.findall(r"@app_commands\.command\(name=\"(\w+)\"", read(document)))
    groups = {command.partition(" ")[0] for command in commands if " " in command}
    typed = [match.groups("") for code in quoted(document) if (match := re.fullmatch(r"/([a-z]+)(?: (\w+).*)?", code))]
    pages = {"livez", "readyz", "metrics"}
    assert not {
        f"/{name} {follows}"
        for name, follows in typed
        if name not in pages
        and (f"{name} {follows}" not in commands if name in groups and follows else name not in commands | groups)
    }


@cache
def slash_commands() -> set[str]:
    """`alert add` and the like, from what the cogs declare; a base class has the group of the cog that it is for."""
    classes = [
        node
        for path in ROOT.glob("bot/discord_app/cogs/*_cog.py")
        for node in ast.parse(read(path)).body
        if isinstance(node, ast.ClassDef)
    ]
    groups = {}
    for cog in classes:
        group = _texts(cog.keywords).get("group_name")
        groups |= {name: group for name in (cog.name, *(ast.unparse(base) for base in cog.bases)) if group}
    return {name for cog in classes for name in _commands(cog, groups.get(cog.name, ""))}


def _commands(cog: ast.ClassDef, group: str) -> Iterator[str]:
    inner = {"app_commands": group}
    for part in cog.body:
        if isinstance(part, ast.Assign) and isinstance(part.value, ast.Call) and "name" in _texts(part.value.keywords):
            inner[ast.unparse(part.targets[0])] = _texts(part.value.keywords)["name"]
        for call in part.decorator_list if isinstance(part, ast.AsyncFunctionDef) else ():
            owner, _, kind = ast.unparse(call.func).rpartition(".") if isinstance(call, ast.Call) else ("", "", "")
            if isinstance(call, ast.Call) and kind == "command":
                yield f"{inner[owner]} {_texts(call.keywords)['name']}".strip()


def _texts(keywords: list[ast.keyword]) -> dict[str, str]:
    return {
        keyword.arg: keyword.value.value
        for keyword in keywords
        if keyword.arg and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str)
    }


@pytest.mark.parametrize("document", LIVING, ids=label)
def test_every_target_of_make_that_a_document_names_is_there(document: Path) -> None:
    targets = re.findall(r"^\.PHONY: (.*)$", read(ROOT / "Makefile"), re.MULTILINE)[0].split()
    assert not {code for code in quoted(document) if re.match(r"make [\w-]+$", code) and code[5:] not in targets}


@pytest.mark.parametrize("document", [path for path in LIVING if path.name != "schema.md"], ids=label)
def test_every_setting_that_a_document_names_is_one_of_the_config(document: Path) -> None:
    sections = {section for section, _ in settings()}
    named = [match.groups() for code in quoted(document) if (match := re.fullmatch(r"(\w+)\.(\w+)(?: = .*)?", code))]
    lost = [(section, key) for section, key in named if section in sections and (section, key) not in settings()]
    # Some sections have the name of a package, whose functions documents name in the same way.
    packages = {name: next(iter(ROOT.glob(f"bot/**/{name}/__init__.py")), None) for name, _ in lost}
    assert not [
        f"{name}.{key}" for name, key in lost if not ((path := packages[name]) and re.search(rf"\b{key}\b", read(path)))
    ]


def test_the_example_of_the_config_has_every_setting() -> None:
    example, section = set(), ""
    for line in read(ROOT / "config.example.toml").splitlines():
        if match := re.match(r"\[(\w+)\]", line):
            section = match[1]
        elif match := re.match(r"(?:# )?(\w+) = ", line):
            example.add((section, match[1]))
    assert example == settings() - {("sources", "base_urls")}


@cache
def settings() -> set[tuple[str, str]]:
    """Section and key of every setting."""
    default = Config()
    return {(name, key) for name in Config.model_fields for key in type(getattr(default, name)).model_fields}


RECIPES = [ast.parse(block) for block in fenced(ROOT / "docs" / "extending.md", "python")]
NODES = [node for recipe in RECIPES for node in ast.walk(recipe)]
OURS = {"bot", "signals", "tests", "tools"}


def test_every_import_of_a_recipe_is_there() -> None:
    imports = [node for node in NODES if isinstance(node, ast.ImportFrom) and node.module]
    names = {(str(node.module), alias.name) for node in imports for alias in node.names}
    ours = {pair for pair in names if pair[0].partition(".")[0] in OURS}
    assert ours
    assert not {f"{module}.{name}" for module, name in ours if name not in made() and not exists(f"{module}.{name}")}


def test_every_call_of_a_recipe_takes_the_arguments_that_it_names() -> None:
    """What a fragment calls stands in some module, with these arguments; what comes from a library is left alone."""
    wrong = []
    for call in (node for node in NODES if isinstance(node, ast.Call)):
        name = ast.unparse(call.func).rpartition(".")[2]
        given = {keyword.arg for keyword in call.keywords if keyword.arg}
        if name in foreign():
            continue
        if name in signatures():
            right = any(given <= arguments or "**" in arguments for arguments in signatures()[name])
        else:
            right = not isinstance(call.func, ast.Name) or name in made() or hasattr(builtins, name)
        if not right:
            wrong.append(f"{name}({', '.join(sorted(given))})")
    assert not wrong


@pytest.mark.parametrize("recipe", re.split(r"^(?=## )", read(ROOT / "docs" / "extending.md"), flags=re.MULTILINE)[1:])
def test_every_name_of_a_fragment_is_in_a_file_that_its_recipe_names(recipe: str) -> None:
    trees = [ast.parse(textwrap.dedent(m["text"])) for m in _FENCED.finditer(recipe) if m["language"] == "python"]
    paths = {ROOT / path for path in re.findall(r"(?:bot|signals|tests)/[\w/]+\.py", recipe)}
    known = {name for path in paths if path.exists() for name in _bound(ast.parse(read(path)))}
    known |= {name for tree in trees for name in _bound(tree)} | made() | set(dir(builtins))
    used = {node.id for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert not used - known


def _bound(tree: ast.AST) -> Iterator[str]:
    """Every name that is bound anywhere in a tree: imported, defined, assigned or an argument."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg


@cache
def made() -> set[str]:
    """What the recipes themselves define, and what stands in the modules that they make."""
    names = {node.name for node in NODES if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
    assigned = [target for node in NODES if isinstance(node, ast.Assign) for target in node.targets]
    modules = re.findall(r"^ *# \S+/(\w+)\.py$", read(ROOT / "docs" / "extending.md"), re.MULTILINE)
    return names | {target.id for target in assigned if isinstance(target, ast.Name)} | set(modules)


@cache
def foreign() -> set[str]:
    """What any module imports from a library."""
    lines = [
        match.groups() for text in texts() for match in re.finditer(r"^from (\w+)\S* import (.*)$", text, re.MULTILINE)
    ]
    return {name for library, names in lines if library not in OURS for name in names.split(", ")}


@cache
def texts() -> tuple[str, ...]:
    return tuple(read(path) for path in MODULES)


@cache
def signatures() -> dict[str, list[set[str]]]:
    """Name of a function or class that the recipes call -> the arguments of each of that name, `**` for any."""
    called = {ast.unparse(node.func).rpartition(".")[2] for node in NODES if isinstance(node, ast.Call)}
    defined = re.compile(rf"^ *(?:async def|def|class) (?:{'|'.join(map(re.escape, called))})\b", re.MULTILINE)
    taken: dict[str, list[set[str]]] = {}
    for node in (node for text in texts() if defined.search(text) for node in ast.walk(ast.parse(text))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            taken.setdefault(node.name, []).append(_arguments(node))
        elif isinstance(node, ast.ClassDef):
            fields = {ast.unparse(part.target) for part in node.body if isinstance(part, ast.AnnAssign)}
            made_by = [part for part in node.body if isinstance(part, ast.FunctionDef) and part.name == "__init__"]
            taken.setdefault(node.name, []).append(fields.union(*map(_arguments, made_by)))
    return taken


def _arguments(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    each = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    return {argument.arg for argument in each} | ({"**"} if function.args.kwarg else set())
