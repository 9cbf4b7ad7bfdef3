"""What the buttons and menus of alerts and topics do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from bot.commands.alerts import alert_lookup, combine, manage, removal, service, snooze_button, topics
from bot.commands.alerts.draft import unpack_draft
from bot.commands.alerts.preview import with_track_record
from bot.commands.reply import Reply
from bot.discord_app import interactions
from bot.discord_app.bot_base import Interaction
from bot.discord_app.forms.forms import Form, open_form
from bot.discord_app.forms.modals import AlertLevelModal, AlertMoreModal, DraftLevelModal, DraftMoreModal, NewAlertModal
from bot.discord_app.interactions import caller_of, caller_with_dm, core_of
from bot.discord_app.permissions import check_again
from bot.formatting.conditions import has_level

Args = tuple[str, ...]
Handler = Callable[[Interaction, Args], Awaitable[None]]


async def _set(interaction: Interaction, args: Args) -> None:
    core = core_of(interaction)
    signal = core.finder_for(caller_of(interaction)).get(args[0])
    await open_form(interaction, partial(NewAlertModal, core, signal))


async def _confirm(interaction: Interaction, args: Args) -> None:
    core = core_of(interaction)
    draft = unpack_draft(core.signals, args)
    check_again(interaction, draft.channel_id, draft.role_id)
    await interaction.response.defer()
    reply = await service.save(core, await caller_with_dm(interaction), draft)
    await interactions.replace(interaction, reply)


async def _confirm_combination(interaction: Interaction, args: Args) -> None:
    core = core_of(interaction)
    request, place = combine.unpacked(args)
    check_again(interaction, place.channel_id, place.role_id)
    await interaction.response.defer()
    reply = await combine.confirm(core, await caller_with_dm(interaction), request, place)
    await interactions.replace(interaction, reply)


async def _preview(interaction: Interaction, args: Args) -> None:
    core = core_of(interaction)
    draft = unpack_draft(core.signals, args)
    await interactions.send(interaction, await with_track_record(core, caller_of(interaction), draft))


async def _use(interaction: Interaction, args: Args) -> None:
    core = core_of(interaction)
    draft = unpack_draft(core.signals, args)
    await interactions.replace(interaction, await with_track_record(core, caller_of(interaction), draft))


async def _level(interaction: Interaction, args: Args) -> None:
    core = core_of(interaction)
    await open_form(interaction, partial(DraftLevelModal, core, unpack_draft(core.signals, args)))


async def _cancel(interaction: Interaction, args: Args) -> None:
    await interactions.replace(interaction, Reply("Nothing was changed", private=True))


async def _edit(interaction: Interaction, args: Args) -> None:
    """A modal must be the first response, so nothing is deferred.

    The look-up reads one indexed row.
    """
    core = core_of(interaction)
    alert = await alert_lookup.find_by_id(core, caller_of(interaction), int(args[0]))
    leveled = alert.combination is None and has_level(alert.spec.measure)
    form: Callable[[], Form] = partial(AlertLevelModal, core, alert) if leveled else partial(AlertMoreModal, alert)
    await open_form(interaction, form)


async def _more(interaction: Interaction, args: Args) -> None:
    alert = await alert_lookup.find_by_id(core_of(interaction), caller_of(interaction), int(args[0]))
    await open_form(interaction, partial(AlertMoreModal, alert))


async def _more_of_draft(interaction: Interaction, args: Args) -> None:
    await open_form(interaction, partial(DraftMoreModal, unpack_draft(core_of(interaction).signals, args)))


async def _resume(interaction: Interaction, args: Args) -> None:
    await interactions.defer(interaction)
    core, caller = core_of(interaction), caller_of(interaction)
    alert = await alert_lookup.find_by_id(core, caller, int(args[0]))
    await interactions.send(interaction, await manage.resume_found(core, caller, alert))


async def _remove(interaction: Interaction, args: Args) -> None:
    await interactions.defer(interaction)
    await interactions.send(
        interaction, await removal.remove(core_of(interaction), caller_of(interaction), int(args[0]))
    )


async def _put_back(interaction: Interaction, args: Args) -> None:
    core, number = core_of(interaction), int(args[0])
    place = await removal.place_of(core, caller_of(interaction), number)
    check_again(interaction, place.channel_id, place.role_id)
    await interaction.response.defer()
    await interactions.replace(interaction, await removal.put_back(core, await caller_with_dm(interaction), number))


async def _snooze(interaction: Interaction, args: Args) -> None:
    await interactions.defer(interaction)
    core, caller = core_of(interaction), caller_of(interaction)
    await interactions.send(interaction, await snooze_button.snooze(core, caller, int(args[0]), args[1]))


async def _snooze_for(interaction: Interaction, args: Args) -> None:
    number, _, span = args[0].partition(":")
    await _snooze(interaction, (number, span))


async def _wake(interaction: Interaction, args: Args) -> None:
    await interactions.defer(interaction)
    await interactions.send(
        interaction, await snooze_button.end_snooze(core_of(interaction), caller_of(interaction), int(args[0]))
    )


async def _leave(interaction: Interaction, args: Args) -> None:
    await interactions.defer(interaction)
    await interactions.send(
        interaction, await snooze_button.unsubscribe_here(core_of(interaction), caller_of(interaction), int(args[0]))
    )


async def _manage(interaction: Interaction, args: Args) -> None:
    await interactions.defer(interaction)
    core, caller = core_of(interaction), caller_of(interaction)
    kind, number = args[0][:1], int(args[0][1:])
    show = snooze_button.topic_card if kind == "t" else service.card
    await interactions.send(interaction, await show(core, caller, number))


async def _topic(interaction: Interaction, args: Args) -> None:
    await interactions.defer(interaction)
    await interactions.send(
        interaction, await topics.toggle(core_of(interaction), await caller_with_dm(interaction), args[0])
    )


BUTTONS: Mapping[str, Handler] = {
    "set": _set,
    "ok": _confirm,
    "cc": _confirm_combination,
    "us": _use,
    "pv": _preview,
    "lv": _level,
    "no": _cancel,
    "edit": _edit,
    "more": _more,
    "md": _more_of_draft,
    "resume": _resume,
    "remove": _remove,
    "back": _put_back,
    "snooze": _snooze,
    "wake": _wake,
    "leave": _leave,
}
MENUS: Mapping[str, Handler] = {
    "manage": _manage,
    "topic": _topic,
    "snooze": _snooze_for,
}
