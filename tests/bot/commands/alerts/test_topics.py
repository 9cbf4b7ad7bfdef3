"""`/topics` says how often each topic fired, and the rare ones can be subscribed to at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from bot.alerts.level_suggestion import Backtest
from bot.alerts.topics import TOPICS
from bot.commands.alerts import topics
from bot.commands.alerts.texts import topic_frequency
from bot.commands.alerts.topic_choice import chosen_topics, complete_topic, topics_words
from bot.commands.context import Caller, Core
from bot.commands.server import setup, setup_list
from bot.errors import UserError
from bot.event_study.service import TopicPastService
from bot.ingest.status import BackfillProgress

LONG_AGO, LAST = date(2019, 1, 11), date(2025, 12, 12)
PASTS = {
    "russell-streak": Backtest([LONG_AGO] * 8, 5000, 21.0),
    "equal-weight-day": Backtest([LAST] * 94, 5000, 21.0),
    "breadth-thrust": Backtest([], 5000, 21.0),
    "tech-outflow": Backtest([], 0, 0.0),
    "stress": Backtest([LAST], 140, 0.56),
}


class Counted:
    def __init__(self, pasts: Mapping[str, Backtest]) -> None:
        self._pasts = pasts

    async def topic_pasts(self) -> Mapping[str, Backtest]:
        return self._pasts


def counted(core: Core, pasts: Mapping[str, Backtest] = PASTS) -> Core:
    return replace(core, topic_pasts=TopicPastService(Counted(pasts)))


async def test_each_topic_says_how_often_it_fired_and_the_rare_ones_are_marked(core: Core, ann: Caller) -> None:
    fields = {field.name: field.value for field in (await topics.listing(counted(core), ann)).fields}
    assert fields["Russell streak · rare"].endswith(
        "\nFired 8 times in 21 years, 0.4 a year, last on Fri, Jan 11, 2019"
    )
    assert fields["Equal-weight day"].endswith("\nFired 94 times in 21 years, 4.5 a year, last on Fri, Dec 12, 2025")
    assert fields["Breadth thrust (S&P 500 members) · rare"].endswith("\nNever fired in 21 years")
    assert fields["Money leaves tech funds"].endswith("\nNo past yet: it has had no reading.")
    assert fields["Stress in options"].endswith(
        "\nFired once in 7 months, last on Fri, Dec 12, 2025; too short a past to say how often"
    )


async def test_a_count_that_is_not_there_yet_is_said_once_and_no_topic_is_called_rare(core: Core, ann: Caller) -> None:
    reply = await topics.listing(counted(core, {}), ann)
    assert reply.lines == ("How often each has fired is still being counted; ask again in a minute.",)
    assert not any("rare" in field.name or "Fired" in field.value for field in reply.fields)


async def test_while_history_is_loading_nothing_is_counted(core: Core, ann: Caller) -> None:
    core.ingest.progress = (BackfillProgress("tickers", 12, 540),)
    assert not any("Fired" in field.value for field in (await topics.listing(counted(core), ann)).fields)
    with pytest.raises(UserError, match="Rare topics are still being counted"):
        await chosen_topics(counted(core), "rare")


async def test_all_rare_topics_can_be_subscribed_to_and_left_at_once(core: Core, ann: Caller) -> None:
    core = counted(core)
    reply = await topics.subscribe(core, ann, "Rare")
    assert reply.title == "Subscribed to Russell streak and Breadth thrust (S&P 500 members)"
    await topics.unsubscribe(core, ann, "rare")
    with pytest.raises(UserError, match="You are not subscribed to Russell streak"):
        await topics.unsubscribe(core, ann, "russell-streak")
    with pytest.raises(UserError, match="You are subscribed to none of these topics"):
        await topics.unsubscribe(core, ann, "rare")


async def test_a_channel_can_be_set_up_with_the_rare_topics(core: Core, boss: Caller) -> None:
    core = counted(core)
    await setup.set_topics(core, boss, 100, "rare", None)
    [field] = (await setup_list.show(core, boss)).fields
    assert field.value == "<#100>\nTopics: Russell streak, Breadth thrust (S&P 500 members)"


async def test_where_no_topic_is_rare_that_is_said(core: Core) -> None:
    often = {topic.key: PASTS["equal-weight-day"] for topic in TOPICS}
    with pytest.raises(UserError, match="No topic is rare in the years that are known"):
        await chosen_topics(counted(core, often), "rare")


def test_the_rare_ones_are_among_the_choices() -> None:
    assert [(choice.label, choice.value) for choice in complete_topic("rar")] == [("All rare topics", "rare")]
    assert [choice.value for choice in complete_topic("all")][-2:] == ["rare", "all"]


def test_many_topics_are_called_all_only_where_they_are() -> None:
    keys = [topic.key for topic in TOPICS]
    assert topics_words(keys) == f"all {len(keys)} topics"
    assert topics_words(keys[:4]) == "4 topics"


def test_a_single_firing_has_its_rate_too() -> None:
    words = topic_frequency.past_words(Backtest([LAST], 2520, 10.0), today=date(2026, 1, 13))
    assert words == "Fired once in 10 years, 0.1 a year, last on Fri, Dec 12, 2025"


async def test_an_answer_that_explains_some_topics_says_how_many_it_does_not(core: Core, ann: Caller) -> None:
    lines = (await topics.subscribe(core, ann, "all")).lines
    assert lines[-1] == f"and {len(TOPICS) - 3} more; /topics has a sentence on each"
    assert sum(line.startswith("Fires when: ") for line in lines) == 3
    assert (await topics.subscribe(core, ann, "russell-streak")).lines[-1].startswith("Fires when: ")
