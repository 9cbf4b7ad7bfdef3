"""Promises about the documents: what they refer to is there."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from bot import __version__
from bot.cli.setting_up.trials import PERMISSIONS
from bot.database.alerts import firings, removed_alerts
from bot.database.places import guilds
from bot.outbox import upkeep
from bot.sources.fund_issuers.invesco import CUSIPS
from bot.sources.fund_issuers.ishares import PORTFOLIOS
from signals import catalogue

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
MODULES = sorted([*ROOT.glob("bot/**/*.py"), *ROOT.glob("signals/**/*.py"), *ROOT.glob("tools/*.py")])
CITING = sorted(
    [*DOCUMENTS, *MODULES, *ROOT.glob("tests/**/*.py"), *ROOT.glob("deploy/*"), ROOT / "config.example.toml"]
)

FILES = (".csv", ".db", ".md", ".py", ".toml")
FOLDERS = ("benchmarks", "bot", "deploy", "docs", "requirements", "signals", "tests", "tools")

_LINK = re.compile(r"\]\((?P<target>[^)\s]+)\)")
_DOCUMENT = re.compile(r"(?<![\w/.-])docs/[\w./-]*\w")
_CODE = re.compile(r"`(?P<code>[^`\n]+)`")
_DOTTED = re.compile(r"(?:bot|signals|tools)(?:\.\w+)+")
_MEMBER = re.compile(r"(?P<owner>\w+)\.(?P<name>[a-z_]\w*)(?:\(\))?")


def label(path: Path) -> str:
    return str(path.relative_to(ROOT))


def read(path: Path) -> str:
    return path.read_text("utf-8")


def anchors(document: Path) -> set[str]:
    """What a link may name after `#`: headings as GitHub turns them into ids."""
    headings = re.findall(r"^#+ (.+)$", read(document), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def quoted(document: Path) -> Iterator[str]:
    """Every piece of a document that stands between backticks, blocks of code aside."""
    for match in _CODE.finditer(re.sub(r"^```.*?^```", "", read(document), flags=re.MULTILINE | re.DOTALL)):
        yield match["code"]


@pytest.mark.parametrize("document", DOCUMENTS, ids=label)
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    dead = []
    for match in _LINK.finditer(read(document)):
        address, _, anchor = match["target"].partition("#")
        if re.match(r"[a-z]+:", address):
            continue
        target = document.parent / address if address else document
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(match["target"])
    assert not dead


def test_every_document_that_something_cites_is_there() -> None:
    cited = {(label(path), name) for path in CITING for name in _DOCUMENT.findall(read(path))}
    assert cited
    assert not {(path, name) for path, name in cited if not (ROOT / name).exists()}


@pytest.mark.parametrize("document", DOCUMENTS, ids=label)
def test_every_path_that_a_document_names_is_there(document: Path) -> None:
    named = {code for code in quoted(document) if "/" in code and code.split("/")[0] in FOLDERS and " " not in code}
    assert not {path for path in named if not list(ROOT.glob(path.rstrip("/")))}


@pytest.mark.parametrize("document", DOCUMENTS, ids=label)
def test_every_module_that_a_document_names_is_there(document: Path) -> None:
    named = {code for code in quoted(document) if _DOTTED.fullmatch(code) and code.partition(".")[2] != "db"}
    assert not {name for name in named if not exists(name)}


@pytest.mark.parametrize("document", DOCUMENTS, ids=label)
def test_every_function_that_a_document_names_is_in_its_module_or_class(document: Path) -> None:
    """`engine.catch_up` and `Pipeline.check`; whose owner is neither a module nor a class of ours may be anything else."""
    settings = set(re.findall(r"^\[(\w+)\]$", read(ROOT / "config.example.toml"), re.MULTILINE))
    matches = [
        match for code in quoted(document) if (match := _MEMBER.fullmatch(code)) and match["owner"] not in settings
    ]
    lost = [m[0] for m in matches if m["owner"] in members() and m["name"] not in members()[m["owner"]]]
    assert not [name for name in lost if name not in catalogue.SIGNALS and not name.endswith(FILES)]


@cache
def members() -> dict[str, set[str]]:
    """Name of a module or class -> what stands in it, for all modules and classes of that name together."""
    found: dict[str, set[str]] = {}
    for path in MODULES:
        tree = ast.parse(read(path))
        found.setdefault(path.stem, set()).update(_names(tree))
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                found.setdefault(node.name, set()).update(_names(node))
    return found


def _names(tree: ast.Module | ast.ClassDef) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in node.names)


def exists(name: str) -> bool:
    """Whether a dotted name is a module or folder, or something in one."""
    path = ROOT.joinpath(*name.split("."))
    if path.is_dir() or path.with_suffix(".py").exists():
        return True
    module = path.parent / "__init__.py" if path.parent.is_dir() else path.parent.with_suffix(".py")
    return module.exists() and path.name in set(_names(ast.parse(read(module))))


def test_the_layers_stand_in_the_order_of_their_contract() -> None:
    contracts = tomllib.loads(read(ROOT / "pyproject.toml"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "bot-layers")
    table = re.findall(r"^\| `bot/(\w+)(?:\.py)?` \|", read(ROOT / "docs/architecture.md"), re.MULTILINE)
    assert table == [layer for layer in reversed(layers) if layer != "__main__"]


def test_the_example_names_every_fund_without_flows_while_an_issuer_is_off() -> None:
    off = re.search(r"flows of ([A-Z, and]+)\) are off", read(ROOT / "config.example.toml").replace("\n# ", " "))
    assert off is not None
    assert set(re.findall(r"[A-Z]+", off[1])) == {*PORTFOLIOS, *CUSIPS}


def test_every_library_that_is_installed_has_its_reason_in_the_architecture() -> None:
    declared = tomllib.loads(read(ROOT / "pyproject.toml"))["project"]["dependencies"]
    libraries = {re.split(r"[<>=]", requirement)[0] for requirement in declared}
    table = read(ROOT / "docs" / "architecture.md").partition("## Libraries")[2].partition("\n## ")[0]
    explained = {name.strip() for row in re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE) for name in row.split(",")}
    assert {name.lower().replace("_", "-") for name in libraries} == {
        name.lower().replace("_", "-") for name in explained - {"library", "---"}
    }


def test_the_index_of_decisions_lists_each_with_its_title_and_date() -> None:
    folder = ROOT / "docs" / "decisions"
    rows = re.findall(r"^\| (\d+) \| \[(.+)\]\((.+)\) \| (.+) \|$", read(folder / "README.md"), re.MULTILINE)
    files = sorted(path for path in folder.glob("*.md") if path.name != "README.md")
    assert [file for _, _, file, _ in rows] == [path.name for path in files]
    for (number, title, file, decided), path in zip(rows, files, strict=True):
        heading, _, dated, *_ = read(path).splitlines()
        assert (heading, dated) == (f"# {number}. {title}", decided)
        assert file.startswith(f"{int(number):04}-")
        assert re.findall(r"^## (.+)$", read(path), re.MULTILINE) == ["Context", "Decision", "Consequences"]


def test_the_newest_version_of_the_changelog_is_that_of_the_program_and_has_its_date() -> None:
    newest = re.search(r"^## \[(?P<version>\d[\w.]*)\] - (?P<date>.*)$", read(ROOT / "CHANGELOG.md"), re.MULTILINE)
    assert newest is not None
    assert newest["version"] == __version__
    date.fromisoformat(newest["date"])


def test_the_permissions_of_the_invitation_are_counted_rightly() -> None:
    """SECURITY.md counts them, and README.md gives the number and names each."""
    count = PERMISSIONS.bit_count()
    assert count == 7
    assert "(*Guilds*), seven permissions" in read(ROOT / "SECURITY.md")
    assert f"&permissions={PERMISSIONS}\n" in read(ROOT / "README.md")
    sentence = read(ROOT / "README.md").partition(f"`{PERMISSIONS}` stands for ")[2].partition("To let topics")[0]
    assert len(re.findall(r"\*[A-Z][\w ]+\*", sentence)) == count


def test_the_privacy_page_says_how_long_everything_stays() -> None:
    said = {line.rpartition("|")[0].rpartition("|")[2].strip(): line for line in read(ROOT / "PRIVACY.md").splitlines()}
    history = f"{firings.KEEP_DAYS} days, or until you delete the alert"
    messages = f"{upkeep.KEEP_DAYS} days; those that Discord refused {upkeep.KEEP_DEAD_DAYS} days"
    servers = f"{guilds.KEEP_AFTER_LEAVING.days} days after the bot has left the server"
    days = {1: "a day"}[removed_alerts.KEPT.days]
    removed = f"until you delete them, and {days} longer, so that one can be put back"
    assert "your alerts: " in said[removed]
    assert {history, messages, servers} <= said.keys()


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
def test_the_filter_of_the_logs_passes_over_what_is_no_json() -> None:
    """The journal of a unit has lines of systemd, too, and a refused token is a plain sentence."""
    (program,) = re.findall(r"^journalctl .* \| jq -Rr '(.+)'$", read(ROOT / "docs" / "operations.md"), re.MULTILINE)
    lines = (
        "Started rotation-bot.service - Rotation bot.",
        '{"time": "T1", "level": "info", "logger": "bot.app", "message": "stopped"}',
        '{"time": "T2", "level": "warning", "logger": "bot.app", "message": "fred is down"}',
        '{"time": "T3", "level": "error", "logger": "bot.app", "message": "error 7F3A", "error": "Traceback"}',
        "3",
    )
    shown = subprocess.run(["jq", "-Rr", program], input="\n".join(lines), capture_output=True, text=True, check=True)
    assert shown.stdout.splitlines() == [f" {lines[0]}", "T2 fred is down", "T3 error 7F3A", "Traceback", " 3"]
