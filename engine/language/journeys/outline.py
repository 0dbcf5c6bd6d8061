"""From the nodes of steps to drafts: which verb each is, which keys it has, what is nested inside."""

from collections.abc import Iterator

from engine.language.journeys.drafts import BlockDraft, StepDraft
from engine.language.journeys.steps import VERBS
from engine.language.nearest import listed, nearest
from engine.language.report import Report, Span
from engine.language.source import Entry, FaultyNode, MappingNode, Node, ScalarNode, SequenceNode


def outline(node: Node, report: Report, *, loops: bool = False) -> BlockDraft:
    """The steps of a block. Steps that cannot be read are left out and reported."""
    block = BlockDraft([], loops)
    if not isinstance(node, SequenceNode):
        block.whole = False
        return block
    if not node.items:
        report.error("empty-value", node.span, "there are no steps here", "write at least one: `- end`")
        block.whole = False
    warned = False
    for item in node.items:
        step = _step(item, report)
        if step is None:
            block.whole = False
            continue
        if block.ends and not warned:
            warned = True
            message = "this step is never reached: what stands before it never goes on"
            report.warning("unreachable-step", step.span, message, "take it out, or put it further up")
        block.steps.append(step)
        block.ends = block.ends or VERBS[step.verb].ends(step)
    return block


def _step(node: Node, report: Report) -> StepDraft | None:
    mapping = _as_mapping(node, report)
    if mapping is None:
        return None
    entry = _verb_entry(mapping, report)
    if entry is None:
        return None
    verb = VERBS[entry.key.text]
    fields = verb.table.read(mapping, report)
    if fields is None:
        return None
    step = StepDraft(verb.name, fields, entry.key.span)
    step.blocks = [outline(nest.node, report, loops=nest.loops) for nest in verb.nests(fields)]
    return step


def _as_mapping(node: Node, report: Report) -> MappingNode | None:
    """A step as a mapping; `- end` alone is one without a value."""
    if isinstance(node, MappingNode):
        return node
    if isinstance(node, ScalarNode) and node.text == "end":
        nothing = ScalarNode(node.span, "", True, node.source, node.end, node.end)
        return MappingNode(node.span, (Entry(node, nothing),))
    if isinstance(node, FaultyNode):
        return None
    verbs = [*VERBS]
    if isinstance(node, ScalarNode):
        word = node.text.split(":")[0].split()[0] if node.text.split() else ""
        near = nearest(word, verbs)
        hint = f"write `{near}: …`" if near else f"a step begins with {listed(verbs, 'or')}"
        report.error("unknown-verb", node.span, f"'{node.text[:40]}' is no step", hint)
    else:
        report.error("wrong-shape", node.span, "a list cannot be a step", "write `- verb: value`")
    return None


def _verb_entry(node: MappingNode, report: Report) -> Entry | None:
    """The entry whose key is the step's verb."""
    entries = [entry for entry in node.entries if entry.key.text in VERBS]
    if not entries:
        _no_verb(node, report)
        return None
    first, *more = entries
    for entry in more:
        message = f"a step has one verb; this has '{first.key.text}' and '{entry.key.text}'"
        hint = f"begin a step of its own with a dash: `- {entry.key.text}: …`"
        report.error("two-verbs", entry.key.span, message, hint)
    return None if more else first


def _no_verb(node: MappingNode, report: Report) -> None:
    for entry in node.entries:
        near = nearest(entry.key.text, VERBS)
        if near is not None:
            message = f"unknown verb '{entry.key.text}'"
            report.error("unknown-verb", entry.key.span, message, f"did you mean '{near}'?")
            return
    first: Span = node.entries[0].key.span if node.entries else node.span
    report.error("unknown-verb", first, "this step has no verb", f"a step has one of {', '.join(VERBS)}")


def walk(block: BlockDraft) -> Iterator[StepDraft]:
    """All steps of a block and of those nested in it, in the order of the file."""
    for step in block.steps:
        yield step
        for inner in step.blocks:
            yield from walk(inner)
