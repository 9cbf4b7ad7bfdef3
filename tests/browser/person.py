"""A person at a browser who uses the demo's page: types, presses, picks, reads."""

from __future__ import annotations

import asyncio
from pathlib import Path

from playwright.async_api import Locator, Page, expect

from tests.browser.watched_floor import WatchedFloor

PATIENCE_MS = 30_000


class Person:
    """Uses one page; screenshots go into `pictures`, where it is given."""

    def __init__(self, page: Page, floor: WatchedFloor, pictures: Path | None) -> None:
        self.page, self._floor, self._pictures = page, floor, pictures
        self._shown = 0

    async def open(self, address: str) -> None:
        await self.page.goto(address)
        await expect(self.page.locator("#channel-composer")).to_be_visible(timeout=PATIENCE_MS)

    async def type(self, command: str, *, while_a_session_lands: bool = False) -> str:
        """Type a line, press Enter, and read the answer of the bot."""
        before = await self.newest_answer(command)
        await self.page.locator("#channel-composer-input").click()
        await self.page.keyboard.type(command)
        if while_a_session_lands:
            await asyncio.wait_for(self._floor.landing.wait(), 60)
        await self.page.keyboard.press("Enter")
        return await self.answer(command, before)

    async def asks(self, command: str, words: str) -> None:
        """Type a command, press Enter, and wait until its answer holds the words."""
        before = await self.newest_answer(command)
        await self.page.locator("#channel-composer-input").fill(command)
        await self.page.keyboard.press("Enter")
        await self.answer(command, before)
        await expect(self._answers(command).last).to_contain_text(words, timeout=PATIENCE_MS)

    async def is_told(self, line: str, hint: str) -> None:
        """Type a line that is no command; the page keeps it and says what to type."""
        composer = self.page.locator("#channel-composer-input")
        await composer.fill(line)
        await self.page.keyboard.press("Enter")
        await expect(self.page.locator("#demo-hint")).to_have_text(hint, timeout=PATIENCE_MS)
        await self.look()
        await expect(composer).to_have_value(line)
        await composer.fill("")
        await expect(self.page.locator("#demo-hint")).to_be_hidden()

    async def refused_option(self, command: str, value: str) -> str:
        """Pick a command from the list, type a value of its first option that does not fit, and read why."""
        await self.page.locator("#channel-composer-input").fill(command)
        await self.page.keyboard.press("Tab")
        await self.page.locator(".command-option-input").first.fill(value)
        await self.page.keyboard.press("Enter")
        error = self.page.locator(".command-error").first
        await expect(error).to_be_visible(timeout=PATIENCE_MS)
        return await error.inner_text()

    async def typed_in_form(self) -> list[str]:
        """The texts in the fields of the dialog that opens."""
        fields = self.page.locator("#modal-root .modal-field input, #modal-root .modal-field textarea")
        await expect(fields.first).to_be_visible(timeout=PATIENCE_MS)
        await self.look()
        return [await field.input_value() for field in await fields.all()]

    async def answer(self, command: str, before: str | None) -> str:
        """The text of the answer to a command that has another id than the one `before`."""
        newest = self._answers(command).last
        if before is not None:
            await expect(newest).not_to_have_attribute("data-message-id", before, timeout=PATIENCE_MS)
        await expect(newest).to_contain_text("Rotation bot", timeout=PATIENCE_MS)
        return await newest.inner_text()

    async def newest_answer(self, command: str) -> str | None:
        answers = self._answers(command)
        return await answers.last.get_attribute("data-message-id") if await answers.count() else None

    async def press(self, label: str, *, answered: bool = False) -> None:
        """Press the newest button of that name; `answered`: until the page has the bot's answer."""
        buttons = self.page.locator("#channel-message-list").get_by_role("button", name=label, exact=True)
        if not answered:
            await buttons.last.click(timeout=PATIENCE_MS)
            return
        async with self.page.expect_response("**/api/action", timeout=PATIENCE_MS) as sent:
            await buttons.last.click(timeout=PATIENCE_MS)
        receipt = await (await sent.value).json()
        assert (receipt["rejected"], receipt["settlement"]) == (False, "settled"), receipt
        assert receipt["acknowledgement"] in {"acknowledged", "deferred"}, receipt

    async def submit(self, **values: str) -> None:
        """Fill fields of the dialog that opens, each named by its label, and send it."""
        dialog = self.page.locator("#modal-root")
        for label, value in values.items():
            field = dialog.locator(".modal-field").filter(has_text=label).locator("input, textarea")
            await field.fill(value, timeout=PATIENCE_MS)
        await self.look()
        await dialog.get_by_role("button", name="Submit").click()
        await expect(dialog).to_be_hidden(timeout=PATIENCE_MS)

    async def choose(self, command: str, letters: str, suggestion: str) -> str:
        """Pick a command from the list, type letters of its first option, and take a suggestion of the bot."""
        before = await self.newest_answer(command)
        await self.page.locator("#channel-composer-input").click()
        await self.page.keyboard.type(command)
        await self.page.keyboard.press("Tab")
        await self.page.keyboard.type(letters)
        offered = self.page.locator(".command-suggestion").filter(has_text=suggestion).first
        await expect(offered).to_be_visible(timeout=PATIENCE_MS)
        await self.look()
        await self.page.keyboard.press("Enter")
        await expect(offered).to_be_hidden()
        await self.page.keyboard.press("Enter")
        return await self.answer(command, before)

    async def reads(self, text: str, *, patience: int = 1) -> None:
        """Wait until the newest messages hold a text; `patience`: that many times as long as for an answer."""
        await expect(self.page.locator("#channel-message-list")).to_contain_text(text, timeout=patience * PATIENCE_MS)

    async def look(self) -> None:
        """Wait until every picture of the page can be seen, and take one of the page."""
        # The page forbids `eval`, on which Playwright's own waiting for a script rests.
        async with asyncio.timeout(PATIENCE_MS / 1000):
            while not await self.page.evaluate(
                "[...document.querySelectorAll('#channel-message-list img')].every((image) => image.naturalWidth > 0)"
            ):
                await asyncio.sleep(0.05)
        if self._pictures is not None:
            self._shown += 1
            await self.page.screenshot(path=self._pictures / f"{self._shown:02}.png")

    def _answers(self, command: str) -> Locator:
        name = command.split()[0]
        header = self.page.locator(".message-interaction-header strong", has_text=name)
        return self.page.locator("article[data-message-id]").filter(has=header)
