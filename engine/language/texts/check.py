"""All sends of a project, each with the texts of its template."""

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from engine.language.expressions.typed import Typed
from engine.language.journeys import Context, SendSite
from engine.language.report import Fault, Report
from engine.language.template_files import Brand, TemplateFile
from engine.language.texts.brandnames import check_brand_use
from engine.language.texts.pieces import Piece, Pieces
from engine.language.texts.presence import check_presence
from engine.language.texts.scopes import Scopes
from engine.language.texts.statements import Reference, Walk
from engine.language.texts.values import Findings, Knowledge
from engine.model import journeys as model

Contexts = dict[tuple[str, str], model.Context]


def check_texts(context: Context, pieces: Pieces) -> dict[tuple[str, str], Contexts]:
    """For each send, by journey and step: what its texts use, by brand and channel. Faults of the texts are
    reported."""
    given: dict[str, set[str]] = defaultdict(set)
    for site in context.sites:
        given[site.template.value].update(site.values)
    contexts: dict[tuple[str, str], Contexts] = {}
    for site in context.sites:
        if check_presence(site, context):
            knowledge = Knowledge(
                vocabulary=site.vocabulary,
                values=site.values,
                sometimes=frozenset(given[site.template.value]),
            )
            contexts[site.journey, site.step] = {
                (brand, one.value): found
                for one in site.by
                for brand, found in _Texts(site, one.value, knowledge, context, pieces).contexts().items()
            }
    for file in context.templates.files:
        pieces.of_file(file)  # those that nothing sends are parsed too, for their syntax
    return contexts


class _Texts:
    """The texts of one send on one channel."""

    def __init__(
        self, site: SendSite, channel: str, knowledge: Knowledge, context: Context, pieces: Pieces
    ) -> None:
        self._site = site
        self._channel = channel
        self._knowledge = knowledge
        self._context = context
        self._pieces = pieces
        self._used: dict[str, dict[str, Typed]] = {brand: {} for brand in site.brands}
        self._walked: set[tuple[str, str]] = set()

    def contexts(self) -> dict[str, model.Context]:
        """What the texts use, by brand."""
        for file in self._context.templates.files_of(self._site.template.value):
            if file.channel == self._channel and (file.brand is None or file.brand in self._site.brands):
                self._file(file)
        return {brand: _by_root(_shortest(used)) for brand, used in self._used.items()}

    def _file(self, file: TemplateFile) -> None:
        brands = self._brands([file.brand] if file.brand else self._site.brands)
        for piece in self._pieces.of_file(file):
            self._piece(piece, brands, {})

    def _brands(self, ids: Iterable[str]) -> list[Brand]:
        known = self._context.templates.brands
        return [known[one] for one in ids if one in known]

    def _piece(self, piece: Piece, brands: list[Brand], names: dict[str, Typed]) -> None:
        findings = Findings()
        walk = Walk(piece, self._knowledge, findings, Scopes(names))
        walk.run()
        for one in [brand.id for brand in brands] or self._site.brands:  # a project may do without brands
            self._used[one].update(findings.used)
        for fault in walk.values.faults:
            self._report_fault(fault, piece)
        every = list(self._context.templates.brands.values())
        for use in findings.brand_uses:
            check_brand_use(use, brands, every, self._context.report)
        for reference in walk.references:
            self._follow(reference, piece, brands)

    def _follow(self, reference: Reference, piece: Piece, brands: list[Brand]) -> None:
        """Goes on into the files that a text needs. A layout is each brand's own."""
        if reference.layout:
            for brand in brands:
                path = brand.layouts.get(reference.layout)
                if path is not None:
                    self._other(path, reference, [brand], brand.id)
            return
        if not self._pieces.exists(reference.name):
            if not reference.optional:
                span = piece.span(reference.offset, reference.length)
                hint = "files are named from templates/ on, such as 'shared/footer.html'"
                message = f"there is no file '{reference.name}' in templates/"
                self._context.report.error("missing-file", span, message, hint)
            return
        self._other(reference.name, reference, brands, ",".join(brand.id for brand in brands))

    def _other(self, path: str, reference: Reference, brands: list[Brand], key: str) -> None:
        key = f"{key}:{','.join(sorted(reference.names))}"
        if (path, key) in self._walked:
            return
        self._walked.add((path, key))
        piece = self._pieces.of_path(path)
        if piece is not None:
            self._piece(piece, brands, reference.names)

    def _report_fault(self, fault: Fault, piece: Piece) -> None:
        sent = f"journey '{self._site.journey}' sends this at step '{self._site.step}'"
        hint = f"{fault.hint}\n{sent}" if fault.hint else sent
        report: Report = self._context.report
        report.fault(msgspec.structs.replace(fault, hint=hint), piece.span(fault.offset, fault.length))


def _shortest(used: dict[str, Typed]) -> list[tuple[str, Typed]]:
    """Used paths in order, without those below another."""
    return [
        (path, used[path])
        for path in sorted(used)
        if not any(path.startswith(f"{other}.") for other in used if other != path)
    ]


def _by_root(used: list[tuple[str, Typed]]) -> model.Context:
    members: dict[str, list[tuple[str, model.Expression]]] = defaultdict(list)
    for path, typed in used:
        root, _, rest = path.partition(".")
        members[root].append((rest, typed.whole))
    return tuple((root, tuple(found)) for root, found in members.items())
