"""Random lives of alerts, side by side with the model: whatever happens in between, the same messages, each once."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.alerts import composites, engine
from bot.alerts.rules import new_triggers
from bot.database.alerts import alert_manner, alerts
from bot.database.codec import rows
from bot.database.connection import connect, transaction
from bot.database.places import destinations, subscriptions
from bot.domain.model import After, AlertSpec, Combination, Condition, Repeat, Timing
from signals.core.model import Measure, Measures, Reading, State
from tests.bot.alerts.model import Model, ModelAlert, ModelComposite, Seen, sides

SIGNALS = ("a.one", "a.two")
FIRST = date(2026, 1, 5).toordinal()
START = datetime(2026, 1, 5, 21, tzinfo=UTC)
TOPIC = AlertSpec("a.one", Measure.VALUE, Condition.CROSSES, 3.0, band=0.5)

numbers = st.one_of(st.integers(0, 7).map(float), st.sampled_from([0.3, 2.99999999]))
levels = st.sampled_from([2.0, 2.5, 3.0, 0.000000001, 0.1 + 0.2, 2.999999999, 3.000000001])
seen_values = st.one_of(
    st.none(),
    st.fixed_dictionaries({"value": numbers, "change_1d": st.one_of(st.none(), numbers)}),
    st.fixed_dictionaries({"value": numbers, "change_1d": numbers}),
)
market = st.fixed_dictionaries(dict.fromkeys(SIGNALS, seen_values))
closes_only = st.tuples(st.just(Timing.CLOSE), st.integers(1, 3))
every_crossing = st.tuples(
    st.just(Repeat.EVERY), st.sampled_from([(After.NOTHING, 0), (After.BACK, 0), (After.REMIND, 1), (After.REMIND, 3)])
)
only_once = st.just((Repeat.ONCE, (After.NOTHING, 0)))
specs = st.builds(
    lambda timing, ends, **rest: AlertSpec(
        timing=timing[0], confirm=timing[1], repeat=ends[0], after=ends[1][0], remind_every=ends[1][1], **rest
    ),
    ends=st.one_of(every_crossing, every_crossing, only_once),
    timing=st.one_of(closes_only, st.just((Timing.LIVE, 1))),
    signal=st.sampled_from(SIGNALS),
    measure=st.sampled_from((Measure.VALUE, Measure.CHANGE_1D)),
    condition=st.sampled_from(Condition),
    level=levels,
    level_high=st.sampled_from([4.0, 4.999999999, 5.5]),
    cooldown_days=st.sampled_from([0, 0, 2, 5]),
    band=st.sampled_from([0.0, 0.0, 0.000000001, 0.1 + 0.2, 0.5, 1.0, 3.0]),
)
picks = st.integers(0, 99)


class PowerCutError(Exception):
    """The process dies before the transaction is committed."""


class Engine(RuleBasedStateMachine):
    """Steps of a life; sessions are calendar days in a row."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "bot.db"
        self.db = connect(self.path, synchronous="OFF")
        self.model, self.today, self.minutes = Model(), FIRST, 0
        self.known: dict[tuple[str, str], float] = {}
        with transaction(self.db):
            self.places = [
                destinations.dm_destination(self.db, 7, channel_id=70, now=self.now).id,
                destinations.channel_destination(self.db, 9, 5, now=self.now).id,
            ]
            start = new_triggers(TOPIC, None, self.session)
            topic = alerts.add_topic(self.db, "topic", TOPIC, start, now=self.now)
            for place in self.places:
                subscriptions.subscribe(self.db, "topic", place, created_by=7, now=self.now)
        self.topic = topic.id
        self.model.alerts[topic.id] = ModelAlert(topic.id, TOPIC, FIRST, dict.fromkeys(self.places, 0), sides(TOPIC))

    @property
    def now(self) -> datetime:
        return START + timedelta(minutes=self.minutes)

    @property
    def session(self) -> date:
        return date.fromordinal(self.today)

    def readings(self, session: int, values: Mapping[str, Mapping[str, float | None] | None], *, final: bool = True):
        """The same readings for the engine and for the model."""
        real: dict[str, Reading] = {}
        for signal, found in values.items():
            state = State.WITHHELD if found is None else State.FINAL if final else State.PROVISIONAL
            value, change = (None, None) if found is None else (found["value"], found["change_1d"])
            measures = Measures(change_1d=change)
            real[signal] = Reading(signal, date.fromordinal(session), value, state, measures=measures)
        return real, {signal: Seen(final, found) for signal, found in values.items()}

    def learn(self, values: Mapping[str, Mapping[str, float | None] | None]) -> None:
        for signal, found in values.items():
            for which, value in (found or {}).items():
                if value is not None:
                    self.known[signal, which] = value

    def evaluate(self, session: int, values, *, final: bool = True, notify: bool = True) -> None:
        real, simple = self.readings(session, values, final=final)
        with transaction(self.db):
            engine.evaluate(self.db, date.fromordinal(session), real, now=self.now, notify=notify)
        self.model.evaluate(session, simple, self.minutes, set(SIGNALS) if notify else set())
        self.learn(values)

    @rule(sessions=st.lists(market, min_size=1, max_size=4), restarts=st.booleans())
    def closes(self, sessions, restarts: bool) -> None:
        """The final readings of some sessions, each on its evening, perhaps with a restart every night."""
        for values in sessions:
            self.evaluate(self.today, values)
            self.today += 1
            if restarts:
                self.restart()

    @rule(values=market, back=st.sampled_from([0, 0, 0, 1, 2]))
    def in_session(self, values, back: int) -> None:
        """Provisional readings of the running session, sometimes of an old one by mistake."""
        self.evaluate(max(FIRST, self.today - back), values, final=False)

    @rule(values=market)
    def suppressed_check(self, values) -> None:
        self.evaluate(self.today, values, notify=False)

    @rule(values=market, back=st.integers(1, 4))
    def revision(self, values, back: int) -> None:
        """A session already behind us comes again, or comes late."""
        self.evaluate(max(FIRST, self.today - back), values)

    @rule(days=st.integers(1, 3))
    def nobody_looks(self, days: int) -> None:
        self.today += days

    @rule(sessions=st.lists(market, min_size=1, max_size=8))
    def catch_up(self, sessions) -> None:
        """The newest sessions in order, some of them perhaps looked at before."""
        first = max(FIRST, self.today - len(sessions) + 1)
        both = [self.readings(first + number, values) for number, values in enumerate(sessions)]
        known = set(self.model.last_final)
        with transaction(self.db):
            missed = [(date.fromordinal(first + number), real) for number, (real, _) in enumerate(both)]
            engine.catch_up(self.db, missed, now=self.now)
        for number, (_, simple) in enumerate(both):
            notifying = known if number >= len(both) - 5 else set()
            self.model.evaluate(first + number, simple, self.minutes, notifying)
        for values in sessions:
            self.learn(values)
        self.today = first + len(sessions)

    @rule(values=market)
    def power_cut(self, values) -> None:
        """The check is cut off after the engine's work and before the commit, and everything starts again."""
        real, _ = self.readings(self.today, values)
        with contextlib.suppress(PowerCutError), transaction(self.db):
            engine.evaluate(self.db, self.session, real, now=self.now)
            raise PowerCutError
        self.restart()

    @rule()
    def restart(self) -> None:
        self.db.close()
        self.db = connect(self.path, synchronous="OFF")

    @precondition(lambda self: len(self.model.alerts) < 8)
    @rule(spec=specs, is_known=st.booleans())
    def add(self, spec: AlertSpec, is_known: bool) -> None:
        known = self.known.get((spec.signal, spec.measure)) if is_known else None
        with transaction(self.db):
            alert = alerts.add(
                self.db,
                spec,
                new_triggers(spec, known, self.session),
                owner_id=7,
                guild_id=None,
                destination_id=self.places[0],
                now=self.now,
            )
        stored = ModelAlert(alert.id, spec, self.today, {self.places[0]: 0}, [])
        stored.start(spec, known, self.today)
        self.model.alerts[alert.id] = stored

    def pick(self, number: int) -> ModelAlert:
        ids = sorted(self.model.alerts)
        return self.model.alerts[ids[number % len(ids)]]

    @rule(number=picks, spec=specs)
    def edit(self, number: int, spec: AlertSpec) -> None:
        alert = self.pick(number)
        known = self.known.get((spec.signal, spec.measure))
        with transaction(self.db):
            alerts.edit(self.db, alert.id, spec, new_triggers(spec, known, self.session))
            composites.settle(self.db, alert.id)
        alert.start(spec, known, self.today)
        self.model.settle(alert.id)

    @precondition(lambda self: len(self.model.alerts) > 1)
    @rule(number=picks)
    def remove(self, number: int) -> None:
        alert = self.pick(number)
        if alert.id == self.topic or any(alert.id in each.members for each in self.model.composites.values()):
            return
        with transaction(self.db):
            assert alerts.remove(self.db, alert.id)
        del self.model.alerts[alert.id]
        self.model.notified = [each for each in self.model.notified if each[0] != alert.id]

    @precondition(lambda self: len(self.model.composites) < 3)
    @rule(numbers=st.lists(picks, min_size=2, max_size=4), at_least=st.integers(1, 3), within=st.integers(1, 3))
    def combine(self, numbers: list[int], at_least: int, within: int) -> None:
        members = list(dict.fromkeys(self.pick(number).id for number in numbers))
        at_least = min(at_least, len(members))
        named = tuple("topic" if member == self.topic else member for member in members)
        with transaction(self.db):
            made = composites.create(
                self.db,
                Combination(at_least, within, named),
                owner_id=7,
                guild_id=None,
                destination_id=self.places[0],
                session=self.session,
                now=self.now,
            )
        self.model.composites[made.id] = ModelComposite(made.id, at_least, within, members, self.today, self.places[0])
        self.model.settle(made.id)

    @rule(number=picks, silent=st.booleans())
    def pause_or_resume(self, number: int, silent: bool) -> None:
        """An alert or a composite."""
        everything = [*self.model.alerts.values(), *self.model.composites.values()]
        chosen = everything[number % len(everything)]
        with transaction(self.db):
            alert_manner.pause(self.db, chosen.id, now=self.now if silent else None)
        chosen.paused = silent

    @rule(number=picks, minutes=st.sampled_from([0, 0, 5, 30]))
    def snooze(self, number: int, minutes: int) -> None:
        alert = self.pick(number)
        until = self.now + timedelta(minutes=minutes)
        with transaction(self.db):
            assert subscriptions.snooze(self.db, alert.id, self.places[0], until)
        alert.subscribers[self.places[0]] = self.minutes + minutes

    @rule(minutes=st.sampled_from([5, 30]))
    def time_passes(self, minutes: int) -> None:
        self.minutes += minutes

    @rule(number=st.integers(0, 1), shut=st.booleans())
    def park_or_unpark(self, number: int, shut: bool) -> None:
        place = self.places[number]
        with transaction(self.db):
            if shut:
                destinations.park(self.db, place, "refused", now=self.now)
            else:
                destinations.unpark(self.db, place, now=self.now)
        (self.model.closed_places.add if shut else self.model.closed_places.discard)(place)

    @invariant()
    def the_same_messages(self) -> None:
        found = rows(self.db, "SELECT * FROM outbox WHERE alert_id IS NOT NULL ORDER BY id")
        columns = ("alert_id", "direction", "destination_id", "session", "value", "event")
        enqueued = [tuple(each[column] for column in columns) for each in found]
        assert sorted(enqueued) == sorted(self.model.notified)

    @invariant()
    def the_same_states(self) -> None:
        for alert in self.model.alerts.values():
            stored = alerts.triggers_of(self.db, alert.id)
            names = {None: "new", False: "armed", True: "fired"}
            expected = ["ended" if alert.over else names[side.far] for side in alert.sides]
            assert [each.state.value for each in stored] == expected
            if not alert.over:
                assert [each.streak for each in stored] == [side.run for side in alert.sides]
            assert [each.generation for each in stored] == [side.crossings for side in alert.sides]

    @invariant()
    def the_same_composites(self) -> None:
        for composite in self.model.composites.values():
            (stored,) = alerts.triggers_of(self.db, composite.id)
            counted = rows(
                self.db, "SELECT inside FROM member WHERE composite_id = ? ORDER BY position", (composite.id,)
            )
            assert [bool(each["inside"]) for each in counted] == composite.inside
            assert (stored.state.value, stored.generation) == (
                "fired" if composite.enough else "armed",
                composite.crossings,
            )

    @invariant()
    def every_firing_is_in_the_history(self) -> None:
        kept = rows(self.db, "SELECT alert_id, count(*) AS n FROM firing WHERE outcome = 'told' GROUP BY alert_id")
        told = [(each[0], each[3]) for each in self.model.notified if each[5] == "fired" and each[0] != self.topic]
        for record in kept:
            assert record["n"] == sum(alert_id == record["alert_id"] for alert_id, _ in told)

    @invariant()
    def never_twice_for_one_generation(self) -> None:
        twice = rows(self.db, "SELECT key, count(*) AS n FROM outbox GROUP BY key HAVING n > 1")
        assert twice == []

    def teardown(self) -> None:
        if hasattr(self, "db"):
            self.db.close()
            self.folder.cleanup()


class TestEngineMachine(Engine.TestCase):
    settings = settings(
        max_examples=max(settings.default.max_examples - 120, 25),
        stateful_step_count=40,
        suppress_health_check=[HealthCheck.too_slow],
    )
    pytestmark = pytest.mark.slow
