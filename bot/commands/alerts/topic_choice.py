"""Which topics somebody means: one by key or name, all of them, or the rare ones."""

from __future__ import annotations

from bot.alerts.topics import TOPICS
from bot.commands.alerts.texts import topic_frequency
from bot.commands.alerts.texts.first_line import topic_name
from bot.commands.context import Core
from bot.commands.reply import MOST_CHOICES, Choice
from bot.commands.signal_search import closest
from bot.errors import UserError
from bot.formatting import formats
from bot.formatting.quoting import quoted

ALL, RARE = "all", "rare"


async def chosen_topics(core: Core, typed: str) -> list[str]:
    """The key of a topic typed by key or name, all keys for `all`, those of rare topics for `rare`.

    Raises UserError with the nearest key, and where it is not known yet which topics are rare.
    """
    text = typed.strip().casefold()
    if text == ALL:
        return [topic.key for topic in TOPICS]
    if text == RARE:
        return await topic_frequency.rare_topics(core)
    for topic in TOPICS:
        if text in (topic.key, topic.title.casefold()):
            return [topic.key]
    keys = [topic.key for topic in TOPICS]
    nearest = closest(text.replace(" ", "-"), keys)
    hint = (
        f"Did you mean {nearest} ({topic_name(nearest)})?"
        if nearest
        else f"Choose from {', '.join(keys)}, {RARE} and {ALL}."
    )
    raise UserError(f"No topic {quoted(typed)}. {hint}")


def topics_words(keys: list[str]) -> str:
    """Topics inside a sentence: up to three names, else their number."""
    if len(keys) > 3:
        return f"{'all ' if len(keys) == len(TOPICS) else ''}{len(keys)} topics"
    return formats.listed([topic_name(key) for key in keys])


def complete_topic(typed: str) -> list[Choice]:
    """Topics to choose from while typing, and the choices of all and of all rare topics."""
    text = typed.strip().casefold()
    fitting = [topic for topic in TOPICS if text in topic.key or text in topic.title.casefold()]
    choices = [Choice(f"{topic.title} · {topic.key}", topic.key) for topic in fitting]
    choices.sort(key=lambda choice: not (choice.value.startswith(text) or choice.label.casefold().startswith(text)))
    several = (Choice("All rare topics", RARE), Choice("All topics", ALL))
    choices += [
        choice for choice in several if choice.value.startswith(text) or choice.label.casefold().startswith(text)
    ]
    return choices[:MOST_CHOICES]
