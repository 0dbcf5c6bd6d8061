"""The verbs. Each is one module here and one entry of `VERBS`: a table of keys, and how a step is built.

A new verb of the language is added by a module like the others, an entry in `VERBS` (in place of that in
`LATER`), its struct in `engine.model.journeys`, and its walk in `engine.decide`.
"""

from collections.abc import Mapping

from engine.language.journeys.steps.branch import IfVerb
from engine.language.journeys.steps.end import EndVerb
from engine.language.journeys.steps.repeat import RepeatVerb
from engine.language.journeys.steps.send import SendVerb
from engine.language.journeys.steps.verb import Verb
from engine.language.journeys.steps.wait import WaitVerb

VERBS: Mapping[str, Verb] = {
    verb.name: verb for verb in (WaitVerb(), SendVerb(), IfVerb(), RepeatVerb(), EndVerb())
}

LATER: Mapping[str, str] = {
    "wait_for": "waits for an event",
    "choose": "takes the first branch that fits",
    "split": "takes a branch by lot",
    "task": "gives a person a piece of work",
    "set": "remembers something on the customer",
    "tag": "tags the customer",
    "untag": "takes a tag off the customer",
    "emit": "makes an event of the project's own",
}
"""Verbs that the language has and that are not built yet."""

__all__ = ["LATER", "VERBS", "Verb"]
