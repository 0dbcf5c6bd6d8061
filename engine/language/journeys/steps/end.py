"""`end`: ends the run."""

from engine.language.journeys.drafts import StepDraft
from engine.language.journeys.scene import Scene
from engine.language.journeys.steps.verb import Verb
from engine.language.keys import Key, Kind
from engine.language.keys.kinds import Schema, wrong_shape
from engine.language.report import Report
from engine.language.source import Node, ScalarNode
from engine.model.journeys import End


class _Nothing(Kind[bool]):
    """`end:` with nothing behind it, or `true`."""

    words = "nothing behind `end:`"

    def read(self, node: Node, report: Report) -> bool | None:
        if isinstance(node, ScalarNode) and (node.is_empty or node.text in ("true", "run")):
            return True
        wrong_shape(node, self.words, report)
        return None

    def schema(self) -> Schema:
        return {"enum": [None, True, "run"]}


END: Key[bool] = Key(name="end", kind=_Nothing(), about="ends the run", required=True)


class EndVerb(Verb):
    name = "end"
    about = "Ends the run; written `- end`."
    keys = (END,)

    def ends(self, step: StepDraft) -> bool:
        return not step.fields.has_named("when")

    def build(self, step: StepDraft, scene: Scene) -> End | None:
        return End(**self.common(step, scene))
