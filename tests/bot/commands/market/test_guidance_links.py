"""Whose outlook was raised or lowered: names, days and links on the screen of earnings and beside the signal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from bot.commands.context import Core
from bot.commands.market import family, guidance_links, signals
from bot.discord_app import embeds, limits
from bot.readings.state import ReadingState
from signals.families.earnings_guidance import GuidanceRelease
from tests.support import sample_readings

FOLDER = "https://www.sec.gov/Archives/edgar/data/1045810/000104581026000073"
NVDA = GuidanceRelease("NVDA", date(2026, 1, 8), 1, "We now expect revenue of $70 billion.", f"{FOLDER}/q2fy27pr.htm")
MSFT = GuidanceRelease("MSFT", date(2026, 1, 7), -1, "Microsoft lowers its outlook.", f"{FOLDER}/msft.htm")
META = GuidanceRelease("META", date(2025, 12, 30), 0, "Meta reaffirms its outlook.", f"{FOLDER}/meta.htm")


def with_releases(core: Core, releases: Sequence[GuidanceRelease]) -> Core:
    state = ReadingState()
    state.put(replace(sample_readings.snapshot(), guidance=tuple(releases)))
    return replace(core, readings=state)


def test_earnings_name_company_day_and_link_for_each_direction(core: Core) -> None:
    reply = family.show(with_releases(core, [NVDA, MSFT, META]), "earnings")
    shown = {field.name: limits.clean(field.value) for field in reply.fields}
    assert shown["Raised its outlook, 30 days"] == f"[NVDA, Thu, Jan 8]({FOLDER}/q2fy27pr.htm)"
    assert shown["Lowered its outlook, 30 days"] == f"[MSFT, Wed, Jan 7]({FOLDER}/msft.htm)"
    assert shown["Reaffirmed its outlook, 30 days"] == f"[META, Tue, Dec 30, 2025]({FOLDER}/meta.htm)"


def test_the_screen_does_not_say_twice_who_raised(core: Core) -> None:
    core = with_releases(core, [NVDA])
    full = core.readings.snapshot
    assert full is not None
    noted = {
        guidance_links.SIGNAL: ("1 raised (NVDA), 0 lowered, 0 reaffirmed",),
        "filings.tech_net_change": ("13F reports of the quarter to 2025-09-30, filed until 2025-11-14",),
    }
    changed = {id: replace(full.readings[id], notes=notes) for id, notes in noted.items()}
    core.readings.put(replace(full, readings={**full.readings, **changed}))
    assert "1 raised (NVDA)" not in " ".join(family.show(core, "earnings").lines)
    # What managers did is never shown without its quarter.
    assert "13F reports of the quarter to Sep 30, 2025" in " ".join(family.show(core, "flows").lines)
    assert "13F reports of the quarter to Sep 30, 2025" in " ".join(
        signals.detail(core, "filings.tech_net_change").lines
    )


def test_the_signal_quotes_the_sentence_that_decided(core: Core) -> None:
    reply = signals.detail(with_releases(core, [NVDA, replace(NVDA, ticker="AMD")]), guidance_links.SIGNAL)
    field = next(field for field in reply.fields if "raised" in field.name)
    assert field.name == "2 raised their outlook, 30 days"
    assert limits.clean(field.value).splitlines() == [
        f"[{ticker}, Thu, Jan 8]({FOLDER}/q2fy27pr.htm): We now expect revenue of $70 billion."
        for ticker in ("NVDA", "AMD")
    ]


def test_other_screens_and_signals_show_no_releases(core: Core) -> None:
    core = with_releases(core, [NVDA])
    for reply in (family.show(core, "breadth"), signals.detail(core, sample_readings.BREADTH)):
        assert not any("outlook" in field.name for field in reply.fields)
    core.readings.put(sample_readings.snapshot())
    assert not any("outlook" in field.name for field in family.show(core, "earnings").fields)


def test_many_releases_end_at_a_whole_link_and_fit_one_embed(core: Core) -> None:
    many = [
        replace(NVDA, ticker=f"T{number}", direction=sign, sentence="x " * 400)
        for sign in (1, -1, 0)
        for number in range(60)
    ]
    core = with_releases(core, many)
    for reply in (family.show(core, "earnings"), signals.detail(core, guidance_links.SIGNAL)):
        found = embeds.embed(reply)
        assert limits.embed_length(found) <= limits.EMBED_TOTAL
        told = [field["value"] for field in found["fields"] if "outlook" in field["name"]]
        assert len(told) == 3
        for value in told:
            assert value.count("[T") == value.count(".htm)")
            listed, left = value.count("[T"), int(value.split()[-2])
            assert listed + left == 60


def test_what_a_filer_wrote_has_no_power_over_the_message(core: Core) -> None:
    odd = replace(
        NVDA, sentence="We **raise** [guidance](https://evil.example.org) @everyone", url="javascript:alert(1)"
    )
    brackets = replace(NVDA, ticker="AMD", url=f"{FOLDER}/a(1).htm")
    reply = signals.detail(with_releases(core, [odd, brackets]), guidance_links.SIGNAL)
    lines = limits.clean(next(field.value for field in reply.fields if "raised" in field.name)).splitlines()
    assert lines[0] == (
        r"NVDA, Thu, Jan 8: We \*\*raise\*\* \[guidance\](https:" + "\u200b" + "//evil.example.org) @\u200beveryone"
    )
    assert lines[1].startswith(f"[AMD, Thu, Jan 8]({FOLDER}/a%281%29.htm): ")
