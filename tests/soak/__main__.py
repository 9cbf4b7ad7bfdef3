"""`python -m tests.soak`: one soak, a table of its figures, and 1 as exit code when something is wrong."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

import click

from tests.soak.report import judge
from tests.soak.soak import Soak


@click.command()
@click.option(
    "--sessions", default=60, show_default=True, envvar="SOAK_SESSIONS", help="How many, one after the other."
)
@click.option("--seed", default=1, show_default=True, envvar="SOAK_SEED", help="Everything at random follows from it.")
@click.option("--people", default=300, show_default=True, help="How many set alerts.")
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False), help="A folder in which home and log stay.")
def command(sessions: int, seed: int, people: int, keep: Path | None) -> None:
    """Run the whole bot on a fast clock, with faults and kills, and judge what people have read."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        soak = Soak(folder, sessions, seed=seed, people_count=people, tell=click.echo)
        asyncio.run(soak.run())
        judged = judge(soak)
    click.echo(judged.table)
    for sentence in judged.wrong:
        click.echo(f"WRONG: {sentence}")
    sys.exit(1 if judged.wrong else 0)


if __name__ == "__main__":
    command()
