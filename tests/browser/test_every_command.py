"""Everything that people do with alerts, times, channels and the record, typed on the demo's page as a person types it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import WIDE, Served

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from tests.browser.person import Person

pytestmark = [pytest.mark.slow, pytest.mark.thorough]

OWN_SIGNALS = (
    ("/watch add expression:SMH/IGV name:chips", "mine.chips added: SMH/IGV"),
    ("/watch list", "mine.chips"),
    ("/signals family:mine", "mine.chips"),
    ("/chart id:mine.chips", "chips (SMH/IGV), 6 months"),
)
QUIET_AND_ORDER = (
    ("/me zone:Berlin", "Did you mean Europe/Berlin?"),
    ("/me zone:Europe/Berlin quiet:22-7 delivery:18:00", "one digest a day, at 6:00 p.m."),
    ("/me summary:weekly", "a letter after the last session of the week"),
    ("/me delivery:each quiet:off", "Alerts: each at once"),
    ("/alert snooze what:all until:2d", "All your alerts are snoozed"),
    ("/alert snooze what:all until:off", "Snooze ended"),
)
OF_STORED_ALERTS = (
    ("/alert edit alert:4 level:8.5", "Alert 4 is now: chips (SMH/IGV) above 8.5"),
    ("/alert duplicate alert:4 condition:above 9.5", "is set: chips (SMH/IGV) above 9.5"),
    ("/alert list", "note: trim QQQ"),
    ("/alert history", "What your alerts did"),
    ("/alert test alert:4", "Test sent"),
)
CHANNELS = (
    ("/setup board", "Live board is set"),
    ("/setup calendar channel:#rotation", "Posts to #rotation."),
    ("/setup quiet hours:18:00-19:00 zone:America/New_York", "Quiet hours are set"),
    ("/setup quiet off:True", "Quiet hours ended"),
    ("/setup managers role:Hosts", "Members of @Hosts may use /setup"),
    ("/setup alerts topic:rotation-turn thread:True", "Posts Rotation turn to #Rotation turn."),
    ("/setup show", "Topics: Rotation turn"),
    ("/calendar", "Calendar: the next two weeks"),
    ("/calendar reminders:on", "Reminders are set"),
)
RECORD = (
    ("/since date:2026-01-15", "Since Thu, Jan 15, 2026"),
    ("/asof date:2026-01-20", "As known on the evening of Tue, Jan 20, 2026"),
    ("/record", "Track record of everything that was sent"),
    ("/claims", "Public claims, as of the close of"),
)
NO_COMMANDS = (
    ("/watch add SMH/IGV name chips", "Type each option after its name and a colon: /watch add expression:… name:…"),
    (f"/since date:{'9' * 6000}", "“date” has 6,000 characters. Type at most 100."),
    (f"/watch add expression:{'9' * 6000} name:x", "“expression” has 6,000 characters. Type at most 100."),
    ("/setup board channel:#nope", "There is no channel “#nope” here."),
)


async def all_of(person: Person, commands: tuple[tuple[str, str], ...]) -> None:
    for command, words in commands:
        await person.asks(command, words)
        await person.look()


async def test_every_command_is_answered_with_what_it_is_for(browser: Browser, served: Served) -> None:
    from tests.browser.person import Person

    person = Person(await browser.new_page(viewport=WIDE), served.floor, served.pictures)
    await person.open(served.channel)
    await person.reads("Three things to try")
    for line, hint in NO_COMMANDS:
        await person.is_told(line, hint)
    await all_of(person, OWN_SIGNALS)

    await person.asks("/alert add signal:mine.chips condition:above 9", "chips (SMH/IGV) above 9")
    await person.press("Confirm", answered=True)
    await person.reads("Alert 4 is set: chips (SMH/IGV) above 9")
    await person.asks("/alert add signal:rotation.state condition:turns to tech", "Rotation has no state “tech”.")
    await person.asks("/alert add signal:rotation.state condition:turns to rotating out", "Nothing is saved before")
    await person.press("More")
    await person.submit(After="remind 5", Last="31.13.2026", note="trim QQQ", Loudness="ping")
    await person.reads("“31.13.2026” is not a date.")
    await person.press("Edit what you typed")
    assert await person.typed_in_form() == [
        "remind 5",
        "close, every, confirm 1, cooldown 0",
        "31.13.2026",
        "trim QQQ",
        "ping",
    ]
    await person.submit(Last="2026-12-31")
    await person.reads("Alert 5 is set: Rotation turns to rotating out of big tech")
    await person.look()
    await person.asks("/alert combine of:4, 5, stress at_least:2 within:5", "At least 2 of 3")
    await person.press("Confirm", answered=True)
    await person.reads("Alert 6 is set: At least 2 of")
    await person.asks("/alert pause alert:4", "Alert 4 is paused")
    await person.press("Resume", answered=True)
    await person.reads("Alert 4 alerts again")
    await all_of(person, OF_STORED_ALERTS)
    await all_of(person, QUIET_AND_ORDER)
    await all_of(person, CHANNELS)

    await all_of(person, RECORD)
    await person.press("Add your own")
    await person.submit(
        **{
            "The claim": "SMH leads",
            "After this condition": "mine.chips above 3",
            "This rises": "SMH",
            "often": "never",
        }
    )
    await person.reads("“never” is not a percentage between 0 and 100.")
    await person.press("Edit what you typed")
    await person.submit(often="70")
    await person.reads("After chips (SMH/IGV) above 3: SMH up after 1 session, 70% of the time.")
    await person.look()


async def test_an_option_that_is_too_long_is_refused_beside_it(browser: Browser, served: Served) -> None:
    from tests.browser.person import Person

    person = Person(await browser.new_page(viewport=WIDE), served.floor, None)
    await person.open(served.channel)
    assert await person.refused_option("/since", "9" * 6000) == "Must be 100 or fewer in length."


async def test_reminders_have_the_hour_at_which_they_were_due(browser: Browser, served: Served) -> None:
    from tests.browser.person import Person

    person = Person(await browser.new_page(viewport=WIDE), served.floor, None)
    await person.open(served.channel)
    await person.asks("/setup calendar", "Reminders are set")
    await person.reads("Payrolls: due at", patience=6)
    reminder = person.page.locator("article[data-message-id]").filter(has_text="Payrolls: due at").first
    text = await reminder.inner_text()
    assert "2/6/26, 7:30 AM" in text
    assert "due at 8:30 AM" in text
