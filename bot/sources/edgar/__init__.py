"""EDGAR: companies' tagged figures, their guidance, and what large managers hold. Key-less, with a contact."""

from bot.sources.edgar.managers import MANAGERS
from bot.sources.edgar.manners import POLICIES
from bot.sources.edgar.source import Edgar

__all__ = ["MANAGERS", "POLICIES", "Edgar"]
