"""`split`: a branch by lot."""

from engine.language import words
from engine.language.journeys.drafts import Nest, StepDraft
from engine.language.journeys.scene import Scene
from engine.language.journeys.steps.verb import Verb
from engine.language.keys import Fields, Key, ListKind, MappingKind, Placed, Table
from engine.language.source import Node
from engine.model.journeys import Split

SHARE: Key[float] = Key(
    name="share", kind=words.SHARE, about="how many of a hundred runs take it", required=True, example="50%"
)
NAME: Key[str] = Key(name="name", kind=words.TEXT, about="what people call it", example="with-a-gift")
DO: Key[Node] = Key(
    name="do", kind=words.STEPS, about="its steps; when left out, there are none", example="[…]"
)
PART = Table(title="a branch of `split`", about="One of the branches.", keys=(SHARE, NAME, DO))
SPLIT: Key[tuple[Placed[Fields], ...]] = Key(
    name="split",
    kind=ListKind("branches, such as `{share: 50%, name: a, do: […]}`", MappingKind(PART)),
    about="the branches; their shares add up to 100 %",
    required=True,
    example="[{share: 50%, name: a, do: […]}, {share: 50%, name: b, do: […]}]",
)

_ALIKE = 1e-9


class SplitVerb(Verb):
    name = "split"
    about = "Takes a branch by lot, for the same run always the same."
    keys = (SPLIT,)

    def nests(self, fields: Fields) -> tuple[Nest, ...]:
        given = (one.value.get(DO) for one in fields.get(SPLIT) or ())
        return tuple(Nest(node) for node in given if node is not None)

    def ends(self, step: StepDraft) -> bool:
        parts = step.fields.get(SPLIT) or ()
        every = len(parts) == len(step.blocks) and not step.fields.has_named("when")
        return every and all(block.ends for block in step.blocks)

    def build(self, step: StepDraft, scene: Scene) -> Split | None:
        common = self.common(step, scene)
        parts = [one.value for one in step.fields.get(SPLIT) or ()]
        shares = [share for part in parts if (share := part.get(SHARE)) is not None]
        if not parts or len(shares) < len(parts) or not _are_whole(shares, step.fields, scene):
            return None
        starts = iter(step.starts)
        branches: list[tuple[float, int]] = []
        end = 0.0
        for part, share in zip(parts, shares, strict=True):
            end += share
            branches.append((end, step.next if part.get(DO) is None else next(starts, step.next)))
        branches[-1] = (1.0, branches[-1][1])
        names = tuple(part.get(NAME) or f"{place}" for place, part in enumerate(parts, start=1))
        return Split(**common, branches=tuple(branches), names=names)


def _are_whole(shares: list[float], fields: Fields, scene: Scene) -> bool:
    total = sum(shares)
    if abs(total - 1) < _ALIKE:
        return True
    missing = 1 - total
    message = f"the shares add up to {total * 100:.6g} %"
    difference = f"{abs(missing) * 100:.4g}"
    what = "missing" if missing > 0 else "too many"
    hint = f"{difference} % {'is' if difference == '1' else 'are'} {what}; they must make 100 %"
    scene.report.error("shares", fields.key_span(SPLIT), message, hint)
    return False
