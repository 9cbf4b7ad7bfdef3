"""`rotation-bot signals`: the catalogue as a table."""

from __future__ import annotations

import json

import click

from bot.cli.common import explained
from signals import catalogue
from signals.core.model import Family

LINE = "{id:<42} {label:<52} {unit:<10} {cadence:<9}"


@click.command("signals", short_help="List all signals with what they mean.")
@click.option(
    "--family",
    type=click.Choice([family.value for family in Family]),
    metavar="FAMILY",
    help="Only this family: the first word of the ids.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line, with meaning, formula and inputs.")
@explained
def command(family: str | None, as_json: bool) -> None:
    """List every signal: the id that people type, its label, its unit and how often its inputs change.

    docs/signals.md has the same with formulas, ages and votes. Needs no home and asks nobody.
    """
    chosen = [signal for signal in catalogue.SIGNALS.values() if family in (None, signal.family.value)]
    if as_json:
        for signal in chosen:
            row = {
                name: getattr(signal, name)
                for name in ("id", "label", "family", "unit", "cadence", "meaning", "formula")
            }
            click.echo(json.dumps({**row, "inputs": list(signal.inputs)}))
        return
    click.echo(LINE.format(id="signal", label="label", unit="unit", cadence="inputs").rstrip())
    for signal in chosen:
        line = LINE.format(id=signal.id, label=signal.label, unit=signal.unit.value, cadence=signal.cadence.value)
        click.echo(line.rstrip())
