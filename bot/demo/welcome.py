"""The first message of the channel: where one is, and three things to try."""

from __future__ import annotations

import discord

COMMANDS = (
    ("/rotation", "Is money rotating out of big tech? Since when, and what would end it?"),
    (
        "/alert add signal:breadth.sp500.above_50dma condition:above 40",
        "An alert of your own: press Confirm, and it comes as a direct message at the crossing",
    ),
    ("/signal id:rotation.equal_weight.move", "One signal: its value, history, meaning and source"),
)
"""What to try, exactly as it can be typed, and what comes of it."""

SIMULATED = "Every figure on this page is invented: the market is simulated."
REAL = "The figures are real closes from the pack, played session by session."


def welcome(*, simulated: bool, seconds: float) -> discord.Embed:
    """The welcome for a play with a session every `seconds`."""
    embed = discord.Embed(
        title="Welcome to the demo of Rotation bot",
        description=(
            "This is the real bot in a Discord that runs on your machine alone. "
            f"{SIMULATED if simulated else REAL} A session closes every {seconds:g} s; while you type, press "
            "buttons or are answered, the market waits.\n**Three things to try**, typed as they stand here:"
        ),
        colour=discord.Colour.blurple(),
    )
    for command, meaning in COMMANDS:
        embed.add_field(name=meaning, value=f"`{command}`", inline=False)
    return embed.set_footer(
        text="The buttons under each message work, too. Your direct messages are at the second address in the terminal."
    )
