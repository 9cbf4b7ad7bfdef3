"""Recorded answers of the SEC in `shared/data/http/sec_edgartools`, read without a YAML library."""

from __future__ import annotations

import gzip
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

NVDA = "test_nvda_capex_resolves_to_recent_tag.yaml.gz"
GOOGL = "test_goog_ttm_revenue_tracks_recent_window.yaml.gz"
AAPL = "TestCompanyTTMIntegration.test_facts_income_statement_ttm_periods.yaml.gz"


@cache
def companyfacts(shared: Path, name: str) -> dict[str, Any]:
    """The body of a cassette's one answer, a text in single quotes folded over lines."""
    text = gzip.decompress((shared / "data/http/sec_edgartools" / name).read_bytes()).decode()
    start = text.index("      string: '") + len("      string: '")
    end = re.compile(r"(?:[^']|'')*").match(text, start).end()
    return json.loads(re.sub(r"\n +", " ", text[start:end].replace("''", "'")))
