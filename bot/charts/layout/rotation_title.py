"""The state of the rotation as the title of a picture: at most five words, never more than the answer says."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bot.formatting import formats
from bot.formatting.scenario_words import ROTATION_REGIME, ROTATION_TURNING
from signals.rotation.definitions import FALLS, REGIME_NAMES, STATE_NAMES
from signals.scenario.score import ROTATION_STATE

TECH_TURNING = "tech.turning"
ROTATION_TITLE = (ROTATION_STATE, ROTATION_TURNING, ROTATION_REGIME, TECH_TURNING)
"""The signals that the title is made of."""


def rotation_title(today: pd.Series) -> str:
    """`Rotating out of big tech`, `Tech-led decline` while tech falls; empty without a state."""
    state, turning, regime, split = (float(today.get(name, np.nan)) for name in ROTATION_TITLE)
    if not np.isfinite(state):
        return ""
    if turning > 0:
        return "The rotation is turning"
    name = STATE_NAMES[1 if state > 0 else -1]
    if regime in FALLS:
        # What falls less attracts no money: the regime is named, or the yardsticks where tech is split.
        name = name.replace("rotating", "yardsticks") if split > 0 else REGIME_NAMES[int(regime)]
    return formats.capitalised(name)
