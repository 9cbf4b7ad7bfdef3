"""What people have set, as the program has stored it."""

from __future__ import annotations

from tests.soak.bot_process import BotProcess
from tests.soak.oracle import Wish


def stored_wishes(bot: BotProcess) -> list[Wish]:
    """Every alert that somebody is told of, own ones and topics, with the channels in which they are told."""
    wishes = []
    for row in bot.rows("SELECT * FROM alert WHERE ended_at IS NULL ORDER BY id"):
        places = bot.rows(
            """SELECT d.channel_id FROM subscription AS s JOIN destination AS d ON d.id = s.destination_id
            WHERE s.alert_id = ? ORDER BY d.id""",
            (row["id"],),
        )
        members = bot.rows("SELECT alert_id FROM member WHERE composite_id = ? ORDER BY position", (row["id"],))
        if places:
            wishes.append(
                Wish(
                    id=row["id"],
                    signal=row["signal"],
                    measure=row["measure"],
                    condition=row["condition"],
                    level=row["level"],
                    level_high=row["level_high"],
                    confirm=row["confirm"],
                    once=row["repeat"] == "once",
                    cooldown_days=row["cooldown_days"],
                    band=row["band"],
                    after=row["after"],
                    remind_every=row["remind_every"],
                    owner=row["owner_id"],
                    note=row["note"],
                    places=tuple(place["channel_id"] for place in places),
                    members=tuple(member["alert_id"] for member in members),
                    at_least=row["at_least"] or 0,
                )
            )
    return wishes
