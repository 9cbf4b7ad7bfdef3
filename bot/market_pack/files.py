"""Names of a pack's files, and reading them as text; errors are noted as problems."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from dataclasses import dataclass, field
from pathlib import Path

from bot.errors import Problem
from signals.core.datasets import DATASETS

CLOSE, ADJ_CLOSE, SERIES, UNIVERSE = "close", "adj_close", "series", "universe"
REVISIONS, UNIVERSE_HISTORY = "revisions", "universe_history"
CHECKED_ONLY = ("high", "low", "volume")
KNOWN = (CLOSE, ADJ_CLOSE, SERIES, UNIVERSE, REVISIONS, UNIVERSE_HISTORY, *DATASETS, *CHECKED_ONLY)

MAX_PROBLEMS = 200
MAX_UNPACKED = 512_000_000
"""Bytes of one file; 21 years of 606 tickers take 30 MB."""

MAX_SHOWN = 200
"""Signs of what a problem quotes: a cell may be as long as its file."""


@dataclass(slots=True)
class Findings:
    """Problems and warnings of a pack. Beyond `MAX_PROBLEMS` problems are only counted."""

    problems: list[Problem] = field(default_factory=list)
    more: int = 0
    warnings: list[str] = field(default_factory=list)

    def problem(self, where: str, actual: str, needed: str) -> None:
        """Note a problem: its place, the actual content, and the content that is needed."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(_cut(where), _cut(actual), needed))
        else:
            self.more += 1

    def warn(self, sentence: str) -> None:
        """Note a remark that does not prevent an import."""
        self.warnings.append(sentence)

    def all_problems(self) -> list[Problem]:
        """The problems, with a last one that counts those left out."""
        if not self.more:
            return self.problems
        return [*self.problems, Problem("pack", f"and {self.more} more problems", "mend those above first")]


def _cut(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN // 2]}...{text[-MAX_SHOWN // 2 :]}"


def locate(directory: Path, findings: Findings) -> dict[str, Path]:
    """The pack's files by their name without suffix.

    Two versions of one file are a problem, unknown tables a warning.
    """
    if not directory.is_dir():
        findings.problem(str(directory), "there is no such folder", "a folder with close.csv or close.csv.gz is needed")
        return {}
    paths: dict[str, Path] = {}
    for path in sorted(directory.iterdir()):
        name = path.name.removesuffix(".gz").removesuffix(".csv")
        if path.name not in (f"{name}.csv", f"{name}.csv.gz") or path.name.startswith("."):
            continue
        if name not in KNOWN:
            findings.warn(f"{path.name} is ignored: this version does not know such a file")
        elif name in paths:
            findings.problem(path.name, f"stands beside {paths[name].name}", "only one of the two may be there")
        else:
            paths[name] = path
    return paths


def read_text(path: Path, findings: Findings) -> bytes | None:
    """The file's content as UTF-8 bytes without a byte-order mark, or None with the problem noted."""
    try:
        if path.exists() and not path.is_file():
            findings.problem(path.name, "is a folder, a pipe or a device", "a file is needed")
            return None
        with path.open("rb") as file:
            raw = file.read(MAX_UNPACKED + 1)
    except OSError as error:
        findings.problem(path.name, f"cannot be read ({error.strerror})", "a readable file is needed")
        return None
    if len(raw) > MAX_UNPACKED:
        _too_large(path.name, "it has", findings)
        return None
    text = _unpacked(path.name, raw, findings) if path.suffix == ".gz" else raw
    return None if text is None else _filled(path, text, findings)


def _filled(path: Path, raw: bytes, findings: Findings) -> bytes | None:
    if not raw.strip():
        findings.problem(path.name, "the file is empty", "a header line and rows are needed")
        return None
    return _utf8(path.name, raw, findings)


def _unpacked(name: str, raw: bytes, findings: Findings) -> bytes | None:
    if not raw:
        findings.problem(name, "the file is empty", "gzip-packed CSV is needed")
        return None
    if not raw.startswith(b"\x1f\x8b"):
        findings.problem(name, "its content is not gzip", "pack it with gzip or name it .csv")
        return None
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as packed:
            text = packed.read(MAX_UNPACKED + 1)
    except EOFError:
        findings.problem(name, "the gzip data end too early", "the whole file is needed; copy it again")
    except (gzip.BadGzipFile, zlib.error) as error:
        findings.problem(name, f"the gzip data are damaged ({error})", "an undamaged file is needed; copy it again")
    else:
        if len(text) <= MAX_UNPACKED:
            return text
        _too_large(name, "it unpacks to", findings)
    return None


def _too_large(name: str, verb: str, findings: Findings) -> None:
    what = f"{verb} more than {MAX_UNPACKED / 1e6:g} MB"
    findings.problem(name, what, "no file of a pack is that large; is it the right one?")


def _utf8(name: str, raw: bytes, findings: Findings) -> bytes | None:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        findings.problem(f"{name} line 1", "the file is UTF-16", "it must be UTF-8")
        return None
    raw = raw.removeprefix(codecs.BOM_UTF8)
    if raw.isascii() and b"\0" not in raw:
        return raw
    try:
        raw.decode("utf-8")
        at = raw.find(b"\0")
        reason = "a zero byte" if at >= 0 else None
    except UnicodeDecodeError as error:
        at, reason = error.start, f"byte 0x{raw[error.start]:02x} is not UTF-8"
    if reason is None:
        return raw
    line = raw.count(b"\n", 0, at) + 1
    start = raw.rfind(b"\n", 0, at) + 1
    column = raw.count(b",", start, at) + 1
    findings.problem(f"{name} line {line} column {column}", reason, "the file must be text in UTF-8")
    return None
