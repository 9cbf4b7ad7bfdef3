"""The demo in a real browser: twelve commands, half of them while a session lands, six buttons, two dialogs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from bot.demo.welcome import COMMANDS
from tests.browser.conftest import PHONE, WIDE, Served

if TYPE_CHECKING:
    from playwright.async_api import Browser

pytestmark = [pytest.mark.slow, pytest.mark.thorough]

ANSWERED = re.compile("ready|updated|completed")
KEEPING_TROUBLE = """
window.trouble = [];
addEventListener("DOMContentLoaded", () => {
  const status = document.getElementById("action-status");
  new MutationObserver(() => { if (/ not /.test(status.textContent)) window.trouble.push(status.textContent); })
    .observe(status, { childList: true, characterData: true, subtree: true });
});
"""

ROTATION, ALERT, SIGNAL = (command for command, _ in COMMANDS)


async def test_no_command_button_or_dialog_is_lost_while_sessions_land(browser: Browser, served: Served) -> None:
    from tests.browser.person import Person

    person = Person(await browser.new_page(viewport=WIDE), served.floor, served.pictures)
    await person.open(served.channel)
    await person.reads("Three things to try")
    await person.look()

    assert "big tech" in await person.type(ROTATION)
    await person.look()
    await person.press("Past turns", answered=True)
    await person.look()

    assert "50-day average" in await person.type(ALERT, while_a_session_lands=True)
    await person.look()
    await person.press("Change level")
    await person.submit(Level="47.3")
    await person.reads("47.3")
    await person.press("Confirm", answered=True)
    await person.look()

    assert "Equal weight" in await person.type(SIGNAL)
    await person.look()
    await person.press("Set an alert here")
    await person.submit(above="below", Level="-53.7")
    await person.reads("53.7")
    await person.press("Cancel", answered=True)

    assert "big tech" in await person.type("/scenario", while_a_session_lands=True)
    await person.look()
    assert "S&P 500" in await person.type("/summary")
    await person.look()
    await person.type("/signals", while_a_session_lands=True)
    await person.type("/breadth")
    await person.look()
    assert "Gold" in await person.type("/chart id:havens.gold", while_a_session_lands=True)
    await person.look()
    await person.type("/topics")
    await person.look()
    await person.type("/status", while_a_session_lands=True)
    assert "Silver" in await person.choose("/signal", "silver", "Silver")
    await person.press("Set an alert here")
    await person.submit(above="above", Level="512.5")
    await person.reads("512.5")
    assert "/rotation" in await person.type("/help", while_a_session_lands=True)
    await person.look()


async def test_an_alert_of_ones_own_comes_as_a_direct_message_on_the_second_page(
    browser: Browser, served: Served
) -> None:
    from tests.browser.person import Person

    person = Person(await browser.new_page(viewport=WIDE), served.floor, None)
    await person.open(served.channel)
    await person.type(ALERT)
    await person.press("Confirm", answered=True)
    direct = Person(await browser.new_page(viewport=WIDE), served.floor, None)
    await direct.open(served.direct)
    await direct.reads("50-day average")
    assert "Gold" in await direct.type("/signal id:havens.gold")
    if served.pictures is not None:
        await direct.page.screenshot(path=served.pictures / "direct.png")


async def test_a_page_that_is_opened_while_sessions_land_tells_of_no_trouble(browser: Browser, served: Served) -> None:
    """The page asks for things of its own while it opens, and what it knows may be a session old by then."""
    for _ in range(8):
        page = await browser.new_page(viewport=WIDE)
        await page.add_init_script(KEEPING_TROUBLE)
        await page.goto(served.channel)
        await page.locator("#action-status", has_text=ANSWERED).wait_for(state="attached")
        assert await page.evaluate("window.trouble") == []
        await page.close()


async def test_a_phone_scrolls_no_channel_sideways_and_a_picture_is_told_in_words(
    browser: Browser, served: Served
) -> None:
    from tests.browser.person import Person

    person = Person(await browser.new_page(viewport=PHONE), served.floor, served.pictures)
    await person.open(served.channel)
    await person.type(ROTATION)
    await person.look()
    image = person.page.locator("#channel-message-list img.embed-image").last
    assert "yardsticks point out of big tech" in (await image.get_attribute("alt") or "")
    measure = "((e) => e.scrollWidth - e.clientWidth)(document.getElementById('channel-timeline'))"
    assert await person.page.evaluate(measure) == 0
    assert await person.page.evaluate("document.getElementById('toolbar').offsetHeight") < 60
    # What simcord draws before its server knows the size of the window.
    guess = "((app) => { app.style.width = '960px'; return app.offsetWidth; })(document.querySelector('.preview-app'))"
    assert await person.page.evaluate(guess) == PHONE["width"]


@pytest.mark.parametrize(("end", "words"), [("", "is not complete"), ("#of-another-one", "of the demo that runs now")])
async def test_an_address_that_opens_nothing_says_which_one_does(
    browser: Browser, served: Served, end: str, words: str
) -> None:
    from playwright.async_api import expect

    page = await browser.new_page(viewport=WIDE)
    await page.goto(served.channel.partition("#")[0] + end)
    await expect(page.locator("#demo-lost")).to_contain_text(words)
    await expect(page.get_by_role("alert")).to_contain_text(words)
