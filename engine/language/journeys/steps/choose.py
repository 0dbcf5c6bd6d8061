"""`choose`: the first branch that fits."""

from collections.abc import Iterator

from engine.language import words
from engine.language.expressions import compile_condition
from engine.language.journeys.drafts import Nest, StepDraft
from engine.language.journeys.scene import Scene
from engine.language.journeys.steps.verb import Verb
from engine.language.keys import Fields, Key, ListKind, MappingKind, Placed, Table
from engine.language.source import Node, ScalarNode
from engine.model.journeys import Choose

WHEN: Key[Node] = Key(
    name="when", kind=words.EXPRESSION, about="the branch's condition", example="event.severity == 'serious'"
)
DO: Key[Node] = Key(name="do", kind=words.STEPS, about="the branch's steps", example="[…]")
ELSE: Key[Node] = Key(name="else", kind=words.STEPS, about="the steps where no branch before it fits")
BRANCH = Table(
    title="a branch of `choose`",
    about="`when` and `do`; or, as the last one, `else`.",
    keys=(WHEN, DO, ELSE),
    meant={
        "if": "when",
        "case": "when",
        "condition": "when",
        "then": "do",
        "steps": "do",
        "default": "else",
        "otherwise": "else",
    },
)
CHOOSE: Key[tuple[Placed[Fields], ...]] = Key(
    name="choose",
    kind=ListKind("branches, such as `{when: customer.email, do: […]}`", MappingKind(BRANCH)),
    about="the branches, in order",
    required=True,
    example="[{when: customer.email, do: […]}, {else: […]}]",
)


class ChooseVerb(Verb):
    name = "choose"
    about = "Takes the first branch whose condition holds, or `else`; none, where none holds."
    keys = (CHOOSE,)

    def nests(self, fields: Fields) -> tuple[Nest, ...]:
        return tuple(Nest(node) for _, node in _branches(fields) if node is not None)

    def ends(self, step: StepDraft) -> bool:
        otherwise = any(one.value.has(ELSE) for one in step.fields.get(CHOOSE) or ())
        return otherwise and not step.fields.has_named("when") and all(one.ends for one in step.blocks)

    def build(self, step: StepDraft, scene: Scene) -> Choose | None:
        common = self.common(step, scene)
        starts = iter(step.starts)
        branches = []
        seen: set[str] = set()
        closed = False
        whole = True
        for branch, node in _branches(step.fields):
            whole = _is_whole(branch, scene) and whole
            _tell_if_never(branch, closed, seen, scene)
            closed = closed or branch.has(ELSE)
            first = next(starts, step.next) if node is not None else step.next
            test = branch.get(WHEN)
            compiled = None if test is None else compile_condition(test, scene.vocabulary, scene.report)
            whole = whole and (test is None or compiled is not None)
            branches.append((compiled, first))
        return Choose(**common, branches=tuple(branches)) if whole and branches else None


def _branches(fields: Fields) -> Iterator[tuple[Fields, Node | None]]:
    """The branches, each with its steps where it has any."""
    for one in fields.get(CHOOSE) or ():
        do = one.value.get(DO)
        yield one.value, one.value.get(ELSE) if do is None else do


def _is_whole(branch: Fields, scene: Scene) -> bool:
    """Whether a branch has what it needs, and no more; reports if not."""
    if branch.unknown:
        return False
    if branch.has(ELSE):
        return branch.only_one_of((ELSE, WHEN)) and branch.only_one_of((ELSE, DO))
    for key in (WHEN, DO):
        if not branch.has(key):
            message = f"a branch of `choose` needs '{key.name}': {key.about}"
            hint = "write `{when: …, do: […]}`, or `{else: […]}` as the last one"
            scene.report.error("missing-key", branch.node.span, message, hint)
            return False
    return True


def _tell_if_never(branch: Fields, closed: bool, seen: set[str], scene: Scene) -> None:
    """Warns of a branch that no run takes: behind `else`, or with a condition that stood further up."""
    if closed:
        message = "this branch is never taken: what stands behind `else` comes too late"
        scene.report.warning("unreachable-branch", branch.node.span, message, "put `else` last")
        return
    test = branch.get(WHEN)
    if isinstance(test, ScalarNode):
        text = " ".join(test.text.split())
        if text in seen:
            message = "this branch is never taken: a branch further up has the same condition"
            scene.report.warning(
                "unreachable-branch", test.span, message, "change the condition, or take it out"
            )
        seen.add(text)
