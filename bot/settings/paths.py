"""The home folder: both databases, the config file and caches."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

HOME_VARIABLE = "ROTATION_BOT_HOME"


@dataclass(frozen=True, slots=True)
class Home:
    """The folder and the names inside it; nothing is created before `ensure`."""

    path: Path

    @classmethod
    def find(cls, option: Path | None, environ: Mapping[str, str] = os.environ) -> Home:
        """`--home` first, then ROTATION_BOT_HOME, then the platform's folder for user data."""
        if option is not None:
            return cls(option)
        named = environ.get(HOME_VARIABLE)
        return cls(Path(named) if named else platformdirs.user_data_path("rotation-bot", appauthor=False))

    def ensure(self) -> Home:
        """Create the folder, readable by its owner alone.

        Raises OSError when that is not possible.
        """
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self

    @property
    def option(self) -> str:
        """` --home PATH` as a shell takes it, for a command that is to be typed; empty for the home that is found without it."""
        return "" if self == Home.find(None) else f" --home {shlex.quote(str(self.path))}"

    @property
    def config(self) -> Path:
        """The config file that `run` reads when `--config` names none."""
        return self.path / "config.toml"

    @property
    def secrets(self) -> Path:
        """The folder of the token and the key that `rotation-bot init` was given."""
        return self.path / "secrets"

    @property
    def market(self) -> Path:
        """market.db: everything fetched; can be fetched again."""
        return self.path / "market.db"

    @property
    def simulated_market(self) -> Path:
        """The archive of the simulated market, whose figures are never mixed with real ones."""
        return self.path / "market-simulated.db"

    @property
    def bot(self) -> Path:
        """bot.db: what people set up and the messages enqueued for them.

        Cannot be fetched again.
        """
        return self.path / "bot.db"

    @property
    def cache(self) -> Path:
        """Caches of libraries; may be deleted at any time."""
        return self.path / "cache"

    @property
    def payloads(self) -> Path:
        """Raw responses of the sources, kept for a month; may be deleted at any time."""
        return self.path / "payloads"


def keep_fonts(cache: Path) -> None:
    """Make matplotlib keep its list of fonts in `cache`, unless a folder is already configured.

    Without it, where the person's own folder cannot be written, it would scan all fonts at every
    start and log that.
    """
    os.environ.setdefault("MPLCONFIGDIR", str(cache / "matplotlib"))
