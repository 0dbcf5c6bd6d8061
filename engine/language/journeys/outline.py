"""From the nodes of steps to drafts: which verb each is, which keys it has, what is nested inside."""

from collections.abc import Iterator

from engine.language.journeys.drafts import BlockDraft, StepDraft
from engine.language.journeys.steps import VERBS
from engine.language.nearest import listed, nearest
from engine.language.report import Report
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
        word, _, rest = node.text.partition(":") if ":" in node.text else node.text.partition(" ")
        word = word.strip()
        hint = f"a step begins with {listed(verbs, 'or')}"
        if word in VERBS:
            hint = f"write `{word}: {rest.strip() or '…'}`, with a blank behind the colon"
        elif word.lower() in _MEANT:
            hint = f"write {_MEANT[word.lower()]}"
        elif near := nearest(word, verbs):
            hint = f"write `{near}: {rest.strip() or '…'}`"
        report.error("unknown-verb", node.span, f"'{node.text[:40]}' is no step", hint)
    else:
        report.error(
            "wrong-shape", node.span, "a list cannot be a step", "one dash begins a step: take the other out"
        )
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
        word = entry.key.text
        meant, near = _MEANT.get(word.lower()), nearest(word, VERBS)
        if word not in _BESIDE and (meant is not None or near is not None):
            hint = f"did you mean '{near}'?" if meant is None else f"write {meant}"
            report.error("unknown-verb", entry.key.span, f"unknown verb '{word}'", hint)
            return
    first = node.entries[0].key if node.entries else None
    if first is not None and first.text in _BESIDE:
        hint = f"`{first.text}` stands beside `{_BESIDE[first.text]}`, in its column, without a dash"
        report.error("unknown-verb", first.span, f"'{first.text}' is no step of its own", hint)
        return
    span = node.span if first is None else first.span
    report.error("unknown-verb", span, "this step has no verb", f"a step has one of {', '.join(VERBS)}")


_SEND = "`send: TEMPLATE`, with `by: {}` below it"
_MEANT = {
    **dict.fromkeys(("delay", "pause", "sleep", "after"), "`wait: 3 days`"),
    **dict.fromkeys(("email", "mail"), _SEND.format("email")),
    **dict.fromkeys(("sms", "text"), _SEND.format("sms")),
    **dict.fromkeys(("letter", "post"), _SEND.format("letter")),
    **dict.fromkeys(("message", "notify"), _SEND.format("[email, sms]")),
    **dict.fromkeys(("condition", "when", "case"), "`if: CONDITION`, with `then:` below it"),
    **dict.fromkeys(("switch", "branch"), "`choose:`, with branches `- {when: …, do: […]}`"),
    **dict.fromkeys(("loop", "while", "every", "foreach"), "`repeat: {every: 1 month, times: 3, do: […]}`"),
    **dict.fromkeys(("exit", "stop", "finish", "return", "done"), "`end`"),
    **dict.fromkeys(("experiment", "test", "ab"), "`split: [{share: 50%, do: […]}, {share: 50%, do: […]}]`"),
    **dict.fromkeys(("event", "trigger", "publish"), "`emit: EVENT`"),
    **dict.fromkeys(("call", "todo"), "`task: NAME`, with `for: dealer` below it"),
    **dict.fromkeys(("goto", "jump"), "`repeat`, or a journey of its own: there is no jumping to and fro"),
}
"""What is meant by words that are verbs elsewhere."""
_BESIDE = {
    **dict.fromkeys(("then", "else"), "if"),
    "otherwise": "wait_for",
    **dict.fromkeys(("by", "with"), "send"),
    **dict.fromkeys(("at", "days"), "wait"),
    **dict.fromkeys(("for", "due"), "task"),
    "do": "when",
}
"""Keys that are no steps: beside which verb, or key, each stands."""


def walk(block: BlockDraft) -> Iterator[StepDraft]:
    """All steps of a block and of those nested in it, in the order of the file."""
    for step in block.steps:
        yield step
        for inner in step.blocks:
            yield from walk(inner)
