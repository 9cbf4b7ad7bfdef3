"""`python -m tests.soak`: one soak, a table of its figures, and 1 as exit code when something is wrong."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

import click

from tests.soak.report import Judged, judge
from tests.soak.soak import Soak

IN_MEMORY = Path("/dev/shm")  # noqa: S108
"""Where the databases are without `keep`. What a killed process has written is there for the next one without fsync, which
only a loss of power needs."""


@click.command()
@click.option(
    "--sessions", default=60, show_default=True, envvar="SOAK_SESSIONS", help="How many, one after the other."
)
@click.option("--seed", default=1, show_default=True, envvar="SOAK_SEED", help="Everything at random follows from it.")
@click.option("--people", default=300, show_default=True, help="How many set alerts.")
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False), help="A folder in which home and log stay.")
def command(sessions: int, seed: int, people: int, keep: Path | None) -> None:
    """Run the whole bot on a fast clock, with faults and kills, and judge what people have read.

    SIGTERM ends it after the session that runs; what is over is judged. With --keep, `report.txt` says how it goes.
    """
    with tempfile.TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.is_dir() else None) as temporary:
        folder = keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)

        def look(soak: Soak) -> None:
            (folder / "report.txt").write_text(text_of(judge(soak)))

        soak = Soak(folder, sessions, seed=seed, people_count=people, tell=click.echo, look=look)
        asyncio.run(soak.run())
        judged = judge(soak)
        (folder / "report.txt").write_text(text_of(judged))
    click.echo(text_of(judged))
    sys.exit(1 if judged.wrong else 0)


def text_of(judged: Judged) -> str:
    """The table, and a line for everything that is wrong."""
    return "\n".join((judged.table, *(f"WRONG: {sentence}" for sentence in judged.wrong)))


if __name__ == "__main__":
    command()
