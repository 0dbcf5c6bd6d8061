"""The files of `journeys/tests/`."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from engine.language.journey_tests import keys
from engine.language.journey_tests.expectations import expectation_of
from engine.language.journey_tests.happenings import Happenings, Parse, earliest, parties_of
from engine.language.journey_tests.moments import end_of, moment_at
from engine.language.journeys.context import Context
from engine.language.keys import Fields
from engine.language.nearest import did_you_mean
from engine.language.report import Report, Span
from engine.language.source import MappingNode, read_yaml_file
from engine.model.events import Event
from engine.model.journey_tests import Expectation, JourneyTest

FOLDER = "journeys/tests"


def read_tests(
    project: Path, journeys: frozenset[str], context: Context, parse: Parse
) -> tuple[JourneyTest, ...]:
    """The tests of files without errors, in their order; all faults are reported. `journeys` are the ids of those that
    there are, right or wrong."""
    report = context.report
    folder = project / FOLDER
    if not folder.is_dir():
        return ()
    tests: list[JourneyTest] = []
    for path in sorted(folder.iterdir()):
        file = f"{FOLDER}/{path.name}"
        if path.name.startswith(".") or not _is_read(path, file, report):
            continue
        node = read_yaml_file(path, file, report)
        errors_before = report.error_count
        read = [] if node is None else list(_File(file, journeys, context, parse).read(node))
        if report.error_count == errors_before:
            tests += read
    return tuple(tests)


def _is_read(path: Path, file: str, report: Report) -> bool:
    if path.is_file() and path.suffix == ".yaml":
        return True
    if path.is_file() and path.suffix in (".yml", ".YAML", ".YML"):
        message = "this file is not read: a file of tests ends in .yaml"
        report.warning("not-read", Span(file), message, f"rename it to {path.stem}.yaml")
    elif path.is_dir() and any(path.rglob("*.y*ml")):
        message = "the files in this folder are not read: tests lie in journeys/tests/ itself"
        report.warning("not-read", Span(file), message, "move them up")
    return False


_NEVER = (datetime(2000, 1, 1, tzinfo=UTC),) * 2


class _File:
    """One file on its way."""

    def __init__(self, file: str, journeys: frozenset[str], context: Context, parse: Parse) -> None:
        self._file = file
        self._journeys = journeys
        self._context = context
        self._parse = parse
        self._report = context.report
        self._templates: frozenset[str] | None = None

    def read(self, node: MappingNode) -> Iterable[JourneyTest]:
        fields = keys.TESTS.read(node, self._report)
        if fields is None:
            return
        journey = self._journey(fields)
        sites = {one.template.value for one in self._context.sites if one.journey == journey}
        self._templates = frozenset(sites) or None  # of a faulty journey not all is known
        names: set[str] = set()
        for case in fields.get(keys.CASES) or ():
            name = case.value.get(keys.NAME)
            if name in names:
                message = f"another test of this file is called '{name}'"
                span = case.value.span(keys.NAME)
                self._report.error("duplicate-item", span, message, "give each a name of its own")
            if name is not None:
                names.add(name)
            test = self._case(case.value, journey)
            if test is not None:
                yield test

    def _journey(self, fields: Fields) -> str | None:
        journey = fields.get(keys.ON)
        if journey is None or journey in self._journeys:
            return journey
        span = fields.span(keys.ON)
        hint = did_you_mean(journey, self._journeys, f"a journey is a file: journeys/{journey}.yaml")
        self._report.error("unknown-journey", span, f"there is no journey '{journey}'", hint)
        return None

    def _case(self, fields: Fields, journey: str | None) -> JourneyTest | None:
        """One test; None, and reported, where too much of it is faulty."""
        given = fields.get(keys.GIVEN)
        parties = parties_of(given, self._report)
        source = f"/tests/{journey}"
        happenings = Happenings(parties, source, self._parse, self._context)
        written = fields.get(keys.EVENTS) or ()
        read = [happenings.event(one, n) for n, one in enumerate(written, start=1)]
        events = [one for one in read if one is not None]
        expect = self._expectations(fields)
        begins = self._begins(fields, events, expect)
        start = happenings.given(given, *(begins or _NEVER), where=fields.node)  # checked in any case
        zone = self._context.policy.policy.zone
        until = fields.get(keys.UNTIL)
        end = None if until is None else end_of(until, zone, self._report)
        name = fields.get(keys.NAME)
        if start is None or journey is None or name is None:
            return None
        return JourneyTest(
            file=self._file,
            line=fields.node.span.line,
            journey=journey,
            name=name,
            events=(start, *events),
            expect=tuple(expect),
            until=end,
        )

    def _expectations(self, fields: Fields) -> list[Expectation]:
        written = fields.get(keys.EXPECT) or ()
        found = (expectation_of(one, self._templates, self._context) for one in written)
        return [one for one in found if one is not None]

    def _begins(
        self, fields: Fields, events: list[Event], expect: list[Expectation]
    ) -> tuple[datetime, datetime] | None:
        """When what is given was said, and when it arrived."""
        first = earliest(events)
        written = fields.get(keys.FROM)
        if written is not None:
            at = moment_at(written, self._context.policy.policy.zone, self._report)
            if at is not None and first is not None and at > first[1]:
                message = "the first event arrives before the clock begins"
                self._report.error("bad-date", written.span, message, "let the test begin earlier")
                return None
            return None if at is None else (min(at, first[0]) if first else at, at)
        happening = fields.get(keys.EVENTS)
        if first is None and happening:
            return None
        told = min((one.at for one in expect), default=None)
        if told is not None and (first is None or told < first[1]):
            at = told - timedelta(days=1)
            return (min(at, first[0]) if first else at), at
        if first is not None:
            return first
        if not fields.has(keys.EXPECT) or fields.get(keys.EXPECT) is not None:
            message = "nothing happens in this test: there are no events, and no time for it to pass"
            hint = "write `events`, or for a schedule `from: 2025-01-01 00:00` and `until: 2025-12-31`"
            self._report.error("missing-key", fields.node.span, message, hint)
        return None
