"""The embedded engine by the real clock: what is due goes out, what was withdrawn in between does not."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from engine.channels.rate import Rate
from engine.intake.identify import Identification
from engine.model.errors import ServiceUnavailable, Unsettled
from engine.model.messages import Message
from engine.model.program import Program
from engine.ports import Answer, MessageFilter, Outgoing
from engine.runtime.advance import Advance
from engine.runtime.forecast import forecast
from engine.runtime.outages import ChannelsUnavailable, Outage, Pauses, Resting
from engine.runtime.worker import Worker
from engine.store.sqlite import SqliteStore
from engine.wiring.delivery import OneProject, deliverer_for
from engine.wiring.deployed import Project
from engine.wiring.projects import load, runnable
from engine.wiring.settings import Settings
from tests.runtime.deliver_world import Provider
from tests.support import event, local, purchase, told, write_project

JOURNEYS = {
    "soon": "purpose: care\nstart: {on: purchase.recorded, per: vehicle}\nsteps:\n  - send: hello\n    by: sms\n"
    "  - wait: 30 days\n  - send: hello\n    by: sms\n",
    "news": "purpose: newsletter\nstart: {schedule: monthly, at: '10:00', audience: customer.email}\n"
    "steps:\n  - send: hello\n    by: email\n",
}


class Clock:
    """Stands still until it is set."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


class Engine:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        project = write_project(folder, JOURNEYS)
        loaded = load(project)
        self.program: Program = runnable(loaded, project, drafts=False)
        self.clock = Clock(local("2025-03-01 10:30"))
        self.store = SqliteStore(folder / "milepost.db")
        self.advance = Advance(self.program, self.store, Identification(), self.clock)
        settings = Settings(delivery_dir=folder / "delivered")
        works = OneProject(Project(loaded=loaded, program=self.program, folder=project))
        deliverer = deliverer_for(works, self.store, settings)
        self.seconds = 0.0
        resting = Resting(seconds=lambda: self.seconds)
        for one in (deliverer, deliverer._group):  # the real clock stands in the settings
            one._clock, one._resting = self.clock, resting
        self.outages: list[Outage] = []
        self.back: list[str] = []
        self.worker = Worker(self.advance, deliverer, on_outage=self.outages.append, on_back=self.back.append)

    def ledger(self) -> list[Message]:
        return [row.message for row in self.store.messages(MessageFilter())]


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return Engine(tmp_path)


def outcome(engine: Engine) -> list[str]:
    return [f"{line} {one.status}" for one in engine.ledger() for line in told([one])]


def test_what_is_due_goes_out(engine: Engine) -> None:
    engine.advance.take([purchase("2025-03-01 09:00")])
    engine.worker.run_until_idle()
    assert outcome(engine) == ["2025-03-01 10:30 hello sms sent"]
    engine.clock.moment = local("2025-04-02 08:00")
    engine.worker.run_until_idle()
    assert (
        outcome(engine)[1:]
        == [
            "2025-04-02 08:00 hello email sent",  # the schedule's moment, and the wait, had passed meanwhile
            "2025-04-02 08:00 hello-2 sms sent",
        ]
        or sorted(outcome(engine)[1:])
        == [
            "2025-04-02 08:00 hello email sent",
            "2025-04-02 08:00 hello-2 sms sent",
        ]
    )


def test_a_withdrawal_between_decision_and_sending_stops_the_message(engine: Engine) -> None:
    engine.advance.take([purchase("2025-03-01 09:00")])
    no = event("consent.withdrawn", "2025-03-01 09:30", plate=None, channel="sms", purpose="all")
    engine.advance.take([no])
    engine.worker.run_until_idle()
    assert [(one.status, one.reason) for one in engine.ledger()] == [("skipped", "no consent")]
    assert not list((engine.folder / "delivered").rglob("*.txt"))


def test_what_waited_too_long_to_be_sent_is_skipped(engine: Engine) -> None:
    engine.advance.take([purchase("2025-03-01 09:00")])
    engine.clock.moment += timedelta(days=8)
    engine.worker.run_until_idle()
    assert [(one.status, one.reason) for one in engine.ledger()] == [("skipped", "too late")]


def test_until_idle_all_else_is_done_before_it_ends_with_what_cannot_be_used(engine: Engine) -> None:
    engine.advance.take([purchase("2025-03-01 09:00")])
    engine.worker.run_until_idle()
    engine.clock.moment = local("2025-04-02 08:00")
    in_the_way = engine.folder / "delivered" / "sms"
    in_the_way.rename(engine.folder / "away")
    in_the_way.write_text("in the way")
    with pytest.raises(ChannelsUnavailable) as refused:
        engine.worker.run_until_idle()
    assert refused.value.exit_code == 3
    [outage] = refused.value.outages
    assert (outage.channel, outage.waiting) == ("sms", 1)
    assert sorted(outcome(engine)) == [
        "2025-03-01 10:30 hello sms sent",
        "2025-04-02 08:00 hello email sent",
        "2025-04-02 08:00 hello-2 sms queued",
    ]
    in_the_way.unlink()
    engine.seconds += 1
    engine.worker.run_until_idle()
    assert [one.status for one in engine.ledger()] == ["sent", "sent", "sent"]


def by_sms(engine: Engine, provider: Provider) -> None:
    """Three messages are due, which go by the provider."""
    deliverer = engine.worker._deliverer
    deliverer._channels = deliverer._group._channels = {"sms": provider}
    deliverer._resting = deliverer._group._resting = Resting(Pauses(first_s=0.01))
    engine.advance.take(
        [purchase("2025-03-01 09:00", plate=f"沪A1234{n}", customer={"name": "王芳"}) for n in range(3)]
    )


def test_until_idle_what_the_rate_lets_go_later_goes_too(engine: Engine) -> None:
    provider = Provider(repeatable=False)
    provider.rate = Rate(50)
    provider.rate.take(5)
    by_sms(engine, provider)
    engine.worker.run_until_idle()
    assert {one.status for one in engine.ledger()} == {"sent"}


class Forgetful(Provider):
    """Its answers are lost, so many times."""

    lost = 1

    def deliver(self, outgoings: Sequence[Outgoing]) -> list[Answer]:
        if self.lost:
            self.lost -= 1
            waits = ServiceUnavailable("The provider gave no answer.", passing=True)
            return [Unsettled("No answer came."), *[waits] * (len(outgoings) - 1)]
        return super().deliver(outgoings)


def test_until_idle_one_answer_that_is_lost_ends_nothing(engine: Engine) -> None:
    by_sms(engine, Forgetful(repeatable=False))
    engine.worker.run_until_idle()
    assert sorted(one.status for one in engine.ledger()) == ["sent", "sent", "unknown"]


def test_until_idle_it_ends_where_what_should_pass_does_not(engine: Engine) -> None:
    provider = Provider(repeatable=False)
    provider.fault = ServiceUnavailable("The provider is busy.", passing=True)
    by_sms(engine, provider)
    with pytest.raises(ChannelsUnavailable):
        engine.worker.run_until_idle()
    assert len(provider.groups) == 4
    assert {one.status for one in engine.ledger()} == {"queued"}


def test_an_outage_is_told_once_when_it_begins_and_once_when_it_ends(engine: Engine) -> None:
    engine.advance.take([purchase("2025-03-01 09:00")])
    in_the_way = engine.folder / "delivered"
    in_the_way.write_text("in the way")
    for _ in range(9):
        with pytest.raises(ChannelsUnavailable):
            engine.worker.run_until_idle()
        engine.seconds += 300
    assert [one.channel for one in engine.outages] == ["sms"]
    assert engine.back == []
    in_the_way.unlink()
    for _ in range(3):
        engine.worker.run_until_idle()
    assert (len(engine.outages), engine.back) == (1, ["sms"])


def test_an_outage_for_another_reason_is_told_as_well(engine: Engine) -> None:
    engine.advance.take([purchase("2025-03-01 09:00")])
    delivered = engine.folder / "delivered"
    delivered.write_text("in the way")
    with pytest.raises(ChannelsUnavailable):
        engine.worker.run_until_idle()
    delivered.unlink()
    delivered.mkdir()
    (delivered / "sms").write_text("in the way")
    engine.seconds += 1
    with pytest.raises(ChannelsUnavailable):
        engine.worker.run_until_idle()
    assert [one.problem.split(" cannot")[0] for one in engine.outages] == [
        str(delivered),
        str(delivered / "sms"),
    ]
    assert engine.back == []


def test_a_schedule_that_was_missed_while_nothing_ran_is_made_up_within_grace(engine: Engine) -> None:
    engine.advance.take([purchase("2025-03-01 09:00")])
    engine.worker.run_until_idle()
    engine.clock.moment = local("2025-04-03 12:00")
    engine.worker.run_until_idle()
    assert [one.status for one in engine.ledger() if one.journey == "news"] == ["sent"]
    engine.clock.moment = local("2025-05-20 12:00")
    engine.worker.run_until_idle()
    assert [one.reason for one in engine.ledger() if one.journey == "news"] == [None, "too late"]


def test_a_forecast_is_what_then_happens(engine: Engine) -> None:
    engine.advance.take([purchase("2025-03-01 09:00")])
    [customer] = engine.store.find([("mobile", "+8613800000001")])
    now = engine.clock.now()
    coming = told(forecast(engine.program, customer, now, now + timedelta(days=40)))
    assert coming == ["2025-03-31 09:00 hello-2 sms", "2025-04-01 10:00 hello email"]


def test_a_new_version_of_the_journeys_reckons_waits_anew(engine: Engine, tmp_path: Path) -> None:
    engine.advance.take([purchase("2025-03-01 09:00")])
    engine.worker.run_until_idle()
    project = write_project(tmp_path, {**JOURNEYS, "soon": JOURNEYS["soon"].replace("30 days", "5 days")})
    changed = runnable(load(project), project, drafts=False)
    assert changed.version != engine.program.version
    advance = Advance(changed, engine.store, Identification(), engine.clock)
    engine.clock.moment = local("2025-03-06 10:00")
    advance.catch_up()
    assert "2025-03-06 10:00 hello-2 sms queued" in outcome(engine)


def test_the_clock_is_never_set_back() -> None:
    from engine.wiring.clocks import RealClock  # noqa: PLC0415

    clock = RealClock()
    first = clock.now()
    assert clock.now() >= first
    assert first.tzinfo is UTC
