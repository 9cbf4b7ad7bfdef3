"""Shares and net asset values of funds as their issuers publish them: State Street, and optionally iShares and Invesco.

Without iShares and Invesco IWM, IJR, IVE, VLUE, SOXX, IGV, QQQ and RSP have no flows.
"""

from bot.sources.fund_issuers.invesco import INVESCO, invesco
from bot.sources.fund_issuers.ishares import ISHARES, ishares
from bot.sources.fund_issuers.source import Issuer
from bot.sources.fund_issuers.statestreet import STATE_STREET, state_street

__all__ = ["INVESCO", "ISHARES", "STATE_STREET", "Issuer", "invesco", "ishares", "state_street"]
