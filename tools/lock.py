"""Rewrites the locks from pyproject.toml with the newest versions: `python3 -m tools.lock`.

Later locks are held to the versions of the earlier ones, so one version of a package holds in all
of them.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tools.set_up import Setup, run

LOCKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("run", ("--group", "build")),
    ("demo", ("--group", "build", "--extra", "demo", "--constraints", "requirements/run.lock")),
    ("dev", ("--group", "build", "--all-extras", "--constraints", "requirements/demo.lock")),
)
"""Every lock with what it holds besides the program's own dependencies. An editable install needs
the group `build`."""

COMPILE = (
    *("pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes", "--upgrade"),
    *("--no-header", "--no-annotate"),
)


def main() -> int:
    """Exit code 0 when all locks are written."""
    setup = Setup()
    uv = setup.uv() if setup.has_venv() else None
    if uv is None:
        return 1
    settings = setup.settings(to_install=False)
    sources = [(name, ("pyproject.toml", *choice)) for name, choice in LOCKS]
    for name, source in (("uv", ("--group", "uv")), *sources):
        output = Path("requirements", f"{name}.lock")
        print(output, flush=True)
        if not run([uv, *COMPILE, *source, "--output-file", output], settings):
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
