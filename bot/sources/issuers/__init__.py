"""Shares and net asset values of funds as their issuers publish them: State Street, and by choice iShares and Invesco."""

from bot.sources.issuers.build import POLICIES, build
from bot.sources.issuers.invesco import invesco
from bot.sources.issuers.ishares import ishares
from bot.sources.issuers.source import Issuer
from bot.sources.issuers.statestreet import state_street

__all__ = ["POLICIES", "Issuer", "build", "invesco", "ishares", "state_street"]
