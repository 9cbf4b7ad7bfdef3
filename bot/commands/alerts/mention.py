"""`/alert mention` and `/setup mentions`: a mention in a channel in place of a DM that Discord refuses.

A private alert is posted in public only where its person asked for it, may write, and the server
allows it.
"""

from __future__ import annotations

from bot.commands.context import Caller, Core
from bot.commands.reply import Reply, Tone
from bot.database import Database
from bot.database.places import destinations, guilds
from bot.errors import UserError

_NOT_ALLOWED = (
    "This server does not allow mentions in place of a DM. Someone with the Manage Server permission can allow "
    "them with /setup mentions."
)


async def ask_for(core: Core, caller: Caller) -> Reply:
    """Mention the caller in this channel whenever their DM is refused.

    Raises UserError outside servers, where the caller or the bot may not write, and where the
    server does not allow it.
    """
    guild_id, channel_id = caller.guild_id, caller.channel_id
    if guild_id is None or channel_id is None:
        raise UserError("This command works only in a server that I have joined. Type it in a channel there.")
    if not caller.can_post:
        raise UserError("Use this command in a channel where both you and I can write.")
    now = core.now()

    def work(db: Database) -> None:
        if not guilds.mentions_allowed(db, guild_id):
            raise UserError(_NOT_ALLOWED)
        destinations.set_fallback(db, caller.user_id, channel_id, guild_id, now=now)

    await core.store.run(work)
    return Reply(
        title="A mention in place of a refused DM",
        lines=(
            f"When Discord refuses a DM to you, I post your alerts in <#{channel_id}> and mention you, without your notes. "
            "Reminders that you get by DM go there too. Everyone who can read that channel sees them.",
            "For a summary or a letter I post a button there that shows it to you alone.",
        ),
        tone=Tone.BROADENING,
        private=True,
        footer=core.footer("/alert mention with off ends it"),
    )


async def end(core: Core, caller: Caller) -> Reply:
    """Mention the caller nowhere any more. Raises UserError where they had not asked for it."""
    if not await core.store.run(destinations.end_fallback, caller.user_id):
        raise UserError("You have not asked for mentions in place of a DM.")
    return Reply(
        title="No mention in place of a refused DM",
        lines=("When Discord refuses a DM to you, I tell you at your next command.",),
        private=True,
    )


async def set_allowed(core: Core, caller: Caller, *, allowed: bool) -> Reply:
    """Store whether the server allows such mentions. Raises UserError without Manage Server."""
    guild_id = caller.need_manager()
    await core.store.run(guilds.allow_mentions, guild_id, allowed=allowed, now=core.now())
    if not allowed:
        return Reply(title="Mentions ended", lines=("I mention nobody here in place of a DM any more.",), private=True)
    return Reply(
        title="Mentions are allowed",
        lines=(
            "Anyone who types /alert mention in a channel where they may write is mentioned there when Discord refuses a DM "
            "to them.",
        ),
        tone=Tone.BROADENING,
        private=True,
        footer=core.footer("/setup mentions with off ends it"),
    )
