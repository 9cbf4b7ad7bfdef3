"""The witness on a tree of a few lines that repeats what it was asked: what it writes, and when it fails."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

WITNESS = Path(__file__).parent.parent.parent / "tools" / "witness"
REPLAYS = {f"replay-{each}.jsonl" for each in ("2008-09-02", "2020-02-10", "2022-04-01", "2025-03-03", "simulated")}
PARTS = REPLAYS | {"readings.jsonl", "explanations.jsonl", "study.json"}

REPEATS = """
import os, pathlib, sys
home = pathlib.Path(os.environ["ROTATION_BOT_HOME"])
if sys.argv[1] == "market":
    (home / "market.db").write_text("imported")
elif sys.argv[1] != "demo":
    assert (home / "market.db").exists()
print(*sys.argv[1:])
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return make_tree(tmp_path / "tree", REPEATS)


def make_tree(folder: Path, program: str) -> Path:
    for name in ("bot", "signals"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").touch()
    (folder / "bot" / "__main__.py").write_text(program)
    return folder


def witness(tree: Path, out: Path) -> subprocess.CompletedProcess[str]:
    pack = tree.parent / "pack"
    command = [sys.executable, str(WITNESS), str(pack), str(out), "--tree", str(tree), "--python", sys.executable]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_each_part_is_a_file_with_its_digest_on_a_line(tree: Path, tmp_path: Path) -> None:
    done = witness(tree, tmp_path / "out")
    assert done.returncode == 0, done.stderr
    *lines, last = [line.split() for line in done.stdout.splitlines()]
    files = {each.name: each.read_bytes() for each in (tmp_path / "out").iterdir()}
    assert files.keys() == PARTS
    assert {name: (int(size), digest) for name, size, digest, *_ in lines} == {
        name: (len(text), hashlib.sha256(text).hexdigest()) for name, text in files.items()
    }
    listed = "".join(f"{digest}  {name}\n" for name, _, digest, *_ in lines)
    assert last[:3] == ["all", str(sum(map(len, files.values()))), hashlib.sha256(listed.encode()).hexdigest()]


def test_a_tree_that_behaves_otherwise_has_another_digest(tree: Path, tmp_path: Path) -> None:
    other = make_tree(tmp_path / "other", f"{REPEATS}\nif sys.argv[1] == 'study': print('one more line')")
    before, after = witness(tree, tmp_path / "before"), witness(other, tmp_path / "after")
    assert before.stdout.splitlines()[-1].split()[2] != after.stdout.splitlines()[-1].split()[2]
    same = [(tmp_path / "before" / name).read_bytes() == (tmp_path / "after" / name).read_bytes() for name in PARTS]
    assert [name for name, equal in zip(PARTS, same, strict=True) if not equal] == ["study.json"]


@pytest.mark.parametrize(
    ("trouble", "failed"),
    [
        ("if sys.argv[1] == 'study': sys.exit(1)", {"study.json"}),
        ("if sys.argv[1] == 'market': sys.exit(1)", {"readings.jsonl", "explanations.jsonl", "study.json"}),
        ("if sys.argv[1] == 'demo': os._exit(0)", REPLAYS),
    ],
    ids=["a part fails", "the import fails", "nothing is printed"],
)
def test_a_failed_part_fails_the_whole_and_leaves_no_file(tmp_path: Path, trouble: str, failed: set[str]) -> None:
    broken = make_tree(tmp_path / "broken", f"import os, sys\n{trouble}\n{REPEATS}")
    done = witness(broken, tmp_path / "out")
    assert done.returncode == 1
    assert set(done.stderr.splitlines()[-1].removeprefix("failed: ").split(", ")) == failed
    assert {each.name for each in (tmp_path / "out").iterdir()} == PARTS - failed


def test_packages_from_elsewhere_are_refused(tree: Path, tmp_path: Path) -> None:
    (tree / "signals" / "__init__.py").unlink()
    (tree / "signals").rmdir()
    done = witness(tree, tmp_path / "out")
    assert done.returncode == 1
    assert "does not run the packages of" in done.stderr


def test_a_folder_that_holds_something_is_refused(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "study.json").touch()
    done = witness(tree, tmp_path / "out")
    assert done.returncode == 1
    assert "is not empty" in done.stderr
