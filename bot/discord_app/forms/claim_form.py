"""The form of a claim of one's own: a sentence, and the study that it maps to."""

from __future__ import annotations

from bot.commands.input_limits import DEFAULT_LIMIT
from bot.commands.record import claims
from bot.discord_app import interactions
from bot.discord_app.bot_base import Interaction
from bot.discord_app.forms.forms import Form, TextInput, text_field
from bot.discord_app.interactions import caller_of, core_of


def _field(label: str, example: str, *, required: bool = True) -> TextInput:
    return text_field(label, hint=example, required=required, most=DEFAULT_LIMIT)


class NewClaimModal(Form):
    """What is claimed, who says so, after which condition, what follows, and how often."""

    def __init__(self) -> None:
        super().__init__(title="A claim to be judged")
        self._sentence = _field("The claim", "Such days are good for the Nasdaq")
        self._source = _field("Who says so, and when", "A newsletter, Jan 13, 2026", required=False)
        self._condition = _field("After this condition", claims.CONDITION_EXAMPLE)
        self._outcome = _field("This rises, after so many sessions", claims.OUTCOME_EXAMPLE)
        self._share = _field("How often, in percent?", "70")
        for item in (self._sentence, self._source, self._condition, self._outcome, self._share):
            self.add_item(item)

    async def submitted(self, interaction: Interaction) -> None:
        """Judge the claim and store it."""
        core, caller = core_of(interaction), caller_of(interaction)
        request = claims.ClaimRequest(
            sentence=self._sentence.value,
            source=self._source.value,
            condition=self._condition.value,
            outcome=self._outcome.value,
            share=self._share.value,
        )
        await interactions.respond_later(interaction, lambda: claims.add(core, caller, request))
