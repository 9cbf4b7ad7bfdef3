"""What people have read: the messages at the wire, taken apart, and held against what they were owed."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from tests.discord_server.world import IS_COMPONENTS_V2, Json
from tests.soak.oracle import Owed

_NUMBER = re.compile(r"[-+−]?\$?\d[\d,]*(?:\.\d+)?")
_DAY = re.compile(r"(?:Mon|Tue|Wed|Thu|Fri), ([A-Z][a-z]{2} \d{1,2})(?:, (\d{4}))?")
_NOTE = re.compile(r" ?Your note: (\S+)")
_EVENTS = {"crossed at": "fired", "back at": "back", "still past the level at": "reminder"}
_HELD = re.compile(rf"^(?P<what>.+?): (?P<events>(?:{'|'.join(_EVENTS)}) .+?)\. (?:Now|Its value)")
_HELD_TITLE = re.compile(r"(?:\d+ (?:crossing|return|reminder)s?(?:, | and |$))+")
_HELD_COMBINATION = re.compile(r"^Alert \d+: (?P<count>\d+) of \d+ hold: .*Fired on (?P<when>.+)\.$")
_COMBINATION = re.compile(r"^(?P<count>\d+) of \d+ hold \(at least (?P<least>\d+) asked for\)$")


@dataclass(frozen=True)
class Told:
    """One thing that a message tells. `note` and `event` are None where a message does not say them."""

    place: int
    session: date
    note: str | None
    event: str | None
    numbers: tuple[tuple[float, int], ...]
    levels: tuple[tuple[float, int], ...] = ()
    text: str = ""


@dataclass
class Verdict:
    """What is wrong, each with a sentence; `told`: how many things were told rightly, by kind."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)


def kind_of(message: Json) -> str:
    """What kind of message it is."""
    titles = [str(embed.get("title") or "") for embed in message["embeds"]]
    if int(message["flags"]) & IS_COMPONENTS_V2:
        return "board"
    if not titles:
        return "notice"
    if titles[0].startswith("Market summary"):
        return "summary"
    if titles[0].startswith("Weekly letter"):
        return "letter"
    return "held back" if _HELD_TITLE.fullmatch(titles[0]) else "alert"


def told(messages: Iterable[Json]) -> Iterator[Told]:
    """Everything that messages of alerts tell."""
    for message in messages:
        kind, place, year = (
            kind_of(message),
            int(message["channel_id"]),
            datetime.fromisoformat(message["timestamp"]).year,
        )
        if kind == "held back":
            for line in str(message["embeds"][0]["description"]).splitlines():
                yield from _of_line(place, line, year)
        elif kind == "alert":
            for embed in message["embeds"]:
                yield _of_embed(place, embed, str(message["content"]), year, alone=len(message["embeds"]) == 1)


def _of_line(place: int, line: str, year: int) -> Iterator[Told]:
    if match := _HELD.match(line):
        levels = tuple(numbers_in(match["what"]))
        # `crossed at $85.88 on Thu, Jan 8 and $82 on Tue, Jan 13; back at $79 on Mon, Jan 12`: each day with the words before it.
        for told_of in match["events"].split("; "):
            verb = next(verb for verb in _EVENTS if told_of.startswith(verb))
            start = 0
            for day in _DAY.finditer(told_of):
                words, start = told_of[start : day.start()], day.end()
                yield Told(place, _date(day, year), None, _EVENTS[verb], tuple(numbers_in(words)), levels, line)
    elif match := _HELD_COMBINATION.match(_NOTE.sub("", line)):
        note = _NOTE.search(line)
        for day in _DAY.finditer(match["when"]):
            yield Told(place, _date(day, year), note and note[1], None, ((float(match["count"]), 0),), (), line)
    elif line.strip():
        yield Told(place, date.min, None, None, (), (), line)


def _of_embed(place: int, embed: Json, content: str, year: int, *, alone: bool) -> Told:
    title, text = str(embed.get("title") or ""), str(embed.get("description") or "")
    first = content if alone else text.partition("\n")[0]
    note, day = _NOTE.search(text), _DAY.search(text if alone else text.partition("\n")[2])
    event = "back" if " is back at " in first else "reminder" if " is still " in first else "fired"
    session = _date(day, year) if day else date.min
    if match := _COMBINATION.match(title):
        numbers = ((float(match["count"]), 0),)
        return Told(place, session, note and note[1], event, numbers, ((float(match["least"]), 0),), first)
    value = title.rpartition(": ")[2]
    return Told(
        place,
        session,
        note and note[1],
        event,
        tuple(numbers_in(value)),
        tuple(numbers_in(first)),
        f"{title} | {first}",
    )


def numbers_in(text: str) -> Iterator[tuple[float, int]]:
    """Each number of a text with the decimals that it is shown with."""
    for match in _NUMBER.finditer(text):
        plain = match[0].replace("−", "-").replace("$", "").replace(",", "")
        yield float(plain), len(plain.partition(".")[2])


def _date(match: re.Match[str], year: int) -> date:
    return datetime.strptime(f"{match[1]} {match[2] or year} +0000", "%b %d %Y %z").date()


def shows(numbers: Iterable[tuple[float, int]], value: float, *, signless: bool = False) -> bool:
    """Whether one of the numbers is the value, in its unit or in hundredths of it, as far as it is shown."""
    return any(
        abs(number - shown) <= 0.5 * 10.0**-decimals + 1e-9
        for number, decimals in numbers
        for scale in (1.0, 100.0)
        for shown in ((value * scale, -value * scale) if signless else (value * scale,))
    )


def compare(owed: Sequence[Owed], messages: Iterable[Json], *, until: date) -> Verdict:
    """Every thing that is owed is to be told exactly once, with its value and its level."""
    verdict = Verdict()
    waiting: dict[tuple[int, date], list[Owed]] = defaultdict(list)
    done: dict[tuple[int, date], list[Owed]] = defaultdict(list)
    for one in owed:
        waiting[one.place, one.session].append(one)
    for said in sorted(told(messages), key=lambda each: each.note is None):
        key = said.place, said.session
        match = next((one for one in waiting[key] if _fits(one, said)), None)
        if match is not None:
            waiting[key].remove(match)
            done[key].append(match)
            verdict.told["combination" if match.combined else match.event] += 1
            if _says_level(said) and not shows(said.levels, match.level, signless=True):
                verdict.wrong.append(f"level {match.level}: {said.text}")
        elif any(_fits(one, said) for one in done[key]):
            verdict.doubled.append(f"{said.session} in {said.place}: {said.text}")
        else:
            verdict.wrong.append(f"{said.session} in {said.place}, note {said.note}: {said.text}")
    left = [one for several in waiting.values() for one in several if one.session <= until]
    verdict.lost += [str(one) for one in left]
    return verdict


def _says_level(said: Told) -> bool:
    """Whether it names the level: messages of one's own alerts do when they fire, unless the line was too long for it."""
    return said.note is not None and said.event == "fired" and not said.text.rstrip("*").endswith(("…", "past year"))


def _fits(one: Owed, said: Told) -> bool:
    named = said.note is None or said.note == one.note
    same = said.event is None or said.event == one.event
    return named and same and shows(said.numbers, one.value, signless=True)
