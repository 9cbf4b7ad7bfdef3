"""`/study`: what followed the episodes of a condition, counted over all years, with a chart."""

from __future__ import annotations

from dataclasses import replace

from bot.commands.alerts import parse
from bot.commands.alerts.draft import AlertDraft, pack_draft
from bot.commands.alerts.parse import AlertRequest
from bot.commands.alerts.texts.describe import describe
from bot.commands.context import ADVICE, Caller, Core
from bot.commands.market import study_lines
from bot.commands.market.comparables import NAMES
from bot.commands.reply import MOST_CHOICES, Button, Choice, Reply
from bot.domain.model import AlertSpec
from bot.errors import UserError
from bot.event_study.model import LONGEST, StudyAnswer, StudyQuestion
from bot.formatting import formats, signal_values
from signals.core.model import Family

_PAIRS = {
    "RSP-SPY": "Equal weight vs. S&P 500",
    "IWM-SPY": "Small caps vs. S&P 500",
    "IVE-IVW": "Value vs. growth",
}


def question(
    core: Core,
    request: AlertRequest,
    outcome: str | None = None,
    horizon: int | None = None,
    caller: Caller | None = None,
) -> StudyQuestion:
    """The question that a user typed.

    Raises UserError as a new alert on the same condition does, and for a horizon out of range.
    """
    spec = parse.draft(core, request, caller=caller).spec
    if horizon is not None and not 1 <= horizon <= LONGEST:
        raise UserError(f"A horizon of {horizon} sessions is not possible. Try 1 to {LONGEST}.")
    return StudyQuestion(_condition_only(spec), (outcome or "").strip() or "^IXIC", horizon or 1)


def of_draft(draft: AlertDraft) -> StudyQuestion:
    """The question of a button: what followed the condition of an alert."""
    return StudyQuestion(_condition_only(draft.spec))


def button(spec: AlertSpec) -> Button:
    """A button under an alert, for the study of its condition."""
    return Button("st", "Study", pack_draft(_condition_only(spec)))


def _condition_only(spec: AlertSpec) -> AlertSpec:
    return AlertSpec(spec.signal, spec.measure, spec.condition, spec.level, spec.level_high)


async def study(core: Core, caller: Caller, study_question: StudyQuestion) -> Reply:
    """The result of a study with its chart.

    Raises UserError for an unknown outcome, for a second study of one user at the same time, and
    for a condition that never began to hold.
    """
    core = core.seen_by(caller)
    if core.studies is None:
        raise UserError("Studies are switched off in this installation.")
    signal = core.signals[study_question.spec.signal]
    if signal.family is Family.OWN:
        study_question = replace(study_question, label=signal.label)
    return study_reply(core, study_question, await core.studies.ask(caller.user_id, study_question))


def study_reply(core: Core, study_question: StudyQuestion, answer: StudyAnswer) -> Reply:
    """The reply: verdict, table, worst case, eras, remarks.

    Raises UserError for a condition that never began to hold.
    """
    signal = core.signals[study_question.spec.signal]
    subject = describe(core, study_question.spec)
    first = answer.results[0]
    if first.n_episodes == 0:
        raise UserError(_no_episode_words(core, study_question, answer))
    since = first.first.year if first.first is not None else answer.session.year
    outcome = study_lines.outcome_words(answer.outcome)
    return Reply(
        title=f"{subject}: {outcome} afterwards",
        lines=(study_lines.verdict(study_question, answer),),
        table=study_lines.table(answer),
        fields=study_lines.fields(study_question, answer, signal),
        buttons=(
            Button("pv", "Set an alert here", pack_draft(study_question.spec)),
            Button("details", "Details", (signal.id,)),
        ),
        footer=core.footer(f"{since} to {formats.short_day(answer.session, year=True)}", ADVICE),
        picture=answer.picture,
    )


def _no_episode_words(core: Core, study_question: StudyQuestion, answer: StudyAnswer) -> str:
    signal, which = core.signals[study_question.spec.signal], study_question.spec.measure
    if answer.least is None or answer.greatest is None:
        return f"No reading of {signal.label} is known yet, so there is nothing to count."
    span = signal_values.between(answer.least, answer.greatest, signal, which)
    result = answer.results[0]
    data = f"the data, which begin in {result.first.year}" if result.first is not None else "the data"
    subject = f"{describe(core, study_question.spec)}:"
    if result.n_days:
        return f"{subject} this held at the start of {data}, and has not begun again. Readings range from {span}."
    return f"{subject} this has never happened in {data}. Readings range from {span}."


def complete_outcome(typed: str) -> list[Choice]:
    """Outcomes to choose from while typing: the Nasdaq, pairs of funds, then indices and funds.

    Any other ticker may be typed as well.
    """
    text = typed.strip().casefold()
    names_by_outcome = {"^IXIC": NAMES["^IXIC"], **_PAIRS, **NAMES}
    labels = [(key, f"{name} · {key}") for key, name in names_by_outcome.items()]
    return [Choice(label, key) for key, label in labels if text in label.casefold()][:MOST_CHOICES]
