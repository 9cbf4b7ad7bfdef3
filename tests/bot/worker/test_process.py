"""The worker process: works, reports errors, is replaced when it dies, and never outlives its parent."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from bot.worker.process import Worker

pytestmark = pytest.mark.slow


def add(first: int, second: int) -> int:
    return first + second


def fail(text: str) -> None:
    raise ValueError(text)


def die_once(marker: Path) -> str:
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "alive"


async def test_it_computes_elsewhere_and_hands_errors_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MPLCONFIGDIR", raising=False)
    worker = Worker(tmp_path / "cache")
    try:
        assert await worker.run(os.getenv, "MPLCONFIGDIR") == str(tmp_path / "cache" / "matplotlib")
        assert await worker.run(add, 2, 3) == 5
        assert await worker.run(os.getpid) != os.getpid()
        with pytest.raises(ValueError, match="no such thing"):
            await worker.run(fail, "no such thing")
        waiting = [worker.run(add, number, 1) for number in range(3)]
        assert await asyncio.gather(worker.run(die_once, tmp_path / "died"), *waiting) == ["alive", 1, 2, 3]
    finally:
        await worker.close()


def die_once_in_the_middle_of_the_result(marker: Path) -> bytes:
    if not marker.exists():
        marker.touch()

        def half(connection: Connection, message: bytes) -> None:
            os.write(connection.fileno(), message[: len(message) // 2])
            os.kill(os.getpid(), signal.SIGKILL)

        Connection._send = half  # type: ignore[attr-defined]
    return bytes(1_000_000)


async def test_one_that_is_killed_while_it_hands_its_result_over_is_replaced(tmp_path: Path) -> None:
    worker = Worker()
    try:
        async with asyncio.timeout(30):
            assert await worker.run(die_once_in_the_middle_of_the_result, tmp_path / "died") == bytes(1_000_000)
            assert await worker.run(add, 2, 3) == 5
    finally:
        await worker.close()


def stop_once(marker: Path) -> str:
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGSTOP)
    return "alive"


@pytest.mark.thorough
async def test_one_that_does_not_answer_any_more_is_killed_and_replaced(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    worker = Worker(silent_seconds=8)
    try:
        async with asyncio.timeout(60):
            waiting = [worker.run(add, number, 1) for number in range(2)]
            assert await asyncio.gather(worker.run(stop_once, tmp_path / "stopped"), *waiting) == ["alive", 1, 2]
    finally:
        await worker.close()
    assert "the worker process has not answered for 8 s and is killed" in caplog.text


async def test_a_call_that_comes_while_the_process_ends_has_the_next_one(tmp_path: Path) -> None:
    worker = Worker()
    try:
        before = await worker.run(os.getpid)
        closing = asyncio.create_task(worker.close())
        await asyncio.sleep(0)
        async with asyncio.timeout(30):
            assert await worker.run(len, bytes(1_000_000)) == 1_000_000
            await closing
            assert await worker.run(os.getpid) != before
    finally:
        await worker.close()


def tell_and_read(told: Path, path: Path) -> str:
    told.write_text(f"{os.getpid()}\n")
    return path.read_text()


async def test_the_process_ends_after_its_last_call_but_not_while_one_computes_whose_caller_gave_up(
    tmp_path: Path,
) -> None:
    pipe, told = tmp_path / "pipe", tmp_path / "told"
    os.mkfifo(pipe)
    worker = Worker(idle_seconds=0.01)
    try:
        asked = asyncio.create_task(worker.run(tell_and_read, told, pipe))
        await asyncio.sleep(0)
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
        async with asyncio.timeout(20):
            while not (told.exists() and told.read_text().endswith("\n")):
                await asyncio.sleep(0.02)
        pid = int(told.read_text())
        await asyncio.sleep(0.1)
        assert alive(pid)
        await asyncio.to_thread(pipe.write_text, "done")
        async with asyncio.timeout(10):
            while alive(pid):
                await asyncio.sleep(0.02)
        assert await worker.run(add, 2, 3) == 5
    finally:
        await worker.close()


async def test_a_killed_parent_takes_it_along_and_nothing_is_printed_past_the_log(tmp_path: Path) -> None:
    script = (
        "import asyncio, os\n"
        "from bot.worker.process import Worker\n"
        "async def main():\n"
        "    worker = Worker()\n"
        "    print(await worker.run(os.getpid), flush=True)\n"
        "    await asyncio.Event().wait()\n"
        "if __name__ == '__main__':\n"
        "    asyncio.run(main())\n"
    )
    path = tmp_path / "parent.py"
    path.write_text(script)
    parent = await asyncio.create_subprocess_exec(
        sys.executable,
        str(path),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    )
    assert parent.stdout is not None
    assert parent.stderr is not None
    child = int(await parent.stdout.readline())
    parent.kill()
    await parent.wait()
    async with asyncio.timeout(10):
        while alive(child):
            await asyncio.sleep(0.02)
        # Its end comes when multiprocessing's tracker, the last to hold it, has removed the semaphores.
        assert await parent.stderr.read() == b""


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be noticed does not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        # The second where it ends between opening and reading.
        return False


CLOSED_WHILE_IT_IS_HANDED_WORK = """
import asyncio, time
from bot.worker.process import Worker

async def run():
    worker = Worker()
    await worker.run(len, b"")
    busy = asyncio.ensure_future(worker.run(time.sleep, 60))
    large = [asyncio.ensure_future(worker.run(len, bytes(5_000_000))) for _ in range(2)]
    await asyncio.sleep(0.3)
    await worker.close()
    await asyncio.gather(busy, *large, return_exceptions=True)

if __name__ == "__main__":
    asyncio.run(run())
"""


def test_a_program_ends_although_its_worker_was_closed_in_the_middle_of_being_handed_work(tmp_path: Path) -> None:
    """Python 3.11.2, Debian's, waited for ever for the thread that wrote into the pipe of the process that was gone."""
    program = tmp_path / "program.py"
    program.write_text(CLOSED_WHILE_IT_IS_HANDED_WORK)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    ended = subprocess.run([sys.executable, program], timeout=30, check=True, env=environment, capture_output=True)
    assert ended.stderr == b""
