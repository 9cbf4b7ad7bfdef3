"""Files of records in a pack: read with every problem named, imported once, exported and imported again the same."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from bot.archive import Archive, StoredCounts
from bot.calendar.clock import Calendar
from bot.errors import PackError
from bot.market_pack import export_pack, import_pack, pack_market, read_pack
from signals.core.datasets import DATASETS
from tests.bot.market_pack.conftest import NOW, WritePack, dump, packed
from tests.bot.market_pack.test_roundtrip import LATER, copied, exported

FLOWS = "date,ticker,flow_usd\n2026-01-05,XLK,-8279999.999999999\n2026-01-02,XLK,2.5e6\n2026-01-02,RSP,\n"
FUNDS = (
    "date,ticker,nav,shares_outstanding,flow_usd,known_at,source\n"
    "2026-01-02,XLK,145.5,600000000,,2026-01-05T13:00:00Z,statestreet\n"
    "2026-01-02,XLK,145.5,601000000,,2026-01-06T14:00:00+01:00,statestreet\n"
    "2026-01-05,QQQ,,,1e6,,newspaper\n"
)
GUIDANCE = (
    "ticker,accession,filed,direction,sentence,url\n"
    'NVDA,0001-26-1,2026-01-05,1,"We raise our outlook, ""strongly"".",https://example.org/a\n'
)


def test_published_flows_can_be_imported_as_they_are(
    write_pack: WritePack, archive: Archive, calendar: Calendar
) -> None:
    folder = write_pack({"funds.csv": FLOWS})
    report = import_pack(archive, folder, now=NOW, calendar=calendar)
    assert report.counts.records == 2
    frame = archive.market(calendar).records["funds"]
    assert frame["flow_usd"].tolist() == [2.5e6, -8279999.999999999]
    # The 2nd was a Friday: its figures were out on Saturday morning, those of Monday the 5th on Tuesday.
    assert [str(instant) for instant in frame["known_at"]] == ["2026-01-03 13:00:00+00:00", "2026-01-06 13:00:00+00:00"]
    assert frame["source"].tolist() == ["pack", "pack"]
    assert len(archive.market(calendar, as_of=date(2026, 1, 5)).records["funds"]) == 1


def test_importing_records_again_changes_nothing(write_pack: WritePack, archive: Archive, calendar: Calendar) -> None:
    folder = write_pack({"funds.csv.gz": packed(FUNDS), "guidance.csv": GUIDANCE})
    import_pack(archive, folder, now=NOW, calendar=calendar)
    before = dump(archive)
    assert import_pack(archive, folder, now=LATER, calendar=calendar).counts == StoredCounts()
    assert dump(archive) == before


def test_instants_sources_and_corrections_survive_the_way_through_a_pack(
    write_pack: WritePack, archive: Archive, calendar: Calendar, tmp_path: Path
) -> None:
    import_pack(archive, write_pack({"funds.csv": FUNDS, "guidance.csv": GUIDANCE}), now=NOW, calendar=calendar)
    first = exported(archive, tmp_path / "out")
    assert {"funds.csv.gz", "guidance.csv.gz"} <= set(first)
    assert copied(tmp_path / "out", calendar, tmp_path / "second") == first
    with Archive.open(tmp_path / "second" / "copy.db", read_only=True) as copy:
        for as_of in (date(2026, 1, 5), date(2026, 1, 6), None):
            ours, theirs = (each.market(calendar, as_of=as_of).records for each in (archive, copy))
            assert list(ours) == list(theirs)
            for name, frame in ours.items():
                pd.testing.assert_frame_equal(theirs[name], frame)
    assert import_pack(archive, tmp_path / "out", now=LATER, calendar=calendar).counts == StoredCounts()


def test_a_pack_as_a_market_has_the_records_of_the_archive(
    write_pack: WritePack, archive: Archive, calendar: Calendar
) -> None:
    folder = write_pack({"funds.csv": FUNDS, "guidance.csv": GUIDANCE})
    import_pack(archive, folder, now=NOW, calendar=calendar)
    stored = archive.market(calendar).records
    market = pack_market(read_pack(folder, calendar), calendar)
    assert list(market.records) == list(stored) == ["funds", "guidance"]
    for name, frame in stored.items():
        pd.testing.assert_frame_equal(market.records[name], frame)
    assert market.records["guidance"]["sentence"].tolist() == ['We raise our outlook, "strongly".']


def test_an_archive_without_records_exports_no_file_of_them_and_removes_stale_ones(
    write_pack: WritePack, archive: Archive, calendar: Calendar, tmp_path: Path
) -> None:
    import_pack(archive, write_pack(), now=NOW, calendar=calendar)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "funds.csv").write_text(FLOWS)
    export_pack(archive, tmp_path / "out")
    assert not list((tmp_path / "out").glob("funds*"))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("date,flow_usd\n2026-01-02,1\n", "funds.csv line 1 column ticker: the column is missing"),
        ("date,ticker,nav,nav\n2026-01-02,XLK,1,1\n", "funds.csv line 1 column nav: the column stands 2 times"),
        ("date,ticker,nav\n", "funds.csv: there is a header but no row"),
        ("date,ticker,nav\n2026-01-02,XLK\n", "funds.csv line 2: the row has 2 fields; 3 fields"),
        (
            "date,ticker,nav\n2026-01-02,XLK,1\n02.01.2026,XLK,1\n",
            "funds.csv line 3 column date: '02.01.2026' is not a date",
        ),
        ("date,ticker,nav\n2026-01-02,,1\n", "funds.csv line 2 column ticker: the cell is empty"),
        ("date,ticker,nav\n2026-01-02,XLK,n/a\n", "funds.csv line 2 column nav: 'n/a' is not a number"),
        ("date,ticker,nav,known_at\n2026-01-02,XLK,1,today\n", "line 2 column known_at: 'today' is not an instant"),
        (
            "date,ticker,nav\n2026-01-02,XLK,1\n2026-01-02,XLK,2\n",
            "funds.csv line 3: 2026-01-02 XLK stands in line 2 with the same instant",
        ),
    ],
)
def test_what_is_wrong_with_records_is_told_with_its_place(
    write_pack: WritePack, archive: Archive, calendar: Calendar, content: str, says: str
) -> None:
    before = dump(archive)
    with pytest.raises(PackError) as refused:
        import_pack(archive, write_pack({"funds.csv": content}), now=NOW, calendar=calendar)
    assert says in str(refused.value)
    assert dump(archive) == before


def test_columns_that_nobody_knows_are_ignored_with_a_warning(write_pack: WritePack, calendar: Calendar) -> None:
    pack = read_pack(write_pack({"funds.csv": "date,ticker,nav,mood\n2026-01-02,XLK,1,good\n"}), calendar)
    assert "funds.csv: columns ignored: mood" in pack.warnings


def test_the_page_on_packs_names_every_dataset_with_all_its_columns() -> None:
    page = (Path(__file__).parent.parent.parent.parent / "docs" / "market-pack.md").read_text("utf-8")
    for dataset in DATASETS.values():
        line = next(line for line in page.splitlines() if line.startswith(f"| `{dataset.name}.csv` |"))
        assert f"`{','.join(dataset.key)}`" in line
        for column in dataset.columns:
            assert column.name in dataset.key or f"`{column.name}`" in line, column.name


def test_a_row_without_a_date_to_count_from_is_known_since_the_import(
    write_pack: WritePack, archive: Archive, calendar: Calendar
) -> None:
    folder = write_pack({"surprises.csv": "quarter,ticker,actual\n2025-12-31,NVDA,1.5\n"})
    import_pack(archive, folder, now=NOW, calendar=calendar)
    assert "surprises" not in archive.market(calendar).records
    stored = archive.db.execute("SELECT known_at FROM record_surprises").fetchone()[0]
    assert stored == int(NOW.timestamp())
