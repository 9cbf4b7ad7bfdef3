"""What the tables and columns of both databases mean, for `docs/schema.md`. A test holds every name against the migrations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TableMeaning:
    """What a table holds, and each of its columns, in the order of the table."""

    text: str
    columns: Mapping[str, str]


BOT_TABLES: Mapping[str, TableMeaning] = {
    "guild": TableMeaning(
        "A server that the bot is or was in. 30 days after the bot left it is deleted with everything that belongs to it.",
        {
            "id": "Discord's id of the server",
            "name": "its name when the bot last saw it",
            "joined_at": "when the bot joined it, or came back",
            "left_at": "when the bot left it; empty while it is in",
            "mentions": "1 where its managers allow mentions in place of a DM that Discord refuses",
            "manager_role_id": "the role whose members may set it up; empty where only Manage Server counts",
        },
    ),
    "destination": TableMeaning(
        "Where messages go: one row for each person's DM and for each channel.",
        {
            "id": "number of the destination",
            "kind": "a person's DM or a channel of a server",
            "user_id": "the person of a DM",
            "channel_id": "the channel to post to; of a DM empty until it has been opened",
            "guild_id": "the server of a channel",
            "fallback_channel_id": "for a DM, the channel in which its person asked to be mentioned when Discord refuses "
            "the DM",
            "state": "`active`; `parked`: nothing is delivered there any more, of a DM until a command of its person opens it; "
            "`paused`: the bot left the server",
            "reason": "why it is parked, paused or refuses",
            "state_since": "since when it has this state",
            "told": "whether whoever set it up has been told, in answer to a command, that it is parked or refuses",
            "fallback_guild_id": "the server of `fallback_channel_id`",
            "refused_since": "the first of the refusals in a row, or when the bot came back; empty while it takes messages",
            "next_try": "when it is tried again; empty where it is not",
        },
    ),
    "alert": TableMeaning(
        "A condition on a measure of a signal: a person's own (`owner_id`) or one of a topic (`topic`).",
        {
            "id": "number of the alert",
            "topic": "key of the topic; empty for a person's alert",
            "part": "number of this alert among those of its topic, from 0; a topic may watch several signals",
            "owner_id": "the person; empty for a topic",
            "guild_id": "the server whose channel it posts to; empty for a DM and for topics",
            "signal": "id of the signal",
            "measure": "which measure of it is watched: its value, a change, its percentile or its z",
            "condition": "how the measure is held against the level",
            "level": "the level, or the lower of two, in the unit of the measure",
            "level_high": "the higher level of `outside`",
            "timing": "`close`: final readings only; `live`: provisional ones as well",
            "confirm": "how many sessions in a row must hold; 1 is the crossing itself",
            "repeat": "`once`: it ends with its first message",
            "cooldown_days": "calendar days after a message without another",
            "band": "how far the value must come back before the alert watches again",
            "created_at": "when it was made",
            "ended_at": "when a `once` alert ended, or one expired: when a session after its last one was final",
            "number": "what its owner calls it by",
            "note": "its owner's own words, shown in its messages",
            "loudness": "`ping` mentions its owner, `silent` notifies nobody",
            "expires": "the last session on which it may fire",
            "expiry_told": "whether a notice of that has been enqueued for its owner, or they have just set it",
            "paused_at": "since when it moves without messages",
            "after": "what follows a firing: `nothing`, word when it is `back`, or `remind`",
            "remind_every": "sessions between reminders",
            "at_least": "of a composite: how many of its members must hold",
            "within": "of a composite: for how many sessions a member counts from its firing on",
            "silence_told": "the session of its last reading, or in which it was set, where its owner has been told that there "
            "was none after that",
        },
    ),
    "trigger": TableMeaning(
        "One side of an alert with its state. It repeats what its alert says, because the engine reads nothing but "
        "triggers.",
        {
            "id": "number of the trigger; part of the outbox key of its messages",
            "alert_id": "the alert",
            "signal": "as in `alert`",
            "measure": "as in `alert`",
            "timing": "as in `alert`",
            "direction": "on which side of the level it fires",
            "level": "the level of this side",
            "rearm": "the value at which, or beyond which, it watches again",
            "confirm": "as in `alert`",
            "once": "whether the alert ends with its first message",
            "cooldown_days": "as in `alert`",
            "state": "`new`: has seen no value; `armed`: watches; `fired`: waits for the value to come back; `ended`",
            "streak": "sessions in a row that hold while armed",
            "generation": "how often it has fired; part of the outbox key, so that no firing is enqueued twice",
            "fired_session": "the session of the newest firing",
            "quiet_until": "end of the cooldown, as a date; it begins for both sides of the alert",
            "since_session": "the session in which its alert was made; no earlier one counts",
            "until_session": "as `expires` in `alert`",
            "paused": "whether it moves without messages",
            "tell_back": "whether its owner is notified when the value is back",
            "remind_every": "sessions between reminders; 0 for none",
            "told": "generation of the newest firing of which a message was enqueued, whatever became of that, where something "
            "follows it",
            "remind_at": "number of the session from which on the next reminder is due",
            "fired_number": "number of the session of the newest firing",
        },
    ),
    "subscription": TableMeaning(
        "Who is notified of an alert: one destination, with a role to mention and a snooze of its own.",
        {
            "alert_id": "the alert",
            "destination_id": "where its messages go",
            "role_id": "a role that is mentioned there",
            "snoozed_until": "no message before this instant",
            "created_by": "the person who subscribed; 0 once they have had their data deleted",
            "created_at": "when",
        },
    ),
    "reading": TableMeaning(
        "What was known when something fired, or was shown in a summary. Outbox rows refer to what fired.",
        {
            "id": "number of the reading",
            "signal": "id of the signal",
            "session": "the session that it describes",
            "state": "`final` or `provisional`: whether the session was over",
            "value": "the value",
            "facts": "the whole reading as JSON: coverage, age, sources, measures, notes",
            "recorded_at": "when it was kept",
        },
    ),
    "watch": TableMeaning(
        "Pairs that a trigger looks at, or once did: of all other measures a check takes no values.",
        {"signal": "id of the signal", "measure": "the measure"},
    ),
    "checkpoint": TableMeaning(
        "How far the engine is with each signal.",
        {
            "signal": "id of the signal",
            "final_session": "the newest session whose final value it has acted on; nothing that comes for an "
            "earlier one is acted on any more",
            "seen_session": "the newest session of which it has seen any value",
        },
    ),
    "outbox": TableMeaning(
        "One message that is owed to one destination: facts, from which its words are made when it is sent.",
        {
            "id": "number of the item",
            "key": "what makes it unique: `alert:TRIGGER:GENERATION:DESTINATION` (`back:` likewise), "
            "`reminder:TRIGGER:GENERATION:NUMBER:DESTINATION` (of an alert; the number of the session), "
            "`summary:PLACE:SESSION` and `letter:PLACE:WEEK` (PLACE is Discord's id of a channel, or `dm` and the number of the "
            "destination), `reminder:EVENT:DAY:DESTINATION` and `release:EVENT:DAY:DESTINATION` (of the calendar; EVENT is a "
            "word), `board:DESTINATION:CHECK`; of notices `ended:ALERT:DESTINATION`, `expiring:ALERT:LAST:DESTINATION`, "
            "`silent:ALERT:DESTINATION:SESSION`, `gone:SYMBOL:ADDED:DESTINATION`, `operator:INCIDENT:SINCE:begun` "
            "or `over`, and others",
            "kind": "what it is about; an `alert` has fired, is back or lasts (`event`), a `reminder` is one of the calendar, a "
            "`notice` is a sentence about an alert or the installation",
            "destination_id": "where it goes",
            "alert_id": "the alert that fired",
            "topic": "the topic of that alert",
            "owner_id": "the owner of that alert",
            "role_id": "a role to mention",
            "signal": "id of the signal",
            "measure": "the measure that crossed",
            "direction": "the side on which it crossed",
            "level": "the level that it crossed",
            "value": "the value that it had",
            "reading_id": "what was known when it fired",
            "session": "the session that it is about",
            "created_at": "when it was enqueued, by the machine's clock (Discord's of the calendar, of boards, and of notices "
            "about a message that cannot be seen, a ticker that is gone or an own signal that was removed)",
            "state": "`due`, `batched` (in a message), `sent` (also a reminder that its release has made needless "
            "in their message), "
            "`dead` (refused, or in doubt for 14 days without a look that could tell), `cancelled` (while it was `due` its "
            "alert, subscription, summary or reminders ended, or its place is parked and was told of; a restore cancels all; "
            "the operator has discarded one that was `dead`), "
            "`skipped` (a summary or letter that is too late). Sent, cancelled and skipped ones are deleted 30 days after "
            "`created_at`, dead ones after 90; those that wait for a parked place are cancelled after 90 days",
            "batch_id": "the message that carries it",
            "held_until": "until when it is held back: an alert by its snooze (written when it is enqueued or the "
            "snooze changes), "
            "an alert, reminder or release by the times of its place (written when it would be claimed), a board by its pace or "
            "an edit that failed; empty where nothing does. A place that refuses has `next_try` instead",
            "sentence": "the words of a notice that brings its own; empty where they are made from the facts",
            "event": "what is told of the alert: it has `fired`, its value is `back` or lasts (`reminder`), which "
            "are of the kind "
            "`alert` and leave with what fired, or it is `expiring`, which is a notice",
            "since": "the session on which it had fired; of a notice the last session",
            "occasion": "of a reminder or a release: the event of the calendar as JSON, with the finished line of a release",
            "fired": "of a letter: what the alerts of its place did in its week and in the one before, as JSON",
        },
    ),
    "reminder": TableMeaning(
        "A place that is reminded an hour before what the calendar announces, and reads a line after each release.",
        {
            "destination_id": "the place: a person's DM or a channel",
            "created_by": "who asked for it; 0 after they deleted their data",
            "created_at": "when",
        },
    ),
    "board": TableMeaning(
        "A channel with a live board: one message that is edited after every check, at most once a minute.",
        {
            "destination_id": "the channel",
            "message_id": "Discord's id of the message; empty before it is posted, and while it has to be posted anew",
            "posted_session": "the session with which it was posted; the first one of a later week is posted anew",
            "edited_at": "when it was edited or posted last",
            "made_at": "when the snapshot was made that was enqueued last",
            "ended": "1 while its message has to be deleted; the row goes with it",
            "created_by": "who set it up; 0 after they deleted their data",
            "created_at": "when",
        },
    ),
    "topic_thread": TableMeaning(
        "A thread that the bot made for one topic of a channel.",
        {
            "destination_id": "the thread",
            "parent_id": "Discord's id of the channel in which it is",
            "topic": "key of the topic",
        },
    ),
    "batch": TableMeaning(
        "One Discord message: the items of one kind that leave for one destination together (reminders and releases count as "
        "one kind). Of edits of a live board none is kept. A table of the same "
        "name in `market.db` has nothing to do with it.",
        {
            "id": "number of the batch",
            "destination_id": "where it goes",
            "nonce": "what Discord knows the message by, so that it drops a repeat",
            "state": "`open` until it is settled as `sent` or `dead`",
            "payload": "its first rendering as JSON, with the requests of its charts, stored before the first attempt",
            "channel_id": "the channel of the newest attempt",
            "message_id": "Discord's id of the message",
            "attempts": "attempts begun",
            "lease_until": "until when one courier works on it",
            "not_before": "when it may be tried again; an instant more than two days away was reckoned by a wrong "
            "clock and is over, "
            "as are `lease_until` and `next_try` of its place",
            "in_doubt_since": "the earliest attempt that may have posted it unconfirmed; empty when it is certainly "
            "not there",
            "error": "what the newest attempt gave",
            "created_at": "when it was made; part of what its nonce is made of",
            "settled_at": "when it was settled; its row is deleted 30 days later, once its items are",
            "marked": "whether what may be on Discord carries the mark of the batch; messages of version 0.1.0 do not",
            "aside": "whether what comes after it for its place goes first: a summary that waits for the first check, "
            "or a message in doubt whose channel shows the bot no history",
        },
    ),
    "incident": TableMeaning(
        "Something that is wrong with the installation now.",
        {
            "key": "what it is, such as `source:yahoo` or `disk`",
            "since": "when it began; part of the keys of its two messages",
            "over": "the sentence that is sent when it is over",
        },
    ),
    "operator_message": TableMeaning(
        "What whoever runs the installation is told once Discord has announced the server of their channel.",
        {
            "id": "its place in the order",
            "key": "its key in the outbox",
            "sentence": "the message",
        },
    ),
    "summary_channel": TableMeaning(
        "A place that asked for the daily summary or the weekly letter.",
        {
            "destination_id": "the channel",
            "zone": "the time zone of its clock",
            "minute_of_day": "the time at which the summary is wanted, by that clock",
            "created_by": "the person who set it up; 0 once they have had their data deleted",
            "created_at": "when; what was due before is not sent",
            "done_session": "the newest session that has been enqueued or skipped; 0 is none",
            "cadence": "`daily`: a summary of each session; `weekly`: a letter of each week",
        },
    ),
    "delivery_times": TableMeaning(
        "When a place wants its alerts: quiet hours, a daily digest, a snooze of everything.",
        {
            "destination_id": "the DM or channel",
            "zone": "the IANA time zone in which the times of day count; empty before it was asked for",
            "quiet_from": "minute of the day at which quiet hours begin; empty without any",
            "quiet_to": "minute of the day at which they end",
            "quiet_days": "the weekdays on which they begin, a bit each, Monday the lowest",
            "digest_at": "minute of the day at which alerts come together; empty where each comes at once",
            "snoozed_until": "until when all alerts are held back there; empty where they are not",
            "created_by": "the person who set it; 0 once they have had their data deleted",
            "created_at": "when it was last set",
        },
    ),
    "own_signal": TableMeaning(
        "A name that a person or a server has given to an expression of tickers; equal expressions are one signal.",
        {
            "id": "number of the name",
            "expression": "the expression in its one spelling; `own.` before it is the id of the signal",
            "name": "the name, in lower case",
            "user_id": "the person whose own it is; empty for a server's",
            "guild_id": "the server whose own it is; empty for a person's",
            "created_by": "the person who added it; 0 once they have had their data deleted",
            "created_at": "when it was added",
        },
    ),
    "removed_alert": TableMeaning(
        "An alert that its owner has removed, for a day.",
        {
            "id": "number by which the button puts it back",
            "owner_id": "the person",
            "content": "the alert as a row of `rotation-bot alerts export`",
            "removed_at": "when it was removed",
        },
    ),
    "own_ticker": TableMeaning(
        "A ticker that some own signal reads, as its source described it when it was added.",
        {
            "symbol": "the ticker, in Yahoo's spelling",
            "name": "the name of the fund, company or index",
            "currency": "the currency of its prices",
            "first_day": "the first day of its prices, where the source says it",
            "added_at": "when it was first added",
            "gone_told": "whether the owners have been told that its source has it no more",
        },
    ),
    "claim": TableMeaning(
        "A claim that a person wants judged: after a condition the outcome is positive in a share of the cases.",
        {
            "id": "number of the claim",
            "owner_id": "the person",
            "sentence": "the claim in their words",
            "source": "who says so, in their words",
            "signal": "id of the signal of the condition",
            "measure": "which measure of it",
            "condition": "how the measure is held against the level",
            "level": "the level, or the lower of two, in the unit of the measure",
            "level_high": "the higher level of `outside`",
            "outcome": "a ticker, or one minus another",
            "horizon": "after how many sessions the outcome is looked at",
            "share": "how often it is claimed to be positive, 0 to 1",
            "created_at": "when it was added",
        },
    ),
    "record": TableMeaning(
        "An alert that was sent, once for each horizon whoever received it, and what followed. It holds nobody's id.",
        {
            "id": "number of the record",
            "signal": "id of the signal",
            "measure": "which measure of it was watched",
            "direction": "to which side of the level it crossed",
            "level": "the level",
            "session": "the session on which the alert fired",
            "horizon": "after how many sessions it is judged: 1 by the Nasdaq, 21 by RSP vs. SPY",
            "due_session": "from when on it is looked at; the horizon passes on this day or some days later",
            "sent_at": "when the first message about it was sent",
            "judged_at": "when it was judged; empty while it waits",
            "outcome": "the return that followed, in per cent or percentage points; empty where a price was never known",
            "said_n": "cases of the evidence line as known on the session; empty without a line",
            "said_hits": "how many of them were positive",
            "base_n": "sessions of the same period",
            "base_hits": "how many of them were positive",
            "undone": "of a state, whether it turned back within the horizon",
        },
    ),
    "setting": TableMeaning(
        "Single values by name: `installation` (a random name, made once), `discord.commands` (the commands that "
        "Discord knows), `quiet.final` and `quiet.live` (up to which session alerts at the close and live alerts of a "
        "restored database post nothing), "
        "`quiet.before` (when it was restored), "
        "`deletions` (the number of the last deletion of a person's data), `run:ARCHIVE:JOB` (when a job last "
        "succeeded), `left:ARCHIVE:JOB` (the chunks that a job which was cut off has left), `arrivals:ARCHIVE` (when "
        "the prices of the newest sessions came) and `checked:ARCHIVE` (when all gaps were last looked for). ARCHIVE "
        "is the archive's file without its ending: `market` or `market-simulated`.",
        {"key": "the name", "value": "the value as text"},
    ),
    "seen": TableMeaning(
        "In the memory of the writing connection: the values of the check that is running.",
        {
            "id": "number of the value",
            "signal": "id of the signal",
            "measure": "the measure",
            "value": "its value",
            "closing": "whether triggers of timing `close` take it",
            "live": "whether triggers of timing `live` take it",
            "notifies": "whether a firing of a trigger of timing `close` on it is enqueued",
            "notifies_live": "the same of timing `live`; they differ for a session that was running at a restore",
            "reading_id": "the stored reading, once something has fired on it",
        },
    ),
    "hit": TableMeaning(
        "In the memory of the writing connection: the armed triggers that a value of this check is beyond.",
        {
            "id": "the trigger",
            "seen_id": "the value in `seen`",
            "fires": "whether enough sessions have confirmed it",
            "notifies": "whether it fires and a message is enqueued",
            "once": "as in `trigger`",
            "cooldown_days": "as in `trigger`",
            "follows": "whether something is told after it",
        },
    ),
    "session_number": TableMeaning(
        "Sessions in the order in which they were first judged, by which windows and reminders count.",
        {"session": "the session", "number": "its number, which never changes"},
    ),
    "member": TableMeaning(
        "What a composite alert is made of: alerts of its owner and topics.",
        {
            "composite_id": "the composite",
            "position": "place in the order in which its owner named them, from 0",
            "alert_id": "the alert; empty for a topic",
            "topic": "key of the topic; empty for an alert",
            "inside": "whether it counts now",
            "out_at": "number of the session at which it leaves the window; empty while it holds",
        },
    ),
    "firing": TableMeaning(
        "A firing of a person's alert, kept for 400 days.",
        {
            "trigger_id": "the trigger; an edit replaces triggers",
            "generation": "which of its firings, from 1",
            "alert_id": "the alert",
            "signal": "as in `alert`, when it fired",
            "measure": "as in `alert`, when it fired",
            "direction": "the side on which it crossed",
            "level": "the level that it crossed",
            "value": "the value that it had",
            "session": "the session of that value",
            "fired_at": "when the check ran",
            "outcome": "`told` (a message was enqueued; when its row is deleted, the state that it had ended in); "
            "or why nobody was: "
            "`paused`, `cooldown`, `caught_up`, `no_place` (parked, or the bot left)",
        },
    ),
    "moved": TableMeaning(
        "In the memory of the writing connection: the triggers that a check has moved.",
        {"id": "the trigger", "seen_id": "the value in `seen`", "returned": "whether its value has come back"},
    ),
    "owed": TableMeaning(
        "In the memory of the writing connection: triggers that owe a message although they have not fired.",
        {"id": "the trigger", "seen_id": "the value in `seen`", "event": "`back` or `reminder`"},
    ),
    "affected": TableMeaning(
        "In the memory of the writing connection: composites one of whose members has moved.",
        {"id": "the composite", "notifies": "whether a firing of it is enqueued"},
    ),
    "standing": TableMeaning(
        "In the memory of the writing connection: how the members of those composites stand.",
        {
            "composite_id": "the composite",
            "position": "as in `member`",
            "holding": "whether one of its triggers is fired",
            "last": "number of the session of its newest firing",
        },
    ),
}

MARKET_TABLES: Mapping[str, TableMeaning] = {
    "closure": TableMeaning(
        "A day without trading that the installed calendar holds for a session, as prices have shown.",
        {"day": "the day", "learned_at": "when prices of a later session showed it"},
    ),
    "gap": TableMeaning(
        "A figure that was expected and has not come, and when it is requested next.",
        {
            "job": "the job that should bring it",
            "name": "the ticker, series or dataset",
            "day": "the day that the figure describes; where nothing is stored of the name, the newest day then",
            "noted_at": "when it was first missing",
            "tries": "requests since then",
            "declined": "how many of the newest tries in a row the source answered with nothing about that name",
            "next_try": "when it may be requested again",
        },
    ),
    "batch": TableMeaning(
        "One answer of a source that changed something: where its rows come from. No message, unlike `batch` in `bot.db`.",
        {"id": "number of the batch", "source": "name of the source or pack", "fetched_at": "when it was fetched"},
    ),
    "ticker": TableMeaning(
        "A ticker, in Yahoo's spelling.",
        {
            "id": "number of the ticker",
            "symbol": "the ticker",
            "looked": "the newest session that was final when it was last asked for; a bar of a day before it is late",
        },
    ),
    "bar": TableMeaning(
        "The first close known of a ticker on a day.",
        {
            "ticker_id": "the ticker",
            "day": "the session",
            "close": "close, adjusted for splits",
            "adj": "close, adjusted for splits and dividends; current knowledge, replaced in place",
            "batch": "where it comes from",
        },
    ),
    "bar_revision": TableMeaning(
        "What became known later of a bar: another close, or one that came late.",
        {
            "ticker_id": "the ticker",
            "day": "the session",
            "known_at": "since when this close is known",
            "close": "close, adjusted for splits",
            "batch": "where it comes from",
        },
    ),
    "series": TableMeaning(
        "A series of dated figures: a yield, an index of volatility, a macro figure.",
        {
            "id": "number of the series",
            "name": "its id, FRED's where FRED has it",
            "looked": "as in `ticker`",
        },
    ),
    "observation": TableMeaning(
        "A figure of a series. Each version of it is a row.",
        {
            "series_id": "the series",
            "day": "the day that it describes; of monthly figures the first of the month",
            "known_at": "since when this version is known; 0 is by the rule of the page of signals",
            "value": "the figure, in the unit of its source",
            "batch": "where it comes from",
        },
    ),
    "fund_request": TableMeaning(
        "When figures of a fund were last requested: one that was public by then and comes later is known since it came.",
        {"fund": "the fund's ticker", "looked_at": "when they were requested"},
    ),
    "listing": TableMeaning(
        "One list of index members; a list that says the same as the one before is not kept.",
        {
            "id": "number of the list",
            "known_at": "since when it is known; 0 is undated",
            "batch": "where it comes from",
        },
    ),
    "member": TableMeaning(
        "One row of a list of members.",
        {
            "listing_id": "the list",
            "position": "its place in the list",
            "ticker": "the ticker",
            "name": "the company",
            "sector": "sector by GICS",
            "industry": "industry by GICS",
            "groups": "words out of `sp500 ndx100`, separated by blanks",
        },
    ),
    "doubt": TableMeaning(
        "A figure that is not believed, beside the facts; the same figure again adds to `times`.",
        {
            "id": "number of the doubt",
            "kind": "`price`, `adjusted`, `series`, `funds` or `options`",
            "subject": "the ticker, series, fund or underlying",
            "day": "the day of the figure",
            "rule": "the rule that doubts it",
            "value": "the figure; of adjusted closes the change of their ratio to raw ones",
            "before": "the figure that it was held against",
            "before_day": "the day of that figure",
            "sentence": "why, in words for people",
            "source": "the source that gave it",
            "held": "JSON: withheld bars, each day, close, adjusted close",
            "first_at": "when it came first",
            "last_at": "when it came last",
            "times": "how often it came",
            "state": "`open`, `believed`, `replaced`, `refuted`, `accepted` or `rejected`",
            "evidence": "what decided it, in words for people",
        },
    ),
}

RECORD_COLUMNS: Mapping[str, str] = {
    "known_at": "since when the row is public",
    "batch": "where it comes from",
}
"""What every table of records has besides the columns of its dataset."""
