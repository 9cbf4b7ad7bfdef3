"""`/claims` on the real bot: verdicts, one claim in full, and claims of one's own by a form."""

from __future__ import annotations

from typing import Any

from bot.commands.record.claims import MOST
from bot.database import claims
from bot.domain.model import AlertSpec, Condition
from bot.domain.own_signal import OwnSignal, OwnSignals
from signals.core.model import Measure
from tests.support import SimulatedDiscord, answer_text, button_labels

FORM = (
    "Such **days** are good for the Nasdaq",
    "A friend",
    "weighting.rsp_spy.spread_1d above 0.9",
    "^IXIC after 5 sessions",
    "70%",
)


async def submitted(chat: SimulatedDiscord, *values: str) -> Any:
    """What a person is answered who fills in the form."""
    listed = await chat.person.slash(chat.channel, "claims")
    form = await chat.person.click(listed.response, label="Add your own")
    fields = [row["components"][0]["custom_id"] for row in form._interaction.modal["components"]]
    return await chat.person.submit_modal(form, dict(zip(fields, values, strict=True)))


async def test_a_claim_is_shown_in_full_with_its_formula_and_its_source(chat: SimulatedDiscord) -> None:
    listed = await chat.person.slash(chat.channel, "claims", date="2026-01-11")
    assert "as of the close of Fri, Jan 9, 2026" in answer_text(listed)
    shown = await chat.person.select(listed.response, values=["nasdaq-70 2026-01-09"])
    text = answer_text(shown)
    assert "0.947 points" in text
    assert "Market commentary, Jan 2026" in text
    assert "As of the close of Fri, Jan 9, 2026" in text


async def test_a_claim_of_ones_own_is_judged_kept_listed_and_removed(chat: SimulatedDiscord) -> None:
    added = await submitted(chat, *FORM)
    text = answer_text(added)
    assert "Such \\*\\*days\\*\\* are good for the Nasdaq" in text
    assert "**Not supported**: 42 of 79 times" in text
    assert "the Nasdaq up after 5 sessions, 70% of the time" in text
    kept = await chat.core.store.read(claims.of_person, chat.person.id)
    assert [(claim.horizon, claim.share, claim.outcome) for claim in kept] == [(5, 0.7, "^IXIC")]
    listed = await chat.person.slash(chat.channel, "claims")
    own = await chat.person.click(listed.response, label="Your claims")
    assert "Your claims, as of the close of Tue, Jan 13, 2026" in answer_text(own)
    card = await chat.person.select(own.response or own.followups[0], values=[str(kept[0].id)])
    [message] = [each for each in (card.response, *card.followups) if each is not None]
    assert button_labels(message) == ["Remove"]
    assert "The claim is gone." in answer_text(await chat.person.click(message, label="Remove"))
    assert await chat.core.store.read(claims.count, chat.person.id) == 0


async def test_a_claim_may_be_on_an_own_signal_of_its_person_by_its_name(chat: SimulatedDiscord) -> None:
    values = ["^IXIC leads", "", "mine.lead above 1.5", "^IXIC", "60"]
    assert "No signal “mine.lead”" in answer_text(await submitted(chat, *values))
    chat.core.own.current = OwnSignals((OwnSignal("^IXIC/^GSPC", "lead", user_id=chat.person.id),))
    added = answer_text(await submitted(chat, *values))
    assert "lead (^IXIC/^GSPC) above 1.5" in added
    [kept] = await chat.core.store.read(claims.of_person, chat.person.id)
    assert kept.spec.signal == "own.^IXIC/^GSPC"


async def test_what_is_no_study_is_refused_with_a_form_that_works(chat: SimulatedDiscord) -> None:
    for place, typed, sentence in (
        (2, "silver goes up", 'is not a condition. Type one such as weighting.rsp_spy.spread_1d above 0.9.'),
        (2, "weighting.rsp_spy.spread_1x above 0.9", "Did you mean weighting.rsp_spy.spread_1d"),
        (3, "^IXIC after 400", '“^IXIC after 400” is not an outcome.'),
        (3, "nope", 'There are no prices of "NOPE".'),
        (4, "130", '“130” is not a percentage between 0 and 100. Type one such as 70.'),
        (4, "often", '“often” is not a percentage between 0 and 100. Type one such as 70.'),
    ):  # fmt: skip
        values = [*FORM]
        values[place] = typed
        assert sentence in answer_text(await submitted(chat, *values)), typed
    assert await chat.core.store.read(claims.count, chat.person.id) == 0


async def test_a_person_stores_so_many_claims_and_no_more(chat: SimulatedDiscord) -> None:
    spec = AlertSpec("weighting.rsp_spy.spread_1d", Measure.VALUE, Condition.ABOVE, 0.9)
    claim = claims.OwnClaim("More", "a friend", spec, "^IXIC", 1, 0.7)
    for _ in range(MOST):
        await chat.core.store.run(claims.add, claim, owner_id=chat.person.id, most=MOST, now=chat.core.now())
    assert "You have 20 claims, which is the most." in answer_text(await submitted(chat, *FORM))
    assert await chat.core.store.read(claims.count, chat.person.id) == MOST
