"""Which issuers are asked, and how slowly."""

from __future__ import annotations

from bot.calendar.clock import Calendar
from bot.sources.fund_issuers.invesco import invesco
from bot.sources.fund_issuers.ishares import ishares
from bot.sources.fund_issuers.source import Issuer
from bot.sources.fund_issuers.statestreet import state_street
from bot.sources.http.client import HostPolicy, Http

POLICIES = {
    "www.ssga.com": HostPolicy(per_second=0.2, burst=1, timeout_seconds=30.0),
    "www.blackrock.com": HostPolicy(per_second=0.1, burst=1, timeout_seconds=60.0, tries=2, max_bytes=32_000_000),
    # Eight quick requests made it refuse for two minutes, so 15 seconds lie between any two.
    "dng-api.invesco.com": HostPolicy(per_second=1 / 15, burst=1, timeout_seconds=30.0, tries=2, backoff_seconds=15.0),
}


def build(http: Http, *, calendar: Calendar, use_ishares: bool = False, use_invesco: bool = False) -> list[Issuer]:
    """One source an issuer. `http` should know `POLICIES`.

    iShares and Invesco are off unless a person chooses them: the terms of both sites forbid automated access in general
    wording. Without them IWM, IJR, IVE, VLUE, SOXX, IGV, QQQ and RSP have no flows.
    """
    chosen = [state_street(http, calendar=calendar)]
    if use_ishares:
        chosen.append(ishares(http, calendar=calendar))
    if use_invesco:
        chosen.append(invesco(http, calendar=calendar))
    return chosen
