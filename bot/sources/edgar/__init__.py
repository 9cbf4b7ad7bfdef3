"""EDGAR: companies' tagged figures, their guidance, and what large managers hold. Key-less, with a contact."""

from bot.sources.edgar.form13f.source import MANAGERS
from bot.sources.edgar.rate_policy import POLICIES
from bot.sources.edgar.source import EDGAR, Edgar

__all__ = ["EDGAR", "MANAGERS", "POLICIES", "Edgar"]
