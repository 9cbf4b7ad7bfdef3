"""Classifies a press release by what its sentences do to the company's own outlook. Pure.

It prefers precision to recall: a sentence counts only when a verb acts on the words guidance,
outlook or forecast itself, not on something else beside them ("raises its dividend and reaffirms
guidance"). The result includes the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lxml import etree, html  # type: ignore[import-untyped]

from bot.sources.parsing.document_reader import reader

RAISED, LOWERED, REAFFIRMED = 1, -1, 0
LONGEST_SENTENCE = 600

_TOPIC = r"(?:guidance|outlook|forecasts?)"
_VERBS = {
    RAISED: r"(?:rais(?:e|es|ed|ing)|increas(?:e|es|ed|ing)|lift(?:s|ed|ing)?|boost(?:s|ed|ing)?)",
    LOWERED: r"(?:lower(?:s|ed|ing)?|reduc(?:e|es|ed|ing)|cut(?:s|ting)?|trim(?:s|med|ming)?|"
    r"withdr(?:aw|aws|ew|awn|awing)|suspend(?:s|ed|ing)?)",
    REAFFIRMED: r"(?:(?:re)?affirm(?:s|ed|ing)?|reiterat(?:e|es|ed|ing)|maintain(?:s|ed|ing)?|confirm(?:s|ed|ing)?)",
}
_WAYS = {RAISED: ("upward", "above"), LOWERED: ("downward", "below")}
_BE = r"(?:is|are|was|were|been|being|be)"

LONGEST_OBJECT = 12
"""Words between a verb and the topic that is its object."""

_VERB = {direction: re.compile(verbs, re.IGNORECASE) for direction, verbs in _VERBS.items()}
# Words that no object has before its noun: with one of them in between, the verb acts on something else.
_ENDS_OBJECT = re.compile(
    rf"{_BE}|has|have|had|remain\w*|stay\w*|unchanged|compared|versus|than|from|above|below|against|within|ahead|"
    r"exceed\w*|beat\w*|meet\w*|met|with|in|into|at|on|to|for|by|as|after|before|following|through|amid|given|despite|"
    r"while|but|which|that|because|reflect\w*|support\w*|lead\w*|led|driv\w*|drove|underpin\w*|assum\w*|includ\w*|"
    r"(?:expect|anticipat|provid|issu|deliver|achiev|announc|updat)(?:s|es|ing)",
    re.IGNORECASE,
)
_QUOTES = "\"“”()’'*"
_WORD = re.compile(r"[A-Za-z][\w'’&/.-]*|(?:19|20)\d\d|&", re.IGNORECASE)
_JOINS = re.compile(r"and|or|&", re.IGNORECASE)
# What "and" or a comma may join within one object: "revenue and EPS guidance".
_MEASURE = re.compile(
    rf"{_TOPIC}|revenues?|sales|earnings|eps|income|margins?|profit\w*|bookings|billings|cash|flow|arr|ebitda|growth|"
    r"a?ffo|c?rpo|gross|net|operating|adjusted|diluted|(?:non-)?gaap|organic|comparable|same-store|free|per|share|core|total|top-line|"
    r"bottom-line|calendar|fiscal|annual|quarterly|(?:full|half|first|second|third|fourth)(?:-(?:year|quarter|half))?|"
    r"year|quarter|half|fy\d*|q[1-4]|(?:19|20)\d\d",
    re.IGNORECASE,
)
# A topic before one of these is a subject and no verb's object: "sales increased, full-year outlook unchanged".
_HAS_VERB_OF_ITS_OWN = re.compile(
    rf"{'|'.join(_VERBS.values())}|{_BE}|has|have|had|remain\w*|stay\w*|unchanged|intact", re.IGNORECASE
)
# An earlier change that a new sentence speaks of: "our increased outlook".
_EARLIER = frozenset({"our", "its", "their", "the", "previously", "recently"})
_AFTER_TOPIC = (
    r"(?:\s+(?:ranges?|midpoint))?(?:\s+(?:for|of)(?:\s+"
    r"(?!(?:assum|reflect|includ|expect|anticipat|contemplat|suppos|support|remain|unchanged)|"
    rf"(?:and|{_BE})\b)[\w'’&/.-]+){{1,6}}?)?(?:\s+(?:has|have|had|also|again|now|today|\w+ly))*"
)


def _pattern(direction: int) -> re.Pattern[str]:
    """Matches a topic that is acted on (passive voice), one that was revised that way, or an expectation on that side of
    the one before.
    """
    verbs = _VERBS[direction]
    forms = [
        rf"\b{_TOPIC}{_AFTER_TOPIC}\s+{_BE}(?:\s+\w+ly)?\s+{verbs}\b",
        rf"\b{_TOPIC}\s+{verbs}\s+(?:to|by)\b",
    ]
    if direction in _WAYS:
        way, side = _WAYS[direction]
        object_ = r"(?:\s+(?!(?:and|or|with|in)\b)[\w'’&/.-]+){0,8}?\s+"
        forms += [
            rf"\brevis\w+{object_}{_TOPIC}{object_}?{way}\b",
            rf"\b{_TOPIC}{_AFTER_TOPIC}\s+{_BE}\s+revised\s+{way}\b",
            rf"\b{way}\s+revision\w*(?:\s+(?:to|of|in))?{object_}{_TOPIC}\b",
            rf"\b(?:expect|anticipat|project)\w*\b.{{0,120}}\b{side}\s+(?:\w+\s+){{0,5}}(?:prior|previous|earlier)\s+"
            rf"(?:\w+\s+){{0,4}}{_TOPIC}\b",
        ]
    return re.compile("|".join(forms), re.IGNORECASE)


_PATTERNS = {direction: _pattern(direction) for direction in _VERBS}
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
class _Word:
    """A word without the marks around it. `ends`: a comma or another mark that ends a part of the sentence follows."""

    text: str
    ends: bool

    @classmethod
    def of(cls, text: str) -> _Word:
        bare = text.strip(_QUOTES)
        word = bare.rstrip(",:;.!?")
        return cls(word, word != bare)


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
    directions = {direction for direction, pattern in _PATTERNS.items() if pattern.search(sentence)}
    directions |= _acted_on(sentence)
    if {RAISED, LOWERED} <= directions:
        return None
    return next((direction for direction in _VERBS if direction in directions), None)


def _acted_on(sentence: str) -> set[int]:
    """The directions of the verbs whose object is the topic (active voice).

    The verb nearest before a topic decides, and only if everything in between belongs to its object.
    """
    words = [_Word.of(text) for text in sentence.split()]
    topics = [position for position, word in enumerate(words) if _ABOUT.fullmatch(word.text)]
    return {direction for position in topics if (direction := _nearest_verb(words, position)) is not None}


def _nearest_verb(words: Sequence[_Word], topic: int) -> int | None:
    if topic + 1 < len(words) and not words[topic].ends and _HAS_VERB_OF_ITS_OWN.fullmatch(words[topic + 1].text):
        return None
    for position in range(topic - 1, max(topic - 2 - LONGEST_OBJECT, -1), -1):
        word = words[position]
        for direction, verb in _VERB.items():
            if verb.fullmatch(word.text):
                return None if word.ends or _is_earlier(words, position) else direction
        if not _is_of_object(words, position, topic):
            return None
    return None


def _is_earlier(words: Sequence[_Word], position: int) -> bool:
    return position > 0 and words[position].text.endswith("ed") and words[position - 1].text.lower() in _EARLIER


def _is_of_object(words: Sequence[_Word], position: int, topic: int) -> bool:
    """Whether a word belongs to the noun phrase that ends with the topic."""
    word = words[position]
    if _JOINS.fullmatch(word.text):
        # "Raises and narrows its guidance": both verbs have the one object.
        beside = [words[at].text for at in (position - 1, position + 1) if at >= 0]
        return any(verb.fullmatch(beside[0]) for verb in _VERB.values()) or all(map(_MEASURE.fullmatch, beside))
    if word.ends:
        after = position + 2 if _JOINS.fullmatch(words[position + 1].text) else position + 1
        if after > topic or not all(_MEASURE.fullmatch(words[at].text) for at in (position, after)):
            return False
    return bool(_WORD.fullmatch(word.text)) and not _ENDS_OBJECT.fullmatch(word.text)


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
