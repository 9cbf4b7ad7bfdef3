"""What helpers and tests use to open the program's parts: a clock, a core, two kinds of Discord, a Yahoo.

Everything is the real program except what the name says: the clock of a test, figures made by hand, and stand-ins for
the services outside. Names are kept: helpers outside this suite rely on them.
"""

from tests.support import sample_as_of, sample_claims, sample_readings, yahoo_replies
from tests.support.clock import ManualClock
from tests.support.cores import core_with_readings, core_without_readings, core_without_store
from tests.support.http_stub import HttpStub, Reply, Waits, http_stub
from tests.support.online_bot import OnlineBot, online_bot, online_for
from tests.support.simulated_discord import (
    SimulatedDiscord,
    answer_text,
    button_labels,
    message_text,
    simulated_discord,
)
from tests.support.wire_discord import WireDiscord, discord_server, logged_in_client, wire_discord
from tests.support.yahoo import YahooStandIn, yahoo_sources, yahoo_stand_in

__all__ = [
    "HttpStub",
    "ManualClock",
    "OnlineBot",
    "Reply",
    "SimulatedDiscord",
    "Waits",
    "WireDiscord",
    "YahooStandIn",
    "answer_text",
    "button_labels",
    "core_with_readings",
    "core_without_readings",
    "core_without_store",
    "discord_server",
    "http_stub",
    "logged_in_client",
    "message_text",
    "online_bot",
    "online_for",
    "sample_as_of",
    "sample_claims",
    "sample_readings",
    "simulated_discord",
    "wire_discord",
    "yahoo_replies",
    "yahoo_sources",
    "yahoo_stand_in",
]
