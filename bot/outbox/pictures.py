"""Pictures of a message: drawn from the chart requests that are stored with it, when it is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from bot.domain.chart_request import ChartRequest, Picture, file_names
from bot.domain.ports import ChartRenderer


async def draw_stored(charts: ChartRenderer | None, stored: Sequence[str], *, within_seconds: float) -> list[Picture]:
    """Pictures of chart requests in their stored form, called by `file_names`, without those that cannot be had in time.

    What is not ready in time is drawn on: whoever asks for the same one next finds it. Requests that another version of the
    program stored and this one cannot read give no picture.
    """
    if charts is None or not stored:
        return []
    try:
        requestes = [ChartRequest.from_json(text) for text in stored]
    except (ValueError, KeyError, TypeError):
        return []
    asked = [asyncio.ensure_future(charts.draw(request)) for request in requestes]
    try:
        await asyncio.wait(asked, timeout=within_seconds)
    finally:
        for each in asked:
            each.cancel()
    ready = [each.result() if each.done() and not each.cancelled() else None for each in asked]
    named = zip(ready, file_names(requestes), strict=True)
    return [replace(picture, name=name) for picture, name in named if picture is not None]
