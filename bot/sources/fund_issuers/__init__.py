"""Shares and net asset values of funds as their issuers publish them: State Street, and by choice iShares and Invesco."""

from bot.sources.fund_issuers.build import POLICIES, build
from bot.sources.fund_issuers.invesco import invesco
from bot.sources.fund_issuers.ishares import ishares
from bot.sources.fund_issuers.source import Issuer
from bot.sources.fund_issuers.statestreet import state_street

__all__ = ["POLICIES", "Issuer", "build", "invesco", "ishares", "state_street"]
