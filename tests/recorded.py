"""Recorded answers in `tests/fixtures`: of the SEC, the Treasury and the Federal Reserve, works of the US government."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from tests import conftest

Case = TypeVar("Case")
FIXTURES = Path(__file__).parent / "fixtures"
NVDA, GOOGL, AAPL = "nvda", "googl", "aapl"


def body(name: str) -> bytes:
    """A file of the folder as it was before it was compressed."""
    return gzip.decompress((FIXTURES / f"{name}.gz").read_bytes())


def where_present(*cases: Case) -> tuple[Case, ...]:
    """Cases of the folder of real figures beside the project; none where it is absent."""
    return cases if conftest.SHARED.is_dir() else ()


@cache
def companyfacts(company: str) -> dict[str, Any]:
    """Four concepts of everything that a company tagged."""
    found: dict[str, Any] = json.loads(body(f"sec/companyfacts-{company}.json"))
    return found
