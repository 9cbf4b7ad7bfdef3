"""What was posted, line by line: the demo without a browser."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bot.domain.model import OutboxItem
from bot.outbox import Claimed
from bot.outbox.message import Payload


@dataclass(frozen=True, slots=True)
class TranscriptLine:
    """One posted item.

    `session`: the one whose final readings it describes; `topic`: its key, or None.
    """

    session: str
    kind: str
    topic: str | None
    destination: str
    title: str
    text: str

    def as_json(self) -> str:
        """One JSON object."""
        return json.dumps(asdict(self), ensure_ascii=False)

    def as_text(self) -> str:
        """One line to read."""
        return f"{self.session}  {self.destination:<12} {self.kind:<8} {self.title}: {' / '.join(self.text.split(chr(10)))}"


def lines(claimed: Claimed, payload: Payload, destination: str) -> Iterator[TranscriptLine]:
    """A line for each item of one posted message; merged alerts have an embed each."""
    for position, item in enumerate(claimed.items):
        embed = payload.embeds[position] if position < len(payload.embeds) else {}
        yield TranscriptLine(
            session=item.session.isoformat(),
            kind=item.kind.value,
            topic=item.topic,
            destination=destination,
            title=str(embed.get("title", payload.content)),
            text=_text(item, embed, payload),
        )


def _text(item: OutboxItem, embed: Mapping[str, Any], payload: Payload) -> str:
    fields = (f"{field['name']}: {field['value']}" for field in embed.get("fields", ()))
    parts = [payload.content, embed.get("description", ""), *fields, embed.get("footer", {}).get("text", "")]
    return "\n".join(part.strip() for part in parts if part.strip())
