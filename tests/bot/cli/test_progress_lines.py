"""A step that takes long is not silent."""

from __future__ import annotations

import queue
import threading

from bot.cli.progress_lines import Progress


def test_a_step_that_takes_long_says_so_until_the_end() -> None:
    lines = queue.Queue[str]()
    progress = Progress(lines.put, silence_seconds=0.01)
    progress.say("Loading its libraries ...")
    assert lines.get(timeout=10) == "Loading its libraries ..."
    assert lines.get(timeout=10) == "... 0 s"
    assert lines.get(timeout=10) == "... 0 s"
    progress.end()
    (thread,) = [each for each in threading.enumerate() if each.name == "progress"]
    thread.join(10)
    while not lines.empty():
        lines.get()
    progress.say("Drawing a first picture ...")
    assert [lines.get(timeout=10), lines.empty()] == ["Drawing a first picture ...", True]


def test_a_quick_step_is_said_alone() -> None:
    lines: list[str] = []
    progress = Progress(lines.append)
    progress.say("Starting the bot ...")
    progress.end()
    assert lines == ["Starting the bot ..."]
