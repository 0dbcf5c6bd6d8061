"""On the path of a worker it gives journeys a fault of ours, from the inside: a condition that raises at purchases for
13. The rest of the process is the real one."""

from typing import Any

from msgspec.structs import replace

from engine.model.journeys import Journey
from engine.model.program import Program
from engine.model.scope import Scope
from engine.wiring import projects

_sound = projects.runnable


def _raising(scope: Scope) -> bool:
    if scope.event is not None and scope.event.data.get("amount") == 13:
        raise ZeroDivisionError("of 王芳")
    return True


def _faulty(*given: Any, **named: Any) -> Program:
    program = _sound(*given, **named)

    def changed(journey: Journey) -> Journey:
        return replace(journey, start=replace(journey.start, when=_raising))

    starting = {on: tuple(map(changed, found)) for on, found in program.starting.items()}
    return replace(program, starting=starting)


projects.runnable = _faulty
