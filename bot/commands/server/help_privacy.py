"""`/help` and `/privacy`: the list of commands, and the stored data of a user."""

from __future__ import annotations

import json

from bot.commands.context import ADVICE, Caller, Core
from bot.commands.market import rotation
from bot.commands.reply import Attachment, Button, Field, Reply, Tone, Weight
from bot.database import privacy
from bot.formatting import formats

COMMANDS = (
    ("The market", (
        ("/signals", "all signals by family"),
        ("/signal", "one signal in full: value, change, normal range"),
        ("/rotation", "is money rotating out of big tech: the answer, and what past turns were worth"),
        ("/breadth · /sectors", "who takes part, who leads"),
        ("/megacaps · /earnings · /flows", "the Magnificent Seven, their estimates, fund flows"),
        ("/yields · /havens", "yields and the Fed; gold, oil and fear"),
        ("/scenario", "what all signals say together of recovery and rotation"),
        ("/summary", "the newest session in short"),
    )),
    ("Alerts for you", (
        ("/alert add", "get an alert when a signal crosses your level; you see it before it is saved"),
        ("/alert list · edit · test · remove", "what you have set"),
        ("/alert mention", "a mention in this channel when Discord refuses you a DM"),
        ("/topics", "ready-made alerts"),
        ("/subscribe · /unsubscribe", "follow a topic by DM"),
    )),
    ("For a server (needs Manage Server)", (
        ("/setup summary", "a daily summary in a channel"),
        ("/setup alerts", "topics in a channel, with a role to mention"),
        ("/setup mentions", "whether people may be mentioned when their DM is refused"),
        ("/setup show", "what is set up"),
    )),
    ("The bot", (
        ("/status", "how fresh the data are, what waits"),
        ("/sources", "each source: what is old and why, when it is asked next"),
        ("/privacy export · delete", "what is kept about you"),
    )),
)  # fmt: skip


def help_page(core: Core) -> Reply:
    """Every command in one line."""
    fields = [Field(name, "\n".join(f"**{command}** {what}" for command, what in rows)) for name, rows in COMMANDS]
    return Reply(
        title="Does money leave or return to big tech?",
        lines=(
            *rotation.brief(core.readings.snapshot),
            f"I compute {len(core.signals)} signals from prices, yields and options after every close in New York "
            "and tell you, once, when one crosses a level.",
        ),
        fields=tuple(fields),
        private=True,
        footer=core.footer(ADVICE, f"Version {core.version}"),
    )


async def export(core: Core, caller: Caller) -> Reply:
    """Everything that is stored about the caller, as a file that only they see."""
    held = await core.store.read(privacy.export, caller.user_id)
    count = sum(len(rows) for rows in held.values())
    text = json.dumps(held, ensure_ascii=False, indent=2, default=str)
    return Reply(
        title="What I keep about you",
        lines=(f"{formats.counted(count, 'row')}, in the file. /privacy delete removes all of it.",),
        file=Attachment("rotation-bot-about-you.json", text.encode()),
        private=True,
    )


def confirm_delete() -> Reply:
    """The confirmation before everything about the caller is deleted."""
    return Reply(
        title="Delete everything about you?",
        lines=(
            "Your alerts, subscriptions and the address of your DM go for good. What you set up for channels, alerts "
            "included, stays without your name and belongs to the server.",
            "Backups on the bot's machine keep them until they expire; whoever restores one deletes them again.",
        ),
        buttons=(Button("forget", "Delete everything", weight=Weight.DANGER), Button("no", "Cancel")),
        tone=Tone.ATTENTION,
        private=True,
    )


async def delete(core: Core, caller: Caller) -> Reply:
    """Delete everything about the caller."""
    gone = await core.store.run(privacy.delete, caller.user_id)
    return Reply(
        title="Deleted",
        lines=(f"{formats.counted(gone, 'alert')} and everything else about you are gone.",),
        private=True,
    )
