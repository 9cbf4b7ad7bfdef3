"""What the bot must be allowed in a channel to send there, by the kind of channel, and which roles it may mention."""

from __future__ import annotations

from typing import TypeAlias

import discord

from bot.errors import UserError

Channel: TypeAlias = discord.TextChannel | discord.Thread | discord.VoiceChannel | discord.StageChannel
"""Everything of a server that messages can be sent to."""

_NAMES = {
    "view_channel": "View Channel",
    "connect": "Connect",
    "send_messages": "Send Messages",
    "send_messages_in_threads": "Send Messages in Threads",
    "embed_links": "Embed Links",
}


def missing(channel: Channel, allowed: discord.Permissions) -> list[str]:
    """Names of the permissions that a send to the channel needs and that are not `allowed`.

    In a thread Send Messages of its channel means nothing; the chat of a voice or stage channel is
    there for those only who may connect.
    """
    send = "send_messages_in_threads" if isinstance(channel, discord.Thread) else "send_messages"
    connect = ("connect",) if isinstance(channel, discord.VoiceChannel | discord.StageChannel) else ()
    lacking = [name for name in ("view_channel", *connect, send) if not getattr(allowed, name)]
    if not allowed.embed_links and send not in lacking and not _hidden(allowed):
        lacking.append("embed_links")
    return [_NAMES[name] for name in lacking]


def may_mention_all(channel: Channel, allowed: discord.Permissions) -> bool:
    """Whether these permissions let somebody mention every role in that channel, as far as is known."""
    return allowed.mention_everyone or (isinstance(channel, discord.Thread) and _hidden(allowed))


def _hidden(allowed: discord.Permissions) -> bool:
    """Whether discord.py does not say if links and mentions are allowed.

    It takes both away with Send Messages, also in a thread, where they hang on another permission.
    """
    return not allowed.send_messages


def check_role(role: discord.Role, *, person: bool, bot: bool) -> None:
    """Raise UserError for a role that a message of ours could not or should not mention.

    `person` and `bot`: whether who names the role, and the bot, may mention all roles in the channel.
    """
    if role.is_default():
        raise UserError("@everyone cannot be the role to mention: Discord would notify nobody. Choose another role.")
    if role.mentionable:
        return
    if not person:
        raise UserError(
            f"You cannot mention <@&{role.id}> yourself, so I will not either. "
            "Make the role mentionable, or have someone who can mention all roles set this up."
        )
    if not bot:
        raise UserError(
            f"I cannot mention <@&{role.id}>. Make the role mentionable, "
            "or give me Mention @everyone, @here, and All Roles in that channel."
        )
