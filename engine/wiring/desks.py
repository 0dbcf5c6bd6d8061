"""The print desk of what runs: it asks once more before letters go, and confirmations that it reads go the way of all
receipts."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from engine.channels.letters_print.desk import Desk, Tell
from engine.decide import may_send
from engine.model.customer import Customer
from engine.model.messages import Message, Reason
from engine.model.standing import Hold
from engine.ports import Store
from engine.runtime.last_question import Lately
from engine.runtime.recalling import Recalled, Recalling
from engine.wiring.deployed import Projects
from engine.wiring.printing import desk_of, is_printing, runs_of
from engine.wiring.receipts import take
from engine.wiring.settings import Settings


def desk_for(
    projects: Projects,
    store: Store,
    folder: Path,
    settings: Settings,
    *,
    now: Callable[[], datetime | None],
    tell: Tell,
) -> Desk | None:
    """None where letters are not printed in runs. `store` is the whole of it, as letters of all customers lie together.
    Raises `UsageError` for settings that do not go together."""
    if not is_printing(settings):
        return None
    policy = projects.present.program.policy

    def taken(path: Path) -> str:
        told = take(path, "print-confirmation", settings, folder)
        for one in told.rejections:
            tell(
                f"letters: {one.file}:{one.line}: {one.reason}",
                "rejected",
                {"file": one.file, "line": one.line},
            )
        return str(told)

    ask = recalling_for(projects, store, settings).ask
    return desk_of(settings, policy, now=now, tell=tell, take=taken, ask=ask)


def recalling_for(projects: Projects, store: Store, settings: Settings) -> Recalling:
    """Who asks, by what is in force, whether letters may go that wait for their run."""

    def ask_again(
        customer: Customer | None, message: Message, now: datetime, _lately: Lately
    ) -> Reason | Hold | None:
        return may_send(projects.present.program, customer, message, now)

    return Recalling(store, ask_again, shared=bool(settings.kafka_bootstrap))


def stop_letters(store: Store, settings: Settings, journey: str, since: datetime, now: datetime) -> int:
    """Takes back what waits here for a print run of what the journey has decided at `since` or later. Returns how many
    letters; none where letters are not printed in runs, or those that wait lie elsewhere."""
    if not is_printing(settings):
        return 0
    recalling = Recalling(store, lambda *_: None, shared=bool(settings.kafka_bootstrap))

    def stopped(ids: Sequence[str], at: datetime) -> Recalled:
        return recalling.stop(ids, journey, since, at)

    return len(runs_of(settings).take_back(now, stopped).gone)
