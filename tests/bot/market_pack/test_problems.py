"""A bad pack is refused with everything that is wrong with it, and nothing of it is imported."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from bot.archive import Archive, StoredCounts
from bot.calendar.clock import Calendar
from bot.errors import PackError
from bot.market_pack import import_pack
from tests.bot.market_pack.conftest import GOOD, NOW, WritePack, dump, packed


def changed(file: str, old: str, new: str) -> dict[str, str]:
    assert old in GOOD[file]
    return {file: GOOD[file].replace(old, new)}


CLOSE = "close.csv"
BAD: dict[str, tuple[dict[str, str | bytes | None], list[str]]] = {
    "no date column": (changed(CLOSE, "date,", "day,"), ["close.csv line 1: the first column is 'day'"]),
    "more columns than there are securities": (
        {"series.csv": "date," + ",".join(f"T{number}" for number in range(20_001)) + "\n"},
        ["series.csv line 1: there are 20,001 columns; at most 20,000 are possible"],
    ),
    "a name longer than any": (
        {"series.csv": f"date,{'A' * 101}\n2026-01-05,1\n"},
        ["series.csv line 1 column 2: the name 'AAAA"],
    ),
    "a universe column is missing": (
        changed("universe.csv", "industry,", ""),
        ["universe.csv line 1 column industry: the column is missing"],
    ),
    "a date of another format": (
        changed(CLOSE, "2026-01-05", "05.01.2026"),
        ["close.csv line 3 column date: '05.01.2026' is not a date; a date as YYYY-MM-DD is needed"],
    ),
    "a date without leading zeros": (
        changed(CLOSE, "2026-01-05", "2026-1-5"),
        ["close.csv line 3 column date: '2026-1-5'"],
    ),
    "a date that does not exist": (
        {"series.csv": "date,DGS10\n2023-02-28,4.1\n2023-02-29,4.2\n"},
        ["series.csv line 3 column date: '2023-02-29' is not in the calendar"],
    ),
    "a date out of range": (
        {"series.csv": "date,DGS10\n0026-01-05,4.1\n"},
        ["series.csv line 2 column date: '0026-01-05' is out of range"],
    ),
    "no date at all": (changed(CLOSE, "2026-01-05,", ","), ["close.csv line 3 column date: '' is not a date"]),
    "text for a number": (changed(CLOSE, "20.7", "n/a"), ["close.csv line 4 column BBB: 'n/a' is not a number"]),
    "NaN as text": (changed(CLOSE, "20.7", "NaN"), ["close.csv line 4 column BBB: 'NaN' is not a number"]),
    "infinity": (changed(CLOSE, "20.7", "inf"), ["close.csv line 4 column BBB: 'inf' is not a number"]),
    "a number beyond floats": (
        changed(CLOSE, "20.7", "1e999"),
        ["close.csv line 4 column BBB: '1e999' is not a number"],
    ),
    "thousands separators": (
        changed(CLOSE, "20.7", '"1,234"'),
        ["close.csv line 4 column BBB: '1,234' is not a number"],
    ),
    "a decimal comma": (
        changed(CLOSE, "20.7", "20,7"),
        ["close.csv line 4: the row has 5 fields; 4 fields as in the header"],
    ),
    "half a number": (changed(CLOSE, "20.7", "1e"), ["close.csv line 4 column BBB: '1e' is not a number"]),
    "text in a series": (changed("series.csv", "14.5", "."), ["series.csv line 4 column VIX: '.' is not a number"]),
    "a date twice": (
        changed(CLOSE, "2026-01-06", "2026-01-05"),
        ["close.csv line 4 column date: 2026-01-05 stands there twice"],
    ),
    "dates going back": (
        changed(CLOSE, "2026-01-06", "2025-12-31"),
        ["close.csv line 4 column date: 2025-12-31 comes after 2026-01-05; dates must rise"],
    ),
    "a price of zero": (changed(CLOSE, "10.2", "0"), ["close.csv line 4 column AAA: 0 is not a price"]),
    "a negative price": (changed(CLOSE, "10.2", "-10.2"), ["close.csv line 4 column AAA: -10.2 is not a price"]),
    "a negative adjusted price": (changed("adj_close.csv", "9.2", "-9.2"), ["adj_close.csv line 4 column AAA: -9.2"]),
    "a high of zero": ({"high.csv": "date,AAA\n2026-01-02,0\n"}, ["high.csv line 2 column AAA: 0 is not a price"]),
    "Latin-1": (
        {"universe.csv": GOOD["universe.csv"].replace("Oil", "Öl").encode("latin-1")},
        ["universe.csv line 3 column 5: byte 0xd6 is not UTF-8"],
    ),
    "UTF-16": ({CLOSE: GOOD[CLOSE].encode("utf-16")}, ["close.csv line 1: the file is UTF-16; it must be UTF-8"]),
    "a zero byte": ({CLOSE: GOOD[CLOSE].replace("20.7", "20\0").encode()}, ["close.csv line 4 column 3: a zero byte"]),
    "an empty file": ({CLOSE: ""}, ["close.csv: the file is empty"]),
    "an empty packed file": ({CLOSE: None, "close.csv.gz": packed("")}, ["close.csv.gz: the file is empty"]),
    "no byte where gzip should be": ({CLOSE: None, "close.csv.gz": b""}, ["close.csv.gz: the file is empty"]),
    "only a header": ({CLOSE: "date,AAA\n"}, ["close.csv: there is a header but no row"]),
    "only a header of members": (
        {"universe.csv": "ticker,name,sector,industry,groups\n"},
        ["universe.csv: there is a header but no row"],
    ),
    "lines that end with carriage returns alone": (
        {CLOSE: GOOD[CLOSE].replace("\n", "\r")},
        ["close.csv line 1: a carriage return inside the line; lines must end with LF or CR LF"],
    ),
    "a header with a quotation mark without end": (
        changed(CLOSE, "BBB", '"BBB'),
        ["close.csv line 1: the line cannot be split into fields"],
    ),
    "a giant field": (changed(CLOSE, "20.7", "9" * 200_000), ["close.csv line 4: the line cannot be split"]),
    "no session": (
        {CLOSE: "date,AAA\n2026-01-01,10\n2026-01-03,11\n"},
        ["close.csv: no row is on a New York session; at least one session is needed"],
    ),
    "only dates": ({CLOSE: "date\n2026-01-05\n"}, ["close.csv line 1: there is only the date column"]),
    "a truncated gzip": (
        {CLOSE: None, "close.csv.gz": packed(GOOD[CLOSE])[:-12]},
        ["close.csv.gz: the gzip data end too early"],
    ),
    "a damaged gzip": (
        {CLOSE: None, "close.csv.gz": packed(GOOD[CLOSE])[:-8] + b"12345678"},
        ["close.csv.gz: the gzip data are damaged"],
    ),
    "not gzip at all": ({CLOSE: None, "close.csv.gz": GOOD[CLOSE]}, ["close.csv.gz: its content is not gzip"]),
    "a row with too few fields": (
        changed(CLOSE, "10.2,20.7,0", "10.2,20.7"),
        ["close.csv line 4: the row has 3 fields"],
    ),
    "a row with too many fields": (changed(CLOSE, "20.7,0", "20.7,0,1"), ["close.csv line 4: the row has 5 fields"]),
    "an empty line": (changed(CLOSE, "2026-01-06", "\n2026-01-06"), ["close.csv line 4: the row has 0 fields"]),
    "a quotation mark without end": (changed(CLOSE, "20.7", '"20.7'), ["close.csv line 5: the line cannot be split"]),
    "a column twice": (changed(CLOSE, "BBB", "AAA"), ["close.csv line 1 column AAA: the column stands 2 times"]),
    "a column without a name": (changed(CLOSE, "BBB", ""), ["close.csv line 1 column 3: the name ''"]),
    "an unknown group": (
        changed("universe.csv", "sp500 ndx100", "sp500 dax"),
        ["universe.csv line 2 column groups: 'dax' is not a group; words of sp500, ndx100 are needed"],
    ),
    "a member twice": (
        changed("universe.csv", "BBB", "AAA"),
        ["universe.csv line 3 column ticker: AAA stands in line 2 already"],
    ),
    "a member without a ticker": (
        changed("universe.csv", "BBB", ""),
        ["universe.csv line 3 column ticker: nothing stands there"],
    ),
    "no closes": ({CLOSE: None}, ["there is no close.csv or close.csv.gz"]),
    "two spellings of one file": ({"close.csv.gz": packed(GOOD[CLOSE])}, ["close.csv.gz: stands beside close.csv"]),
    "a revision without an instant": (
        {"revisions.csv.gz": packed("kind,id,date,known_at,value,source\nclose,AAA,2026-01-05,yesterday,10.5,x\n")},
        ["revisions.csv.gz line 2 column known_at: 'yesterday' is not an instant"],
    ),
    "a revision of nothing": (
        {"revisions.csv": "kind,id,date,known_at,value,source\nclose,ZZZ,2026-01-05,2026-01-06T21:00:00Z,10.5,x\n"},
        ["revisions.csv line 2 column id: 'ZZZ' has no column in close.csv"],
    ),
    "a revision to a price of zero": (
        {"revisions.csv": "kind,id,date,known_at,value,source\nclose,AAA,2026-01-05,2026-01-06T21:00:00Z,0,x\n"},
        ["revisions.csv line 2 column value: 0 is not a price"],
    ),
    "everything at once": (
        {
            CLOSE: GOOD[CLOSE].replace("10.2", "x").replace("20.8", "-1"),
            "series.csv": "",
            "universe.csv": GOOD["universe.csv"].replace("BBB", "AAA"),
        },
        [
            "close.csv line 4 column AAA: 'x'",
            "close.csv line 5 column BBB: -1",
            "series.csv: the file is empty",
            "line 3 column ticker",
        ],
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_pack_is_refused_with_place_and_reason(
    name: str, write_pack: WritePack, archive: Archive, calendar: Calendar
) -> None:
    changes, expected = BAD[name]
    import_pack(archive, write_pack(name="good"), now=NOW, calendar=calendar)
    before = dump(archive)
    with pytest.raises(PackError) as refusal:
        import_pack(archive, write_pack(changes), now=NOW, calendar=calendar)
    told = [str(problem) for problem in refusal.value.problems]
    for part, problem in zip(expected, told, strict=True):
        assert part in problem
    assert dump(archive) == before


def test_the_good_pack_is_good(write_pack: WritePack, archive: Archive, calendar: Calendar) -> None:
    report = import_pack(archive, write_pack(), now=NOW, calendar=calendar)
    assert report.counts.bars == 11
    assert report.rows == 11 + 8 + 3
    assert report.warnings == ("close: tickers without adjusted closes: BBB",)


def test_a_folder_that_is_not_there_is_named(archive: Archive, tmp_path: Path) -> None:
    with pytest.raises(PackError, match="there is no such folder"):
        import_pack(archive, tmp_path / "nowhere", now=NOW)


def test_a_flood_of_problems_is_counted(write_pack: WritePack, archive: Archive, calendar: Calendar) -> None:
    rows = "\n".join(f"{day},x" for day in calendar.sessions[:250].strftime("%Y-%m-%d"))
    with pytest.raises(PackError, match="and 50 more problems") as refusal:
        import_pack(archive, write_pack({CLOSE: f"date,AAA\n{rows}\n"}), now=NOW, calendar=calendar)
    assert len(refusal.value.problems) == 201


@pytest.mark.parametrize(
    "text",
    [
        GOOD[CLOSE].replace("\n", "\r\n"),
        "\ufeff" + GOOD[CLOSE],
        GOOD[CLOSE].rstrip("\n"),
        GOOD[CLOSE] + "\n\n",
        GOOD[CLOSE].replace("20.7", '"20.7"'),
        GOOD[CLOSE].replace("20.7", "+2.07e1"),
    ],
    ids=["CRLF", "byte-order mark", "no last newline", "empty lines at the end", "quoted", "exponent"],
)
def test_unusual_but_right_files_are_read_alike(
    text: str, write_pack: WritePack, archive: Archive, calendar: Calendar
) -> None:
    import_pack(archive, write_pack(), now=NOW, calendar=calendar)
    before = dump(archive)
    report = import_pack(archive, write_pack({CLOSE: text}, name="again"), now=NOW, calendar=calendar)
    assert report.counts == StoredCounts()
    assert dump(archive) == before


WARNED: dict[str, tuple[dict[str, str | bytes | None], str]] = {
    "a member without a column": (
        {"universe.csv": GOOD["universe.csv"] + "ZZZ,Zz,Energy,Oil,sp500\n"},
        "universe: members without a column in close: ZZZ",
    ),
    "a Saturday": (
        changed(CLOSE, "2026-01-05,", "2026-01-03,1,1,1\n2026-01-05,"),
        "close: rows on days without a New York session are left out: 2026-01-03",
    ),
    "an adjusted close without a close": (
        {"adj_close.csv": "date,BBB\n2026-01-05,19\n"},
        "adj_close: 1 values beside an empty close are left out",
    ),
    "an adjusted ticker without closes": (
        {"adj_close.csv": "date,AAA,ZZZ\n2026-01-05,9,1\n"},
        "adj_close: tickers without a column in close are left out: ZZZ",
    ),
    "a file of another version": ({"moods.csv": "x"}, "moods.csv is ignored: this version does not know such a file"),
    "volume": (
        {"volume.csv": "date,AAA\n2026-01-02,0\n"},
        "volume.csv was checked but is not kept: no signal reads it",
    ),
    "a further universe column": (
        {"universe.csv": "ticker,name,sector,industry,groups,weight\nAAA,A,Energy,Oil,sp500,1\n"},
        "universe.csv: columns ignored: weight",
    ),
    "no members": ({"universe.csv": None}, "there is no universe.csv: signals of members will have no value"),
    "a revision of another version": (
        {"revisions.csv.gz": gzip.compress(b"kind,id,date,known_at,value,source\nfunds,A,2026-01-05,x,1,y\n")},
        "revisions.csv.gz: rows of kind 'funds' are ignored: this version does not know it",
    ),
}


@pytest.mark.parametrize("name", WARNED)
def test_what_can_be_borne_is_a_warning(name: str, write_pack: WritePack, archive: Archive, calendar: Calendar) -> None:
    changes, warning = WARNED[name]
    report = import_pack(archive, write_pack(changes), now=NOW, calendar=calendar)
    assert warning in report.warnings
    assert "2026-01-03" not in [str(day.date()) for day in archive.market(calendar).close.index]
