"""Tries of what an operator has given: the token at Discord, the contact at the SEC, the key at FRED. One request each."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

from pydantic import ValidationError

from bot import __version__
from bot.calendar.clock import Calendar, SystemClock
from bot.calendar.discord_clock import APART
from bot.errors import SourceError
from bot.settings.config import Config, SourcesSection
from bot.settings.secrets import TOKEN_SHAPE
from bot.sources import factory
from bot.sources.edgar import xbrl_facts
from bot.sources.fred import api
from bot.sources.http.http_client import Http
from bot.sources.http.responses import Expect, HttpError

_WRONG_SHAPE = "It does not look like one: a bot token is three parts joined by dots, no client secret or public key"
API_BASE = "https://discord.com/api/v10"
SECONDS = 10.0

PERMISSIONS = 309237763072
"""View channels, send messages (in threads too), create public threads (for topics that are to have one), embed links,
attach files, read message history (to find a message whose outcome is unknown)."""

_KEY_SHAPE = re.compile(r"[a-z0-9]{32}")
_NO_KEY = "A key is 32 small letters and digits; copy it from https://fredaccount.stlouisfed.org/apikeys"
_REFUSED = frozenset({401, 403})
_SAMPLE_CIK, _SAMPLE_CONCEPT = 789019, "PaymentsToAcquirePropertyPlantAndEquipment"
_SAMPLE_SERIES, _SAMPLE_DAYS = "DGS10", timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of one.

    Attributes:
        good: True when it is taken, False when it is refused, None when nobody could be asked.
        sentence: What happened, and what would be right. It holds no secret.
        application: Id of the application that a token belongs to.
        ahead: By how much the machine's clock is ahead of Discord's, where that is known.
    """

    good: bool | None
    sentence: str
    application: int | None = None
    ahead: timedelta | None = None

    @property
    def clock_is_right(self) -> bool:
        """Whether the clocks agree as far as is known."""
        return self.ahead is None or abs(self.ahead) <= APART


def invitation(application: int) -> str:
    """The link by which whoever manages a server invites the bot, with the least that it needs."""
    return (
        f"https://discord.com/oauth2/authorize?client_id={application}&scope=bot+applications.commands"
        f"&permissions={PERMISSIONS}"
    )


async def token(secret: str, api_base: str | None) -> Trial:
    """Ask Discord whom a token belongs to."""
    import aiohttp

    headers = {"Authorization": f"Bot {secret}", "User-Agent": f"DiscordBot (rotation-bot, {__version__})"}
    address = f"{api_base or API_BASE}/applications/@me"
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS)) as session,
            session.get(address, headers=headers, allow_redirects=False) as answer,
        ):
            ahead = _ahead(answer.headers.get("Date"))
            if answer.status == 200:
                body = await answer.json()
                return Trial(True, f"Discord accepts the token of {body['name']}", int(body["id"]), ahead)
            status = answer.status
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError) as error:
        remark = "" if TOKEN_SHAPE.fullmatch(secret) else f". {_WRONG_SHAPE}"
        return Trial(
            None, f"Discord did not answer ({type(error).__name__}), so the token could not be checked{remark}"
        )
    if status != 401:
        return Trial(None, f"Discord answered {status}, so the token could not be checked", ahead=ahead)
    return Trial(False, f"Discord refuses this token. {_token_remedy(secret)}", ahead=ahead)


async def contact(text: str, config: Config, now: datetime) -> Trial:
    """Whether a contact has the form that sites ask for, and whether the SEC answers whoever gives it."""
    try:
        SourcesSection(contact=text)
    except ValidationError as error:
        expected = error.errors()[0].get("ctx", {}).get("error", "a name and an e-mail address")
        return Trial(False, f"“{text}” is no contact. Type {expected}")
    http = _http(config, now, contact=text)
    try:
        async with asyncio.timeout(SECONDS):
            await http.get(xbrl_facts.concept_url(_SAMPLE_CIK, _SAMPLE_CONCEPT), now=now, expect=Expect.JSON)
    except TimeoutError:
        return Trial(None, f"The SEC did not answer within {SECONDS:g} s, so the contact could not be checked")
    except HttpError as error:
        if error.status in _REFUSED:
            return Trial(
                False,
                "The SEC refuses requests with this contact. Give your own name and an address at which you read mail; a "
                "made-up domain, or one such as example.com, is refused",
            )
        return Trial(None, f"The SEC did not answer, so the contact could not be checked ({error})")
    finally:
        await http.close()
    return Trial(True, "The SEC answers requests with this contact")


async def key(secret: str, config: Config, now: datetime) -> Trial:
    """Ask FRED for a few days of one series; what has not the form of a key is not sent."""
    if not _KEY_SHAPE.fullmatch(secret):
        return Trial(False, f"This is no FRED key. {_NO_KEY}")
    http = _http(config, now, contact=config.sources.contact)
    try:
        async with asyncio.timeout(SECONDS):
            rows = await api.loaded(http, _SAMPLE_SERIES, secret, now, span=(now.date() - _SAMPLE_DAYS, now.date()))
    except TimeoutError:
        return Trial(None, f"FRED did not answer within {SECONDS:g} s, so the key could not be checked")
    except api.KeyRefusedError:
        return Trial(
            False,
            f"FRED refuses this key. {_NO_KEY}",
        )
    except SourceError as error:
        return Trial(None, f"FRED did not answer, so the key could not be checked ({error})")
    finally:
        await http.close()
    newest = f"; its newest 10-year yield is of {rows[-1][0]}" if rows else ""
    return Trial(True, f"FRED accepts the key{newest}")


def _http(config: Config, now: datetime, *, contact: str | None) -> Http:
    """The client of the sources, with their policies and the addresses of the config."""
    return factory.make_dependencies(
        contact=contact,
        fred_key=None,
        cache_dir=Path(),
        calendar=Calendar(now.date() - timedelta(days=60), now.date()),
        base_urls=config.sources.base_urls,
    ).http


def _token_remedy(secret: str) -> str:
    where = (
        "Open discord.com/developers/applications, your application, page Bot, press Reset Token and copy what it shows"
    )
    if TOKEN_SHAPE.fullmatch(secret):
        return f"It was reset, or belongs to a bot that is gone. {where}"
    return f"{_WRONG_SHAPE}. {where}"


def _ahead(header: str | None) -> timedelta | None:
    try:
        server_time = parsedate_to_datetime(header or "")
    except ValueError:
        return None
    return SystemClock().now() - server_time if server_time.tzinfo is not None else None
