"""The verbs. Each is one module here and one entry of `VERBS`: a table of keys, and how a step is built.

A new verb of the language is added by a module like the others, an entry in `VERBS`, its struct in
`engine.model.journeys`, and its walk in `engine.decide`.
"""

from collections.abc import Mapping

from engine.language.journeys.steps.branch import IfVerb
from engine.language.journeys.steps.choose import ChooseVerb
from engine.language.journeys.steps.emit import EmitVerb
from engine.language.journeys.steps.end import EndVerb
from engine.language.journeys.steps.remember import SetVerb, TagVerb, UntagVerb
from engine.language.journeys.steps.repeat import RepeatVerb
from engine.language.journeys.steps.send import SendVerb
from engine.language.journeys.steps.split import SplitVerb
from engine.language.journeys.steps.task import TaskVerb
from engine.language.journeys.steps.verb import Verb
from engine.language.journeys.steps.wait import WaitVerb
from engine.language.journeys.steps.wait_for import WaitForVerb

VERBS: Mapping[str, Verb] = {
    verb.name: verb
    for verb in (
        WaitVerb(),
        WaitForVerb(),
        SendVerb(),
        IfVerb(),
        ChooseVerb(),
        SplitVerb(),
        RepeatVerb(),
        TaskVerb(),
        SetVerb(),
        TagVerb(),
        UntagVerb(),
        EmitVerb(),
        EndVerb(),
    )
}

__all__ = ["VERBS", "Verb"]
