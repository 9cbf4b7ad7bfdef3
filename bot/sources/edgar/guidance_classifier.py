"""What a press release does to a company's own outlook, from its sentences: pure, and with the sentence as evidence.

Careful rather than complete: a sentence counts only when a verb acts on the words guidance, outlook or forecast itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree, html  # type: ignore[import-untyped]

RAISED, LOWERED, REAFFIRMED = 1, -1, 0
LONGEST_SENTENCE = 600

_TOPIC = r"(?:guidance|outlook|forecasts?)"
_WORD = r"(?!(?:compared|versus|than|from|above|below|against)\b)(?:[A-Za-z][\w'’&/.-]*,?|(?:19|20)\d\d|[\"“”(])"
_GAP = rf"(?:\s+{_WORD}){{0,8}}?\s+"
_VERBS = {
    RAISED: (r"rais(?:e|es|ed|ing)|increas(?:e|es|ed|ing)|lift(?:s|ed|ing)?|boost(?:s|ed|ing)?", "upward", "above"),
    LOWERED: (
        r"lower(?:s|ed|ing)?|reduc(?:e|es|ed|ing)|cut(?:s|ting)?|trim(?:s|med|ming)?|"
        r"withdr(?:aw|aws|ew|awn|awing)|suspend(?:s|ed|ing)?",
        "downward",
        "below",
    ),
    REAFFIRMED: (r"reaffirm(?:s|ed|ing)?|reiterat(?:e|es|ed|ing)|maintain(?:s|ed|ing)?|confirm(?:s|ed|ing)?", "", ""),
}
_BE = r"(?:is|are|was|were|been|being|be)"


def _pattern(verbs: str, way: str, side: str) -> re.Pattern[str]:
    """The verb acts on the topic (either voice), a revision goes that way, or an expectation lies on that side of it."""
    forms = [
        rf"\b(?:{verbs}){_GAP}{_TOPIC}\b",
        rf"\b{_TOPIC}\b{_GAP}{_BE}\s+(?:{verbs})\b",
        rf"\b{_TOPIC}\s+(?:{verbs})\s+(?:to|by)\b",
    ]
    if way:
        forms += [
            rf"\brevis\w+{_GAP}{_TOPIC}{_GAP}?\s*{way}\b",
            rf"\b{_TOPIC}\b{_GAP}{_BE}\s+revised\s+{way}\b",
            rf"\b{way}\s+revision\w*{_GAP}{_TOPIC}\b",
            rf"\b(?:expect|anticipat|project)\w*\b.{{0,120}}\b{side}\s+(?:\w+\s+){{0,5}}(?:prior|previous|earlier)\s+(?:\w+\s+){{0,4}}{_TOPIC}\b",
        ]
    return re.compile("|".join(forms), re.IGNORECASE)


_PATTERNS = {direction: _pattern(*words) for direction, words in _VERBS.items()}
_ABOUT = re.compile(rf"\b{_TOPIC}\b", re.IGNORECASE)
_CAUTION = re.compile(
    r"obligation|undertak|\brisks?\b|uncertaint|forward-looking|\bnot\b|\bnever\b|\bwithout\b|\bno\s+longer\b",
    re.IGNORECASE,
)
# Lower case only: May is a month.
_PERHAPS = re.compile(r"\b(?:may|might|could|would|if|whether)\b")
_COSTS = re.compile(r"\b(?:expenses?|costs?|capital expenditures?|capex|opex|spending|tax rate)\b", re.IGNORECASE)
_RESULTS = re.compile(
    r"\b(?:revenues?|sales|earnings|eps|income|margins?|profits?|bookings|billings|cash flow|arr|ebitda)\b",
    re.IGNORECASE,
)
_BLOCK_ENDS = re.compile(r"</(?:p|div|li|tr|td|th|h\d|table|ul|ol)\s*>|<br\b[^>]*>", re.IGNORECASE)
_SENTENCE_ENDS = re.compile(r"(?<=[.!?;])\s+(?=[A-Z\"“(•])|\n+")


@dataclass(frozen=True, slots=True)
class Classification:
    """`direction`: 1 raised, -1 lowered, 0 reaffirmed, None when nothing or as much of either is said; and by which sentence."""

    direction: int | None
    sentence: str


def classify(sentences: Iterable[str]) -> Classification:
    """The verdict on a release: what more of its sentences say; reaffirmed when none raises or lowers."""
    told: dict[int, list[str]] = {RAISED: [], LOWERED: [], REAFFIRMED: []}
    for sentence in sentences:
        direction = direction_of(sentence)
        if direction is not None:
            told[direction].append(sentence)
    more = len(told[RAISED]) - len(told[LOWERED])
    if more:
        direction = RAISED if more > 0 else LOWERED
        return Classification(direction, told[direction][0])
    if told[RAISED]:
        return Classification(None, told[RAISED][0])
    return Classification(REAFFIRMED, told[REAFFIRMED][0]) if told[REAFFIRMED] else Classification(None, "")


def direction_of(sentence: str) -> int | None:
    """What one sentence says, None for nothing. Cautionary sentences, doubt, and outlooks of costs alone say nothing."""
    if len(sentence) > LONGEST_SENTENCE or not _ABOUT.search(sentence):
        return None
    if _CAUTION.search(sentence) or _PERHAPS.search(sentence):
        return None
    if _COSTS.search(sentence) and not _RESULTS.search(sentence):
        return None
    found = [direction for direction, pattern in _PATTERNS.items() if pattern.search(sentence)]
    if RAISED in found and LOWERED in found:
        return None
    return found[0] if found else None


def sentences(document: str) -> list[str]:
    """Sentences of an HTML page or a plain text, blanks folded, in their order; ends of paragraphs end a sentence."""
    text = document
    if re.search(r"<(?:html|body|p|div|table)\b", document[:20_000], re.IGNORECASE):
        parser = html.HTMLParser(no_network=True, huge_tree=False, encoding="utf-8")
        try:
            tree = html.document_fromstring(_BLOCK_ENDS.sub("\n", document).encode(), parser=parser)
        except etree.LxmlError:
            return []
        text = tree.text_content()
    else:
        # A plain text is broken into lines; only empty ones end a paragraph.
        text = re.sub(r"(?<!\n)\n(?!\s*\n)", " ", text)
    parts = (" ".join(part.split()) for part in _SENTENCE_ENDS.split(text))
    return [part for part in parts if part]
