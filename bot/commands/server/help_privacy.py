"""`/help` and `/privacy`: the list of commands, and the stored data of a user."""

from __future__ import annotations

import json

from bot.commands.context import ADVICE, Caller, Core
from bot.commands.market import rotation
from bot.commands.own import watch
from bot.commands.reply import Attachment, Button, Field, Reply, Tone, Weight
from bot.database import privacy
from bot.formatting import formats

COMMANDS = (
    ("Start here", (
        ("/rotation", "is money rotating out of big tech? The answer, and what past turns were worth"),
        ("/topics", "follow a ready-made alert, such as a turn of the rotation"),
        ("/summary", "the newest session in one screen"),
    )),
    ("Look something up", (
        ("/signals · /signal", "the most unusual signals; one signal in full"),
        ("/scenario", "the case for a recovery of big tech and for rotation, family by family"),
        ("/breadth · /sectors", "how many stocks take part; which sectors lead"),
        ("/megacaps · /earnings · /flows", "the Magnificent Seven; their estimates; fund flows"),
        ("/yields · /havens", "yields and the Fed; gold, oil and volatility"),
        ("/calendar", "the Fed, CPI, payrolls, PCE, reports and expiries; reminders by DM"),
        ("/chart · /compare", "draw a signal; set two side by side"),
        ("/study", "what the market did after a condition, against all days"),
    )),
    ("Make signals of your own", (
        ("/watch add", "make a signal out of any tickers, such as SMH/IGV"),
        ("/watch list · remove", "see them with their values; remove one"),
    )),
    ("Check the record", (
        ("/since", "what has changed since a day: states, legs, families, moves, crossings"),
        ("/asof", "a past session as it was known on its evening, and what it reads today"),
        ("/record", "what followed every alert ever sent, and how often states were undone"),
        ("/claims", "public claims about the rotation: true or not, as of any session; add your own"),
    )),
    ("Get alerts", (
        ("/alert add", "set a level of your own; you see a preview before it is saved"),
        ("/alert list · edit · pause · resume · duplicate · remove", "manage your alerts"),
        ("/alert combine", "an alert when enough of several alerts and topics hold"),
        ("/alert history", "when your alerts fired, and what followed"),
        ("/alert test", "see what a message of an alert looks like"),
        ("/subscribe · /unsubscribe", "follow a topic by DM, or stop"),
        ("/alert snooze", "hold alerts back until a time; what crosses comes in one message at the end"),
        ("/me", "your time zone, quiet hours, daily digest, and the summary by DM"),
        ("/alert mention", "be mentioned in this channel when Discord refuses you a DM"),
    )),
    ("Set up a server (needs Manage Server)", (
        ("/setup summary", "post the daily summary or the weekly letter to a channel"),
        ("/setup alerts", "post topics to a channel or a thread of it, with a role to mention"),
        ("/setup board", "one message in a channel that is edited after every check"),
        ("/setup calendar", "remind a channel an hour before, with a line after each release"),
        ("/setup mentions", "allow a mention in a channel where a member's DM is refused"),
        ("/setup quiet", "hours without alerts in a channel"),
        ("/setup managers", "choose a role that may use /setup as well"),
        ("/setup show", "see what is set up"),
    )),
    ("Check on the bot", (
        ("/status", "is everything up to date?"),
        ("/sources", "each source: what is late, why, and when it is asked next"),
        ("/privacy export · delete", "see or delete what is stored about you"),
    )),
)  # fmt: skip


def help_page(core: Core) -> Reply:
    """Every command by what a person wants to do, with a first step."""
    fields = [Field(name, "\n".join(f"**{command}** {what}" for command, what in rows)) for name, rows in COMMANDS]
    return Reply(
        title="How to use this bot",
        lines=(
            *rotation.brief(core.readings.snapshot),
            f"After every close in New York the bot computes {len(core.signals)} signals from prices, yields, options, flows "
            "and filings, and alerts you once when one crosses your level.",
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
        title="What is stored about you",
        lines=(f"{formats.counted(count, 'row')}, in the file. /privacy delete removes all of it.",),
        file=Attachment("rotation-bot-about-you.json", text.encode()),
        private=True,
    )


def confirm_delete() -> Reply:
    """The confirmation before everything about the caller is deleted."""
    return Reply(
        title="Delete everything about you?",
        lines=(
            "Your alerts, signals, claims, subscriptions and the address of your DM go for good. What you set up for channels, "
            "alerts included, stays without your name and belongs to the server.",
            "Backups on the bot's machine keep them until they expire; restoring one deletes them again.",
        ),
        buttons=(Button("forget", "Delete everything", weight=Weight.DANGER), Button("no", "Cancel")),
        tone=Tone.ATTENTION,
        private=True,
    )


async def delete(core: Core, caller: Caller) -> Reply:
    """Delete everything about the caller."""
    alert_count = await core.store.run(privacy.delete, caller.user_id)
    await watch.refresh(core)
    return Reply(
        title="Deleted",
        lines=(f"{formats.counted(alert_count, 'alert')} and everything else about you are gone.",),
        private=True,
    )
