"""A broadcast that is stopped takes back what waits for its print run, too."""

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from engine.channels.letters_print.runs import PrintRuns
from engine.model.journeys import Journey
from engine.model.messages import Reason, Status
from engine.ports import FanOut
from engine.wiring.broadcasting import Action, act
from engine.wiring.settings import load_settings
from tests.channels.printing.letters import letter, message_id, printed
from tests.channels.printing.test_recalled import House
from tests.contracts.samples import day

NEWS = cast(Journey, SimpleNamespace(id="welcome-pack"))


def stopped(house: House, letters: str) -> str:
    settings = load_settings(letters=letters, delivery_dir=house.root)
    return act(house.store, settings, NEWS, Action.STOP, day(2))


def under_way(tmp_path: Path, **members: Any) -> House:
    """A broadcast of which one letter waits, beside one of an earlier time."""
    house = House(tmp_path)
    house.store.begin_broadcast(
        FanOut(id="b1", journey=NEWS.id, at=day(0.5), by_hand=True, **members), shared=False
    )
    house.send(letter(1, at=day(0)), letter(2, at=day(0.5) + timedelta(minutes=1)))
    return house


def test_its_letters_that_wait_are_left_out(tmp_path: Path) -> None:
    house = under_way(tmp_path)
    assert stopped(house, "print") == "stopped; 1 messages were left out"
    assert house.outcome(2) == (Status.SKIPPED, Reason.STOPPED)
    house.close(day(3))
    assert printed(house.root) == [message_id(1)]


def test_they_are_even_where_nothing_else_of_it_is_under_way(tmp_path: Path) -> None:
    house = under_way(tmp_path, done=True)
    assert stopped(house, "print") == "stopped; 1 messages were left out"
    assert stopped(house, "print") == "nothing of it is under way"


def test_letters_in_a_run_are_gone(tmp_path: Path) -> None:
    house = under_way(tmp_path, done=True)
    house.close(day(1.9))
    assert stopped(house, "print") == "nothing of it is under way"
    assert sum(run.letters for run in PrintRuns(house.root).runs()) == 2


def test_what_lies_in_a_folder_is_handed_over(tmp_path: Path) -> None:
    house = under_way(tmp_path, done=True)
    assert stopped(house, "folder") == "nothing of it is under way"
    assert house.outcome(2) == (Status.SENT, None)
