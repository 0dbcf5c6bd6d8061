"""The reference of the language and of its diagnostics as Markdown: tables made from what the checker works
by, with what is said in words in the Markdown files beside.
"""

from collections.abc import Iterable
from importlib.resources import files

from engine.language.expressions.filters import FILTERS
from engine.language.expressions.translate import TESTS
from engine.language.expressions.types import BOOLEAN, ListOf, Record, Type
from engine.language.expressions.vocabulary import Driven, Lexicon, Reach, Vocabulary
from engine.language.journey_tests.keys import CASE, ENVELOPE, EXPECTED, GIVEN_TABLE
from engine.language.journey_tests.keys import TESTS as TESTS_FILE
from engine.language.journeys.keys import GOAL_TABLE, JOURNEY, START, STOP
from engine.language.journeys.steps import VERBS
from engine.language.journeys.steps.choose import BRANCH
from engine.language.journeys.steps.repeat import INSIDE
from engine.language.journeys.steps.split import PART
from engine.language.journeys.steps.verb import COMMON
from engine.language.keys import Key, Table
from engine.language.own_events import MEMBER, OWN_EVENT
from engine.language.policy.keys import CAP, DEALER, FLEET, POLICY, PURPOSE
from engine.language.reference.diagnostics import diagnostics_index, diagnostics_pages
from engine.language.reference.markdown import GENERATED, rows
from engine.language.template_files import FILTERS as TEXT_FILTERS
from engine.language.texts.brandnames import MESSAGE
from engine.model.event_types import CHANNELS, EVENT_TYPES

_INNER = (
    ("repeat", "Inside `repeat`", INSIDE),
    ("choose", "Each branch", BRANCH),
    ("split", "Each branch", PART),
)
"""Tables of keys inside the value of a verb."""


def language_page() -> str:
    """`docs/reference/language.md`."""
    parts = [
        GENERATED,
        "# The language",
        _prose("introduction"),
        "## A journey",
        _table(JOURNEY),
        "### start",
        _table(START),
        "### stop",
        _table(STOP),
        "### goal",
        _table(GOAL_TABLE),
        "## Steps",
        "A step is one verb and the keys beside it. Every step may also have:",
        _keys(COMMON),
        *_verbs(),
        "## Values",
        _prose("values"),
        "## Expressions",
        _prose("expressions"),
        *_names(),
        "### Filters",
        rows(("filter", "gives"), ((f"`{one.name}`", one.about) for one in FILTERS.values())),
        f"Tests behind `is`, `is not`: {_code(TESTS)}.",
        "## Templates",
        _prose("templates"),
        _members(MESSAGE.type, "message"),
        f"Filters of templates: {_code(TEXT_FILTERS)}.",
        "## The policy",
        _table(POLICY),
        *_part_tables(),
        "## Own event types",
        _prose("events"),
        _table(OWN_EVENT),
        "Of each member of `data`:",
        _keys(MEMBER.keys),
        "## Dealers",
        "`journeys/dealers.yaml` holds dealers by id, so that texts can name them.",
        _table(DEALER),
        "## Journey tests",
        _prose("tests"),
        *_test_tables(),
        "## Finer points",
        _prose("silences"),
    ]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _prose(name: str) -> str:
    """What is said in words, from the Markdown file beside this module."""
    return files(__package__).joinpath(f"{name}.md").read_text(encoding="utf-8")


def _table(table: Table) -> str:
    return f"{table.about}\n\n{_keys(table.keys)}"


def _keys(keys: Iterable[Key[object]]) -> str:
    lines = (
        (f"`{key.name}`" + (" (needed)" if key.required else ""), key.about, _code([key.example]))
        for key in keys
    )
    return rows(("key", "meaning", "example"), lines)


def _code(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words if word)


def _verbs() -> Iterable[str]:
    for verb in VERBS.values():
        yield f"### {verb.name}"
        yield f"{verb.about}\n\n{_keys(verb.keys)}"
        for name, heading, table in _INNER:
            if verb.name == name:
                yield f"{heading}:\n\n{_keys(table.keys)}"


def _test_tables() -> Iterable[str]:
    for heading, table in (
        ("A file", TESTS_FILE),
        ("A test", CASE),
        ("given", GIVEN_TABLE),
        ("An event", ENVELOPE),
        ("An expectation", EXPECTED),
    ):
        yield f"### {heading}"
        yield _table(table)


def _part_tables() -> Iterable[str]:
    for heading, table in (("Purposes", PURPOSE), ("Caps", CAP), ("The fleet", FLEET)):
        yield f"### {heading}"
        yield _table(table)


def _names() -> Iterable[str]:
    lexicon = Lexicon(EVENT_TYPES, CHANNELS, ("care",))
    reach = Reach(event_type="purchase.recorded", vehicle=True, driven=Driven.YES, loop=True)
    vocabulary: Vocabulary = lexicon.in_steps(reach)
    for name in ("customer", "vehicle", "dealer", "run", "loop"):
        yield f"### {name}"
        yield _members(vocabulary.roots[name].type, name)
    yield "### event"
    yield (
        "By its type; beside the members of its `data` every event has `type`, `time`, `id` and `source`, "
        "and a purchase `tyre_count` and `brand`."
    )
    own = {"type", "time", "id", "source"}
    lines = []
    for event_type in EVENT_TYPES.values():
        record = lexicon.event(event_type.name)
        if record is not None:
            lines.append(
                (f"`{event_type.name}`", event_type.about, _code(n for n in record.members if n not in own))
            )
    yield rows(("type", "what it tells", "members"), lines)


def _members(kind: Type, prefix: str) -> str:
    lines = []
    for path, one, about in _flat(kind, prefix):
        lines.append((f"`{path}`", _kind(one), about))
    return rows(("name", "is", "meaning"), lines)


def _flat(kind: Type, prefix: str) -> Iterable[tuple[str, Type, str]]:
    if not isinstance(kind, Record):
        return
    for name, attribute in kind.members.items():
        path = f"{prefix}.{name}"
        nested = isinstance(attribute.type, Record)
        if nested and path == "customer.consent":
            yield "customer.consent.CHANNEL.PURPOSE", BOOLEAN, attribute.about
        elif nested and path != "run.event":
            yield from _flat(attribute.type, path)
        else:
            yield path, attribute.type, attribute.about


def _kind(kind: Type) -> str:
    if isinstance(kind, ListOf):
        return "a list"
    return "an event" if isinstance(kind, Record) else kind.words


__all__ = ["diagnostics_index", "diagnostics_pages", "language_page"]
