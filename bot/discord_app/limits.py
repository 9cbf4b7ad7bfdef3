"""Discord's limits on what a bot sends, and functions that cut text to them without breaking it.

Discord counts lengths in UTF-16 code units in some places and in code points in others; a text that
fits in UTF-16 code units fits everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from bot.domain.foreign_text import resolved

CONTENT = 2000
MENTIONS = 100
"""Of people in one message, and of roles."""
TITLE = 256
DESCRIPTION = 4096
FIELDS = 25
FIELD_NAME = 256
FIELD_VALUE = 1024
FOOTER = 2048
EMBED_TOTAL = 6000
"""Of all embeds of a message together."""
EMBEDS = 10
LAYOUT_TEXT = 4000
"""Of all texts of a message in the newer layout together."""
CHOICES = 25
CHOICE_NAME = 100
CHOICE_VALUE = 100
OPTIONS = 25
OPTION_TEXT = 100
PLACEHOLDER = 150
BUTTON_LABEL = 80
BUTTONS_A_ROW = 5
ROWS = 5
CUSTOM_ID = 100
ALT = 1024
"""Of the alternative text of a file."""
MODAL_TITLE = 45
INPUT_LABEL = 45

_MARKUP = re.compile(r"([\\`*_~|<>\[\]@])")
_ZERO = "\u200b"
_UNSENDABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def length(text: str) -> int:
    """Length as Discord may count it: UTF-16 code units, so an emoji counts two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _fits(text: str, most: int) -> bool:
    """Whether `length` is at most `most`.

    Most texts are so short that they need not be encoded for that.
    """
    return 2 * len(text) <= most or length(text) <= most


def clean(text: str) -> str:
    """Text that can be sent.

    Foreign parts are escaped, lone surrogates replaced, control characters except new lines and
    tabs dropped.
    """
    text = resolved(text, plain_text)
    if not _UNSENDABLE.search(text):
        return text
    valid = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return "".join(char for char in valid if char in "\n\t" or (ord(char) >= 32 and ord(char) != 127))


def fits(text: str, most: int) -> bool:
    """Whether a text is sent whole where at most `most` characters are."""
    return _fits(clean(text), most)


def bare(text: str) -> str:
    """Text for places in which Discord reads no markup: labels, choices, footers, code blocks."""
    return resolved(text, lambda foreign: " ".join(foreign.split()))


def cut(text: str, most: int) -> str:
    """`text` if it fits, else its beginning and an ellipsis.

    Never inside a surrogate pair or after a joiner.
    """
    text = clean(text)
    if _fits(text, most):
        return text
    if most < 1:
        return ""
    kept, used = [], 0
    for char in text:
        size = 2 if ord(char) > 0xFFFF else 1
        if used + size > most - 1:
            break
        kept.append(char)
        used += size
    return "".join(kept).rstrip(" \n\u200d\ufe0f\\") + "…"


def cut_lines(text: str, most: int) -> str:
    """As many whole lines as fit, then an ellipsis on a line of its own.

    A single longer line is cut inside.
    """
    text = clean(text)
    if _fits(text, most):
        return text
    kept: list[str] = []
    used = 0
    for line in text.split("\n"):
        size = length(line) + 1
        if used + size + 1 > most:
            break
        kept.append(line)
        used += size
    return "\n".join([*kept, "…"]) if kept else cut(text, most)


def code_block(table: str, most: int) -> str:
    """Monospaced text in a code block that always closes, whatever it holds and however short it is."""
    inside = cut_lines(clean(bare(table)).replace("```", f"`{_ZERO}`{_ZERO}`"), most - length("```\n\n```"))
    return f"```\n{inside}\n```" if inside else ""


def plain_text(text: str) -> str:
    """A person's or foreign text with everything escaped that Discord would read as markup or a mention."""
    return (
        _MARKUP.sub(r"\\\1", clean(bare(text)))
        .replace("\\@", f"@{_ZERO}")
        .replace("://", f":{_ZERO}//")
        .replace("\n", " ")
    )


def embed_length(embed: Mapping[str, Any]) -> int:
    """The length that an embed counts towards the total of its message."""
    texts: Iterable[str] = (
        embed.get("title", ""),
        embed.get("description", ""),
        embed.get("footer", {}).get("text", ""),
        embed.get("author", {}).get("name", ""),
        *(part for field in embed.get("fields", ()) for part in (field["name"], field["value"])),
    )
    return sum(length(text) for text in texts)


def fit_embed(embed: Mapping[str, Any], most: int = EMBED_TOTAL) -> dict[str, Any]:
    """The embed with every part inside its limit and at most `most` characters in all.

    When it is too long, fields are dropped from last to first, then the description is cut. A
    description that is a code block keeps its closing fence.
    """
    fitted = dict(embed)
    for name, limit in (("title", TITLE), ("description", DESCRIPTION)):
        if name in fitted:
            fitted[name] = _cut_keeping_fence(str(fitted[name]), limit)
    if "footer" in fitted:
        fitted["footer"] = {**fitted["footer"], "text": cut(bare(fitted["footer"]["text"]), FOOTER)}
    fitted["fields"] = [
        {
            **field,
            "name": cut(field["name"], FIELD_NAME) or _ZERO,
            "value": _cut_keeping_fence(field["value"], FIELD_VALUE) or _ZERO,
        }
        for field in list(fitted.get("fields", ()))[:FIELDS]
    ]
    size = embed_length(fitted)
    while fitted["fields"] and size > most:
        fitted["fields"] = fitted["fields"][:-1]
        size = embed_length(fitted)
    for part in ("description", "footer", "title") if size > most else ():
        over = embed_length(fitted) - most
        if over > 0 and part in fitted:
            _shorten(fitted, part, over)
    return {key: value for key, value in fitted.items() if value not in ("", [], None)}


def _shorten(embed: dict[str, Any], part: str, over: int) -> None:
    if part == "footer":
        text = embed["footer"]["text"]
        embed["footer"] = {**embed["footer"], "text": cut(text, max(0, length(text) - over))}
    else:
        embed[part] = _cut_keeping_fence(embed[part], max(0, length(embed[part]) - over))
    if not embed[part] or (part == "footer" and not embed["footer"]["text"]):
        del embed[part]


def _cut_keeping_fence(text: str, most: int) -> str:
    shorter = cut_lines(text, most)
    if shorter.count("```") % 2 == 0:
        return shorter
    return cut_lines(text, max(0, most - 4)).removesuffix("…").rstrip("\n") + "\n```" if most > 12 else ""


def fit_embeds(embeds: Iterable[Mapping[str, Any]], most: int = EMBED_TOTAL) -> list[dict[str, Any]]:
    """At most ten embeds with at most `most` characters together.

    Each may use its equal share of what remains, and also what the embeds after it do not need of
    theirs.
    """
    originals = list(embeds)[:EMBEDS]
    remaining, fitted = most, []
    for position, original in enumerate(originals):
        share = remaining // (len(originals) - position)
        reserved = sum(min(embed_length(later), share) for later in originals[position + 1 :])
        embed = fit_embed(original, max(share, remaining - reserved))
        remaining -= embed_length(embed)
        fitted.append(embed)
    return [embed for embed in fitted if embed_length(embed)]
