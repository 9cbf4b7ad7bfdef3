"""A form that was refused can be opened again with everything that was typed."""

from __future__ import annotations

from typing import Any

from bot.database.alerts import alerts
from bot.discord_app.client import build_bot
from tests.support import SimulatedDiscord, answer_text, button_labels, message_text, sample_readings
from tests.support.opened_forms import opened_forms

AGAIN = "Edit what you typed"


def fields_of(form: Any) -> list[dict[str, Any]]:
    """The fields of the form that an interaction opened, as Discord gets them."""
    modal = form.modal if hasattr(form, "modal") else form._interaction.modal
    return [row["components"][0] for row in modal["components"]]


async def submitted(chat: SimulatedDiscord, form: Any, *texts: str) -> Any:
    """Fill in the fields, in their order, and send the form."""
    ids = [field["custom_id"] for field in fields_of(form)]
    return await chat.person.submit_modal(form, dict(zip(ids, texts, strict=True)))


def refusal(answer: Any) -> Any:
    """The one private message that refuses a form, with its one button."""
    [message] = [message for message in (answer.response, *answer.followups) if message is not None and message.content]
    assert message.ephemeral
    assert button_labels(message) == [AGAIN]
    return message


async def test_every_form_that_is_refused_opens_again_with_what_was_typed(chat: SimulatedDiscord) -> None:
    for name, form in (await opened_forms(chat)).items():
        labels = [field["label"] for field in fields_of(form)]
        wrong = [f"wrong {number}" for number in range(len(labels))]
        refused = refusal(await submitted(chat, form, *wrong))
        again = await chat.person.click(refused, label=AGAIN)
        assert [(field["label"], field["value"]) for field in fields_of(again)] == list(
            zip(labels, wrong, strict=True)
        ), name
        once_more = refusal(await submitted(chat, again, *wrong))
        assert message_text(once_more) == message_text(refused), name


async def test_a_form_that_was_put_right_does_what_it_is_for(chat: SimulatedDiscord) -> None:
    shown = await chat.person.slash(chat.channel, "alert add", signal=sample_readings.SILVER, condition="above 90")
    more = await chat.person.click(shown.response, label="More")
    refused = refusal(await submitted(chat, more, "back", "close", "31.13.2026", "sell half", "silent"))
    again = await chat.person.click(refused, label=AGAIN)
    assert [field.get("value", "") for field in fields_of(again)] == [
        "back",
        "close",
        "31.13.2026",
        "sell half",
        "silent",
    ]
    await submitted(chat, again, "back", "close", "2026-12-31", "sell half", "silent")
    assert message_text(refused).strip().startswith("Alert 1 is set: Silver above $90")
    [alert] = await chat.core.store.read(alerts.list_for, chat.person.id)
    assert alert.manner.note == "sell half"


async def test_after_a_restart_the_button_says_that_what_was_typed_is_gone(chat: SimulatedDiscord) -> None:
    listed = await chat.person.slash(chat.channel, "claims")
    form = await chat.person.click(listed.response, label="Add your own")
    refused = refusal(await submitted(chat, form, "Such days are good", "", "silver goes up", "^IXIC", "70"))
    await chat.env.restart_bot(build_bot(chat.core, shard_count=1))
    answer = await chat.person.click(refused, label=AGAIN)
    assert answer_text(answer).strip() == (
        "What you typed is gone: the bot has restarted since, or newer forms took its place. Open the form again."
    )


async def test_the_form_for_a_turn_can_be_sent_as_it_opens_and_names_the_states(chat: SimulatedDiscord) -> None:
    shown = await chat.person.slash(chat.channel, "rotation")
    tech = await chat.person.click(shown.response, label="Alert on tech")
    [field] = fields_of(tech)
    assert (field["label"], field["value"]) == ("turns, or turns to advancing or falling", "turns")
    rotation = await chat.person.click(shown.response, label="Alert on the rotation")
    [field] = fields_of(rotation)
    assert field["label"] == "turns, or turns to and the name of a state"
    assert field["placeholder"] == ("turns, turns to rotating out of big tech or turns to rotating back into big tech")
    answer = await submitted(chat, rotation, field["value"])
    [draft] = [message for message in (answer.response, *answer.followups) if message is not None]
    assert "Rotation turns" in message_text(draft)
    assert "Confirm" in button_labels(draft)
