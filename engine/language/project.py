"""A project folder, read and checked: the program that runs, or the diagnostics that say why there is
none."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec.structs import replace

from engine import __version__
from engine.language.expressions import Lexicon
from engine.language.journey_tests import Parse, read_tests
from engine.language.journeys import Context, read_journey
from engine.language.journeys.steps.remember import own_fields
from engine.language.own_events import read_own_events
from engine.language.policy import PolicyReading, read_dealers, read_policy
from engine.language.programs import program_of
from engine.language.report import Report, Span
from engine.language.source import MappingNode, read_yaml_file
from engine.language.template_files import TemplateIndex, scan
from engine.language.texts import Pieces, check_pictures, check_registered, check_senders, check_texts
from engine.language.texts.check import Contexts
from engine.model.diagnostics import Diagnostic
from engine.model.event_types import EVENT_TYPES, EventType
from engine.model.ids import derive
from engine.model.journey_tests import JourneyTest
from engine.model.journeys import Journey, Send, Step
from engine.model.odometer import Odometer
from engine.model.policy import Dealer, Fleet, Policy
from engine.model.program import Program
from engine.model.watching import Watch

JOURNEYS = "journeys"
POLICY, DEALERS, EVENTS = "policy.yaml", "dealers.yaml", "events.yaml"
TESTS = "tests"
_RESERVED = frozenset({POLICY, DEALERS, EVENTS})


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """A project. `program` is None where there are errors; `diagnostics` are in order of file and place.
    `policy` has something neutral in it where the project's is missing or faulty."""

    program: Program | None
    diagnostics: list[Diagnostic]
    templates: TemplateIndex
    policy: Policy
    tests: tuple[JourneyTest, ...] = ()


def load_project(
    project: Path,
    odometer: Callable[[Fleet], Odometer],
    *,
    only: Sequence[Path] | None = None,
    event_types: Mapping[str, EventType] = EVENT_TYPES,
    parser: Callable[[Mapping[str, EventType], str | None], Parse] | None = None,
    watch: Watch | None = None,
    texts: bool = True,
) -> Loaded:
    """Reads and checks the project folder `project`. `odometer` makes the estimator for the policy's fleet.
    With `only`, diagnostics of other files and folders than those are left out. With `parser`, which reads events of
    the types it is given, mobile numbers as that country's, the journey tests are read too; faults in them are no
    faults of the program. With `watch`, that is told what the journeys' expressions see. Without `texts` those of the
    templates are not gone through, which is most of the work: what such a program decides is the same, but its
    messages do not carry what they would be rendered with."""
    report = Report()
    templates, found = scan(project)
    report.extend(found)
    folder = project / JOURNEYS
    policy = _policy(folder, report)
    dealers = _dealers(folder, report)
    event_types = {**event_types, **_own_events(folder, report)}
    nodes = _journey_nodes(folder, report)
    lexicon = Lexicon(
        event_types,
        policy.policy.channels,
        tuple(policy.policy.purposes),
        {field for node in nodes.values() for field in own_fields(node)},
        watch,
    )
    context = Context(report=report, policy=policy, templates=templates, lexicon=lexicon)
    read = [read_journey(node, file, context) for file, node in nodes.items()]
    journeys = [one for one in read if one is not None]
    _check_brand(context)
    contexts: dict[tuple[str, str], Contexts] = {}
    if texts:
        pieces = Pieces(project, report)
        contexts = check_texts(context, pieces)
        check_pictures(context, pieces)
    check_senders(project, context)
    check_registered(context)
    program = None
    if not report.error_count:
        program = program_of(
            [_with_context(one, contexts) for one in journeys], policy.policy, odometer, dealers, context
        )
        program = replace(program, version=_version(folder))
    tests: tuple[JourneyTest, ...] = ()
    if parser is not None:
        parse = parser(lexicon.event_types, policy.policy.country)
        tests = read_tests(project, _ids(folder), context, parse)
    diagnostics = report.sorted()
    return Loaded(
        program=program,
        diagnostics=diagnostics if only is None else _only(diagnostics, project, only),
        templates=templates,
        policy=policy.policy,
        tests=tests,
    )


def _ids(folder: Path) -> frozenset[str]:
    """The ids of the journeys that there are, right or wrong."""
    return frozenset(path.stem for path in folder.glob("*.yaml") if path.name not in _RESERVED)


def _version(folder: Path) -> str:
    """A hash of all that a project says beside its texts, and of the engine that reads it: when it changes,
    waits are reckoned anew."""
    files = sorted(path for path in folder.glob("*.yaml") if path.is_file())
    return derive(
        "program", __version__, *(one for path in files for one in (path.name, path.read_text("utf-8")))
    )


def _policy(folder: Path, report: Report) -> PolicyReading:
    path, file = folder / POLICY, f"{JOURNEYS}/{POLICY}"
    exists = path.is_file()
    node = read_yaml_file(path, file, report) if exists else None
    return read_policy(node, file, report, exists=exists or not folder.is_dir())


def _dealers(folder: Path, report: Report) -> dict[str, Dealer]:
    path = folder / DEALERS
    node = read_yaml_file(path, f"{JOURNEYS}/{DEALERS}", report) if path.is_file() else None
    return {} if node is None else read_dealers(node, report)


def _own_events(folder: Path, report: Report) -> Mapping[str, EventType]:
    path = folder / EVENTS
    node = read_yaml_file(path, f"{JOURNEYS}/{EVENTS}", report) if path.is_file() else None
    return {} if node is None else read_own_events(node, report)


def _journey_nodes(folder: Path, report: Report) -> dict[str, MappingNode]:
    """What stands in the journeys' files, by file, in order; those that can be read at all."""
    if not folder.is_dir():
        hint = "a project is a folder with journeys/ and templates/; name it by --project DIR"
        report.error("no-journeys", Span(JOURNEYS), "there is no folder 'journeys' here", hint)
        return {}
    nodes: dict[str, MappingNode] = {}
    found = False
    for path in sorted(folder.iterdir()):
        file = f"{JOURNEYS}/{path.name}"
        if path.name in _RESERVED or path.name.startswith("."):
            continue
        if not _is_journey(path, file, report):
            continue
        found = True
        node = read_yaml_file(path, file, report)
        if node is not None:
            nodes[file] = node
    if not found:
        hint = "write journeys/welcome.yaml, with `journey: welcome`"
        report.warning("no-journeys", Span(JOURNEYS), "there are no journeys yet", hint)
    return nodes


def _is_journey(path: Path, file: str, report: Report) -> bool:
    if path.is_file() and path.suffix == ".yaml":
        return True
    if path.is_file() and path.suffix in (".yml", ".YAML", ".YML"):
        message = "this file is not read: a journey's file ends in .yaml"
        report.warning("not-read", Span(file), message, f"rename it to {path.stem}.yaml")
    elif path.is_dir() and path.name != TESTS and any(path.rglob("*.y*ml")):
        message = "the files in this folder are not read: journeys lie in journeys/ itself"
        report.warning("not-read", Span(file), message, "move them up")
    return False


def _check_brand(context: Context) -> None:
    """The policy's brand takes the place of every unknown one, so it must be there itself."""
    brand = context.policy.policy.brand
    known = context.templates.brands
    if "brand" in context.policy.knows and known and brand not in known:
        span = context.policy.spans["brand"]
        message = f"there is no brand '{brand}' in templates/brands"
        context.report.error("unknown-brand", span, message, f"there are {', '.join(sorted(known))}")


def _with_context(journey: Journey, contexts: dict[tuple[str, str], Contexts]) -> Journey:
    def completed(step: Step) -> Step:
        if not isinstance(step, Send):
            return step
        return msgspec.structs.replace(step, context=contexts.get((journey.id, step.id), {}))

    return msgspec.structs.replace(journey, steps=tuple(completed(step) for step in journey.steps))


def _only(diagnostics: list[Diagnostic], project: Path, only: Sequence[Path]) -> list[Diagnostic]:
    """Those of the named files, or of files in the named folders; a path may be meant from the current folder
    or from the project."""
    root = project.resolve()
    wanted = [place.resolve() for path in only for place in (path, project / path)]
    return [one for one in diagnostics if any((root / one.file).is_relative_to(path) for path in wanted)]
