"""Pictures of a message: drawn when it is sent, from the chart requests that are stored with it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from bot.domain.chart_request import ChartRequest, Picture, file_names
from bot.domain.ports import ChartRenderer


async def draw_stored(charts: ChartRenderer | None, stored: Sequence[str], *, within_seconds: float) -> list[Picture]:
    """Draw the pictures of stored chart requests.

    Args:
        charts: Draws them; None gives no picture.
        stored: The requests as JSON. Requests of another version of the program that this one
            cannot read give no picture.
        within_seconds: How long to wait. A picture that is not ready in time is still finished and
            kept for the next call.

    Returns:
        The pictures that were ready in time, named by `file_names`.
    """
    if charts is None or not stored:
        return []
    try:
        requests = [ChartRequest.from_json(text) for text in stored]
    except (ValueError, KeyError, TypeError):
        return []
    drawings = [asyncio.ensure_future(charts.draw(request)) for request in requests]
    try:
        await asyncio.wait(drawings, timeout=within_seconds)
    finally:
        for drawing in drawings:
            drawing.cancel()
    pictures = [drawing.result() if drawing.done() and not drawing.cancelled() else None for drawing in drawings]
    named = zip(pictures, file_names(requests), strict=True)
    return [replace(picture, name=name) for picture, name in named if picture is not None]
