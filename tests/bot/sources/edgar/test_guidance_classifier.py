"""What press releases say of an outlook, sentence by sentence, and how they are found and read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import pandas as pd
import pytest
import pytest_asyncio

from bot.domain.fetched import Fetched, FetchRequest, HealthState
from bot.errors import SourceError
from bot.sources.edgar import POLICIES, Edgar, filings_index
from bot.sources.edgar.guidance_classifier import Classification, classify, direction_of, sentences
from bot.sources.edgar.parsing import public_at
from bot.sources.http.http_client import Http
from bot.sources.http.responses import HttpResponse
from signals.core.datasets import empty
from tests import recorded
from tests.bot.sources.edgar import filings
from tests.support.http_stub import PAGE, HttpStub, Reply, Waits, as_json, too_many

NOW = datetime(2026, 8, 28, 14, tzinfo=UTC)
REQUEST = FetchRequest(date(2026, 8, 1), date(2026, 8, 28), tickers=("NVDA", "MSFT"), records=("guidance",))
NVDA, MSFT = "0001045810-26-000073", "0000789019-26-000010"
RAISES = "We are raising our full-year 2027 revenue guidance to a range of $300 to $310 billion."


@pytest.mark.parametrize(
    ("sentence", "direction"),
    [
        (RAISES, 1),
        ("Acme Raises Full-Year Outlook", 1),
        ("The company today increased its fiscal 2026 revenue and EPS guidance.", 1),
        ("Full-year guidance was raised for the second time this year.", 1),
        ("We revised our full year sales outlook upward.", 1),
        ("For the year we now expect revenue of $5.2 billion, above our prior guidance of $5.0 billion.", 1),
        ("Guidance raised to $12 per share of earnings.", 1),
        ("Acme lowers its outlook for the fourth quarter", -1),
        ("We are withdrawing our full-year 2026 guidance.", -1),
        ("The company cut its annual earnings forecast.", -1),
        ("Our full-year revenue guidance has been reduced to reflect weaker demand.", -1),
        ("We now expect sales below our previous outlook.", -1),
        ("We reaffirm our full-year outlook.", 0),
        ("The company is maintaining its 2026 revenue guidance of 10 % growth.", 0),
        # What was reported against an outlook is no new outlook.
        ("Revenue of $46.7 billion was above our outlook.", None),
        ("Revenue increased 12% year over year, above the high end of our guidance.", None),
        ("Revenue increased compared to our guidance.", None),
        ("Third quarter outlook: revenue is expected to be $54.0 billion, plus or minus 2%.", None),
        # Caution, doubt and denial.
        ("We undertake no obligation to update or raise our outlook.", None),
        ("We may lower our guidance if demand falls.", None),
        ("We did not raise our guidance.", None),
        ("Factors that could reduce our outlook include tariffs.", None),
        # Costs alone: more spending is no better outlook.
        ("We are raising our capital expenditures outlook to $80 billion.", None),
        ("We lowered our guidance for operating expenses.", None),
        ("We are raising our revenue outlook and lowering our guidance for earnings.", None),
        ("The chief executive raised a glass to the outlook on the lake, " + "and on " * 200, None),
        ("The weather was fine.", None),
        ("In May we raised our guidance for revenue.", 1),
    ],
)
def test_a_sentence_says_what_a_reader_would_say(sentence: str, direction: int | None) -> None:
    assert direction_of(sentence) == direction


@pytest.mark.parametrize(
    ("sentence", "direction"),
    [
        # Another verb is nearer to the topic.
        ("Board raises quarterly dividend and reaffirms full-year guidance.", 0),
        ("Company increases share repurchase authorization and reiterates fiscal 2026 outlook.", 0),
        ("Verizon raises dividend, reaffirms 2026 guidance.", 0),
        ("Cisco increases dividend and maintains full year outlook", 0),
        ("Acme raises dividend and affirms its outlook", 0),
        ("We reduced debt and reaffirmed our full-year guidance.", 0),
        ("The company cut headcount and maintained its outlook for the year.", 0),
        ("Strong demand lifted sales and we lowered our full-year guidance.", -1),
        # The verb has an object of its own, or none.
        ("Net revenue increased sequentially, consistent with our outlook.", None),
        ("Net revenue increased sequentially to the high end of our guidance.", None),
        ("Net revenue increased sequentially, exceeding our outlook.", None),
        ("Channel inventory was reduced in line with our outlook.", None),
        ("We increased our investment in line with our outlook.", None),
        ("We expect to increase investment in AI, consistent with our prior outlook.", None),
        ("The increase reflects our updated outlook.", None),
        ("Reduced inventory supports our second-half outlook.", None),
        ("Increased demand led to a better outlook.", None),
        ("Increased confidence in our full-year outlook", None),
        ("We raised our dividend and provided full-year revenue guidance.", None),
        ("We continued to reduce inventory and our outlook is unchanged.", None),
        ("Sales increased, full-year outlook unchanged", None),
        ("Our guidance assumes that inventory is reduced.", None),
        ("Our outlook is unchanged and inventory is reduced.", None),
        ("Business Outlook The following is lowered by", None),
        # An earlier change that is kept is none of today.
        ("We are comfortable with our increased outlook for sales.", None),
        # What "and" and commas join within the object.
        ("Acme raises full-year revenue and EPS guidance", 1),
        ("Acme raises revenue, adjusted EPS and free cash flow outlook", 1),
        ("We are lowering our third quarter and full-year 2026 guidance.", -1),
        ("The company raised the low end of its revenue outlook.", 1),
        ("Revenue exceeded the high end of guidance; increased EPS outlook", 1),
        ("Raising full-year 2026 adjusted diluted EPS, revenue, and free cash flow guidance", 1),
        ("Acme raises full-year GAAP and non-GAAP EPS guidance ranges", 1),
        ("Acme raises and narrows its full-year guidance", 1),
        ("Acme reaffirms previously issued full-year guidance", 0),
        # The topic comes first.
        ("Full-year guidance range was raised.", 1),
        ("Guidance for the full year has been raised.", 1),
        ("Our outlook for fiscal 2026 revenue was significantly reduced.", -1),
    ],
)
def test_the_verb_nearest_to_the_outlook_decides_and_only_where_the_outlook_is_its_object(
    sentence: str, direction: int | None
) -> None:
    assert direction_of(sentence) == direction


def test_a_raised_dividend_is_no_majority_for_a_raised_outlook() -> None:
    first = "Company raises quarterly dividend and reaffirms fiscal 2026 guidance."
    assert classify([first, "We are reaffirming our guidance for revenue growth."]) == Classification(0, first)


def test_the_verdict_follows_the_majority_and_quotes_its_first_sentence() -> None:
    down = "We lower our guidance for margins."
    assert classify([RAISES, "We raise our outlook for earnings.", down]) == Classification(1, RAISES)
    assert classify([down]) == Classification(-1, down)
    assert classify([RAISES, down]) == Classification(None, RAISES)
    assert classify(["We reaffirm our outlook.", down]) == Classification(-1, down)
    assert classify(["We reaffirm our outlook."]).direction == 0
    assert classify([]) == Classification(None, "")


def test_pages_are_read_by_their_paragraphs_and_texts_by_their_empty_lines() -> None:
    page = "<html><body><h1>Acme Raises Outlook</h1><p>One thing.&nbsp;Another <b>thing</b>.</p>"
    page += "<table><tr><td>1</td></tr></table></body></html>"
    assert sentences(page) == ["Acme Raises Outlook", "One thing.", "Another thing.", "1"]
    assert sentences("We raise our\nfull-year outlook. It\nrains.\n\nThe end") == [
        "We raise our full-year outlook.",
        "It rains.",
        "The end",
    ]
    assert sentences("") == []


@pytest_asyncio.fixture
async def sec(stub: HttpStub, waits: Waits) -> AsyncIterator[Http]:
    client = Http(
        contact="Ada Lovelace ada@example.org",
        base_urls=stub.base_urls,
        policies=POLICIES,
        sleep=waits,
        jitter=lambda: 0.5,
    )
    filings.script(stub)
    yield client
    await client.close()


def rows(fetched: Fetched) -> list[tuple[str, float, str]]:
    frame = fetched.records["guidance"]
    return list(zip(frame["ticker"], frame["direction"], frame["sentence"], strict=True))


async def test_releases_are_found_read_and_kept_with_their_sentence_and_link(sec: Http, stub: HttpStub) -> None:
    # Two documents of one filing, a filing without results, one that says nothing of an outlook.
    found = [filings.hit(NVDA, 1045810, "2026-08-26"), filings.hit(NVDA, 1045810, "2026-08-26", name="b.htm")]
    found += [
        filings.hit("0000789019-26-000011", 789019, "2026-08-20", ("5.02", "12.02")),
        filings.hit(MSFT, 789019, "2026-08-03"),
    ]
    stub.on(filings.SEARCH, filings.hits(found))
    stub.on(filings.text_of(1045810, NVDA), filings.release(RAISES))
    stub.on(filings.text_of(789019, MSFT), filings.release("A new office opens.", accepted=None))

    fetched = await Edgar(sec).fetch(REQUEST, NOW)

    frame = fetched.records["guidance"]
    assert frame.dtypes.to_dict() == empty("guidance").dtypes.to_dict()
    assert frame["ticker"].tolist() == ["MSFT", "NVDA"]
    assert frame["direction"].tolist()[1] == 1.0
    assert pd.isna(frame["direction"].iloc[0])
    assert frame["sentence"].tolist() == ["", RAISES]
    assert frame["url"].iloc[1] == "https://www.sec.gov/Archives/edgar/data/1045810/000104581026000073/pr.htm"
    # Accepted at 16:21:07 in New York, and without an instant at 17:30.
    assert frame["known_at"].tolist() == [
        pd.Timestamp("2026-08-03 21:30", tz="UTC"),
        pd.Timestamp("2026-08-26 20:21:07", tz="UTC"),
    ]
    asked = next(seen for seen in stub.seen if seen.place == filings.SEARCH).query
    assert (asked["startdt"], asked["enddt"], asked["ciks"]) == ("2026-08-01", "2026-08-28", "0001045810,0000789019")
    assert stub.count(filings.text_of(789019, "0000789019-26-000011")) == 0


async def test_a_release_is_read_once(sec: Http, stub: HttpStub) -> None:
    stub.on(filings.SEARCH, filings.hits([filings.hit(NVDA, 1045810, "2026-08-26")]))
    stub.on(filings.text_of(1045810, NVDA), filings.release(RAISES))
    source = Edgar(sec)
    first, second = await source.fetch(REQUEST, NOW), await source.fetch(REQUEST, NOW)
    assert rows(first) == rows(second)
    assert stub.count(filings.text_of(1045810, NVDA)) == 1


async def test_all_pages_of_a_search_are_read(sec: Http, stub: HttpStub) -> None:
    stub.on(
        filings.SEARCH,
        filings.hits([filings.hit(NVDA, 1045810, "2026-08-26")], 101),
        filings.hits([filings.hit(MSFT, 789019, "2026-08-03")], 101),
    )
    stub.on(filings.text_of(1045810, NVDA), filings.release(RAISES))
    stub.on(filings.text_of(789019, MSFT), filings.release(RAISES))
    fetched = await Edgar(sec).fetch(REQUEST, NOW)
    assert len(fetched.records["guidance"]) == 2
    assert [seen.query["from"] for seen in stub.seen if seen.place == filings.SEARCH] == ["0", "100"]


@pytest.mark.parametrize(
    "bad",
    [
        as_json({}, 500),
    ],
)
async def test_without_the_search_the_lists_of_filings_are_read(sec: Http, stub: HttpStub, bad: Reply) -> None:
    stub.on(filings.SEARCH, bad)
    lists = "data.sec.gov/submissions"
    stub.on(
        f"{lists}/CIK0001045810.json",
        filings.listing(
            [
                (NVDA, "8-K", "2026-08-26", "2026-08-26", "2026-08-26T20:21:07.000Z", "2.02,9.01"),
                ("0001045810-26-000070", "8-K", "2026-08-20", "2026-08-20", "2026-08-20T20:21:07.000Z", "12.02,9.01"),
                ("0001045810-26-000050", "8-K", "2026-05-20", "2026-05-20", "2026-05-20T20:21:07.000Z", "2.02"),
            ]
        ),
    )
    stub.on(f"{lists}/CIK0000789019.json", filings.listing([]))
    stub.on(filings.text_of(1045810, NVDA), filings.release(RAISES))
    source = Edgar(sec)
    assert rows(await source.fetch(REQUEST, NOW)) == [("NVDA", 1.0, RAISES)]
    assert source.health.state is HealthState.OK


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (
            Reply(b"<SEC-DOCUMENT>x\n<DOCUMENT>\n<TYPE>EX-99.1\n<TEXT>We raise"),
            "breaks off in the middle of a document",
        ),
    ],
)
async def test_a_release_that_cannot_be_read_is_missing_and_the_others_are_there(
    sec: Http, stub: HttpStub, reply: Reply, says: str
) -> None:
    stub.on(
        filings.SEARCH,
        filings.hits([filings.hit(NVDA, 1045810, "2026-08-26"), filings.hit(MSFT, 789019, "2026-08-03")]),
    )
    stub.on(filings.text_of(1045810, NVDA), reply)
    stub.on(filings.text_of(789019, MSFT), filings.release(RAISES))
    fetched = await Edgar(sec).fetch(REQUEST, NOW)
    assert rows(fetched) == [("MSFT", 1.0, RAISES)]
    assert says in fetched.missing["NVDA"]


async def test_a_refusal_in_the_middle_keeps_what_was_read(sec: Http, stub: HttpStub) -> None:
    stub.on(
        filings.SEARCH,
        filings.hits([filings.hit(NVDA, 1045810, "2026-08-26"), filings.hit(MSFT, 789019, "2026-08-03")]),
    )
    stub.on(filings.text_of(789019, MSFT), filings.release(RAISES))
    stub.on(filings.text_of(1045810, NVDA), too_many("900"))
    source = Edgar(sec)
    fetched = await source.fetch(REQUEST, NOW)
    assert rows(fetched) == [("MSFT", 1.0, RAISES)]
    assert source.health.state is HealthState.RESTING


async def test_a_month_without_releases_is_empty(sec: Http, stub: HttpStub) -> None:
    stub.on(filings.SEARCH, filings.hits([]))
    fetched = await Edgar(sec).fetch(REQUEST, NOW)
    assert not fetched.records
    assert not fetched.missing


async def test_a_list_with_columns_of_different_lengths_is_told(sec: Http, stub: HttpStub) -> None:
    stub.on(filings.SEARCH, PAGE)
    row = (NVDA, "8-K", "2026-08-26", "2026-08-26", "2026-08-26T20:21:07.000Z", "2.02")
    broken = filings.columns([row]) | {"items": []}
    stub.on("data.sec.gov/submissions/CIK0001045810.json", as_json({"filings": {"recent": broken, "files": []}}))
    with pytest.raises(SourceError, match="columns of different lengths"):
        await Edgar(sec).fetch(REQUEST, NOW)


@pytest.mark.parametrize(
    ("accepted", "filed", "known"),
    [
        # New York's clock with a Z, as Tesla's list has it: 17:15 there is 21:15 UTC.
        ("2022-10-19T17:15:46", "2022-10-19", "2022-10-19T21:15:46"),
        # UTC with a Z, as NVIDIA's: 16:21 in New York, read four hours late and never early.
        ("2026-08-26T20:21:07", "2026-08-26", "2026-08-27T00:21:07"),
        # After half past five the filing day is the next one, from six in the morning.
        ("2026-08-26T18:05:00", "2026-08-27", "2026-08-27T10:00:00"),
        (None, "2026-01-28", "2026-01-28T22:30:00"),
    ],
)
def test_a_filing_is_never_known_too_early(accepted: str | None, filed: str, known: str) -> None:
    instant = public_at(datetime.fromisoformat(accepted) if accepted else None, date.fromisoformat(filed))
    assert instant.isoformat() == known + "+00:00"


def test_the_recorded_list_of_filings_can_be_read() -> None:
    """Tesla's list as recorded: results of 2022-10-19 under item 2.02, deliveries of 2022-10-03 under 2.02 and 7.01."""
    answer = HttpResponse(200, recorded.body("sec/submissions-tesla.json"), "recorded")
    listed, older = filings_index.read_list(answer, 1318605)
    assert len(listed) == 1001
    assert older == [("CIK0001318605-submissions-001.json", date(2013, 12, 10))]
    results = next(filing for filing in listed if filing.accession == "0001564590-22-034639")
    assert (results.form, results.filed, results.items) == ("8-K", date(2022, 10, 19), ("2.02", "9.01"))
    assert results.accepted == datetime(2022, 10, 19, 17, 15, 46)  # noqa: DTZ001 - a wall clock
    assert next(filing for filing in listed if filing.filed == date(2022, 10, 3) and filing.form == "8-K").items == (
        "2.02",
        "7.01",
        "9.01",
    )
