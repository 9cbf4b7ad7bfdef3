"""Public claims about the rotation: each as a formula, and its verdict as of any session.

Pure arithmetic over closes and signals as known after a session.
"""

from signals.claims.model import Claim, Figure, Judgment, Record, Share, Verdict
from signals.claims.public_claims import CLAIMS

__all__ = ["CLAIMS", "Claim", "Figure", "Judgment", "Record", "Share", "Verdict"]
