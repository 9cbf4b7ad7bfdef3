"""Every adapter with a good answer and bad ones: the material of `test_contract`."""

from tests.bot.sources.contract.adapter import CASES, CONTACT, KEY, Adapter, Bench, rows, told
from tests.bot.sources.contract.files import FILES
from tests.bot.sources.contract.issuers import ISSUERS
from tests.bot.sources.contract.members import MEMBERS
from tests.bot.sources.contract.rates import RATES
from tests.bot.sources.contract.sec import SEC, SEC_HOLDINGS
from tests.bot.sources.contract.yahoo import YAHOO

ADAPTERS = (*YAHOO, *RATES, *FILES, *ISSUERS, *SEC, *SEC_HOLDINGS, *MEMBERS)

__all__ = ["ADAPTERS", "CASES", "CONTACT", "KEY", "Adapter", "Bench", "rows", "told"]
