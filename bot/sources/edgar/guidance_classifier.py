"""Classifies a press release by what its sentences do to the company's own outlook. Pure.

It prefers precision to recall: a sentence counts only when a verb acts on the words guidance,
outlook or forecast itself. The result includes the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree, html  # type: ignore[import-untyped]

from bot.sources.parsing.document_reader import reader

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
    """Matches a verb that acts on the topic (either voice), a revision that `way`, or an
    expectation on that `side` of it.
    """
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
_BLOCK_ENDS = re.compile(r"</(?:p|div|li|tr|td|th|h\d|table|ul|ol)\s*>|<br\b[^<>]*>", re.IGNORECASE)
_SENTENCE_ENDS = re.compile(r"(?<=[.!?;])\s+(?=[A-Z\"“(•])|\n+")


@dataclass(frozen=True, slots=True)
class Classification:
    """A direction and the first sentence with it.

    `direction`: 1 raised, -1 lowered, 0 reaffirmed, None when no sentence has one or as many raise
    as lower.
    """

    direction: int | None
    sentence: str


def classify(sentences: Iterable[str]) -> Classification:
    """The direction of the majority of a release's sentences.

    Reaffirmed when none raises or lowers.
    """
    by_direction: dict[int, list[str]] = {RAISED: [], LOWERED: [], REAFFIRMED: []}
    for sentence in sentences:
        direction = direction_of(sentence)
        if direction is not None:
            by_direction[direction].append(sentence)
    balance = len(by_direction[RAISED]) - len(by_direction[LOWERED])
    if balance:
        direction = RAISED if balance > 0 else LOWERED
        return Classification(direction, by_direction[direction][0])
    if by_direction[RAISED]:
        return Classification(None, by_direction[RAISED][0])
    return (
        Classification(REAFFIRMED, by_direction[REAFFIRMED][0])
        if by_direction[REAFFIRMED]
        else Classification(None, "")
    )


def classify_document(document: str) -> Classification:
    """The direction of a press release, an HTML page or a plain text."""
    return classify(sentences(document))


def direction_of(sentence: str) -> int | None:
    """The direction of one sentence, or None.

    Cautionary sentences, doubt, and outlooks of costs alone have none.
    """
    if len(sentence) > LONGEST_SENTENCE or not _ABOUT.search(sentence):
        return None
    if _CAUTION.search(sentence) or _PERHAPS.search(sentence):
        return None
    if _COSTS.search(sentence) and not _RESULTS.search(sentence):
        return None
    directions = [direction for direction, pattern in _PATTERNS.items() if pattern.search(sentence)]
    if RAISED in directions and LOWERED in directions:
        return None
    return directions[0] if directions else None


@reader("the SEC")
def sentences(document: str) -> list[str]:
    """Sentences of an HTML page or a plain text in their order, whitespace folded.

    The end of a paragraph ends a sentence.
    """
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
        lines = (line.strip() for line in text.split("\n"))
        text = " ".join(line or "\n" for line in lines)
    parts = (" ".join(part.split()) for part in _SENTENCE_ENDS.split(text))
    return [part for part in parts if part]
