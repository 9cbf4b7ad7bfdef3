"""What Discord says of a thread beyond what it says of a channel."""

from __future__ import annotations

from typing import Any


def state_json(*, archived: bool) -> dict[str, Any]:
    """The state of a thread."""
    return {
        "message_count": 0,
        "member_count": 1,
        "thread_metadata": {
            "archived": archived,
            "auto_archive_duration": 10080,
            "archive_timestamp": "2024-01-02T00:00:00+00:00",
            "locked": False,
        },
    }
