"""Answers that many ask for: what costs nothing is known beforehand."""

from __future__ import annotations

import asyncio

from bot.worker.shared_answers import SharedAnswers


async def test_a_question_costs_nothing_while_it_is_being_answered_and_until_the_data_change() -> None:
    known, go = 1, asyncio.Event()
    answers: SharedAnswers[str] = SharedAnswers(lambda: known)

    async def compute() -> str:
        await go.wait()
        return "yes"

    assert not answers.has("is it?")
    asking = asyncio.create_task(answers.ask("is it?", compute))
    await asyncio.sleep(0)
    assert answers.has("is it?")
    go.set()
    assert await asking == "yes"
    assert answers.has("is it?")
    assert not answers.has("is it not?")
    known = 2
    assert not answers.has("is it?")
