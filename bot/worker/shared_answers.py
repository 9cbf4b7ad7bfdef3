"""Answers that are computed once for all who ask the same while the data stay as they are."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")

MOST_KEPT = 64


@dataclass
class SharedAnswers(Generic[T]):
    """The newest answers. Who asks what is being computed for somebody else waits for that answer.

    `known` gives what the answers depend on, such as the newest session; when it changes, they are computed anew.
    """

    known: Callable[[], Hashable]
    _kept: OrderedDict[Hashable, T] = field(default_factory=OrderedDict)
    _under_way: dict[Hashable, asyncio.Task[T]] = field(default_factory=dict)

    def has(self, question: Hashable) -> bool:
        """Whether a question is answered or being answered, so that it costs nothing to ask."""
        key = (question, self.known())
        return key in self._kept or key in self._under_way

    async def ask(self, question: Hashable, compute: Callable[[], Awaitable[T]]) -> T:
        """The answer to a question; a failed one is computed again for whoever asks next."""
        key = (question, self.known())
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        task = self._under_way.get(key)
        if task is None:
            task = asyncio.ensure_future(_run(compute))
            self._under_way[key] = task
            task.add_done_callback(lambda ended: self._ended(key, ended))
        return await asyncio.shield(task)

    def _ended(self, key: Hashable, task: asyncio.Task[T]) -> None:
        self._under_way.pop(key, None)
        if task.cancelled() or task.exception() is not None:
            return
        self._kept[key] = task.result()
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)


async def _run(compute: Callable[[], Awaitable[T]]) -> T:
    return await compute()
