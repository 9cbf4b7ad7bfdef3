"""A form that was refused can be opened again with everything that was typed."""

from __future__ import annotations

from datetime import date
from typing import Any

from bot.database.alerts import alerts
from bot.discord_app.client import build_bot
from bot.domain.model import Condition, Manner
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


async def set_alert(chat: SimulatedDiscord) -> Any:
    """Set an alert on silver above 90; returns the answer with its buttons."""
    shown = await chat.person.slash(chat.channel, "alert add", signal=sample_readings.SILVER, condition="above 90")
    await chat.person.click(shown.response, label="Confirm")
    return shown.response


def texts_of(form: Any) -> list[str]:
    return [field.get("value", "") for field in fields_of(form)]


async def test_a_form_changes_only_what_was_typed_over_it(chat: SimulatedDiscord) -> None:
    """The alert got another level and last day while the form was open; sent with a note it undid both."""
    form = await chat.person.click(await set_alert(chat), label="More")
    await chat.person.slash(
        chat.channel, "alert edit", alert="1", condition="above 99", expires="2026-12-31", confirm=3
    )
    after, fires, last, _, loudness = texts_of(form)
    refused = refusal(await submitted(chat, form, after, fires, last, "sell half", "shouting"))
    again = await chat.person.click(refused, label=AGAIN)
    await submitted(chat, again, after, fires, last, "sell half", loudness)
    [alert] = await chat.core.store.read(alerts.list_for, chat.person.id)
    assert (alert.spec.level, alert.spec.confirm) == (99, 3)
    assert alert.manner == Manner("sell half", expires=date(2026, 12, 31))


async def test_a_level_is_not_given_to_a_condition_that_its_form_did_not_show(chat: SimulatedDiscord) -> None:
    form = await chat.person.click(await set_alert(chat), label="Edit")
    await chat.person.slash(chat.channel, "alert edit", alert="1", condition="below 60")
    assert message_text(refusal(await submitted(chat, form, "95"))).strip() == (
        "Alert 1 has been changed since you opened this form: Silver below $60. Open it again."
    )
    [alert] = await chat.core.store.read(alerts.list_for, chat.person.id)
    assert (alert.spec.condition, alert.spec.level) == (Condition.BELOW, 60)


async def test_a_form_with_two_levels_leaves_the_one_that_somebody_else_has_changed(chat: SimulatedDiscord) -> None:
    message = await set_alert(chat)
    await chat.person.slash(chat.channel, "alert edit", alert="1", condition="outside 60 and 90")
    form = await chat.person.click(message, label="Edit")
    await chat.person.slash(chat.channel, "alert edit", alert="1", upper="120", confirm=3)
    await submitted(chat, form, "55", "90")
    [alert] = await chat.core.store.read(alerts.list_for, chat.person.id)
    assert (alert.spec.level, alert.spec.level_high, alert.spec.confirm) == (55, 120, 3)


async def test_a_form_that_the_bot_opened_before_a_restart_is_answered_with_what_was_typed(
    chat: SimulatedDiscord,
) -> None:
    form = await chat.person.click(await set_alert(chat), label="More")
    await chat.env.restart_bot(build_bot(chat.core, shard_count=1))
    answer = await submitted(chat, form, "nothing", "close", "never", "sell *half*", "normal")
    assert answer_text(answer).strip() == (
        "The bot has been away since you opened this form, or it was sent before. Nothing was saved now. Open it again. "
        "You typed: “nothing”, “close”, “never”, “sell \\*half\\*”, “normal”"
    )
    assert answer.response.ephemeral
    [alert] = await chat.core.store.read(alerts.list_for, chat.person.id)
    assert alert.manner == Manner()


async def test_a_form_that_is_handled_is_answered_once(chat: SimulatedDiscord) -> None:
    form = await chat.person.click(await set_alert(chat), label="More")
    answer = await submitted(chat, form, *texts_of(form))
    [message] = [message for message in (answer.response, *answer.followups) if message is not None]
    assert message_text(message).strip().startswith("Alert 1 is now: Silver above $90")


async def test_a_form_that_is_sent_again_because_its_answer_came_too_late_is_answered(chat: SimulatedDiscord) -> None:
    form = await chat.person.click(await set_alert(chat), label="More")
    texts = texts_of(form)
    await submitted(chat, form, *texts)
    # Discord leaves a form open whose answer did not come in time.
    form._interaction.modal_consumed = False
    answer = await submitted(chat, form, *texts)
    assert (
        answer_text(answer)
        .strip()
        .startswith("The bot has been away since you opened this form, or it was sent before.")
    )
