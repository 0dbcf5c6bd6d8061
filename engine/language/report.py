"""Where a fault is, and the list that all faults of a project are put on."""

import msgspec

from engine.model.diagnostics import Diagnostic, Severity


class Span(msgspec.Struct, frozen=True):
    """A stretch of one line of a file: `line` and `column` from 1, `end_column` the column after the last
    character. All three are 0 for a file as a whole."""

    file: str
    line: int = 0
    column: int = 0
    end_column: int = 0


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with a text, before anybody knows where it stands. `offset` and `length` narrow the place
    down to a part of the text; a `length` of 0 means all of it."""

    code: str
    message: str
    hint: str = ""
    offset: int = 0
    length: int = 0
    is_warning: bool = False


class Report:
    """Collects diagnostics. The same fault at the same place is kept once, however often it is found."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, Span, str], Diagnostic] = {}
        self.error_count = 0

    def error(self, code: str, span: Span, message: str, hint: str = "") -> None:
        self._add(Severity.ERROR, code, span, message, hint)

    def warning(self, code: str, span: Span, message: str, hint: str = "") -> None:
        self._add(Severity.WARNING, code, span, message, hint)

    def fault(self, fault: Fault, span: Span) -> None:
        """Puts a fault of a text on the list, at `span`."""
        add = self.warning if fault.is_warning else self.error
        add(fault.code, span, fault.message, fault.hint)

    def extend(self, diagnostics: list[Diagnostic]) -> None:
        for one in diagnostics:
            column = one.column or min(one.line, 1)  # a line without a column: its first character
            span = Span(one.file, one.line, column, max(one.end_column, column + min(column, 1)))
            self._add(one.severity, one.code, span, one.message, one.hint)

    def sorted(self) -> list[Diagnostic]:
        """All of them, by file and place."""
        return sorted(self._found.values(), key=lambda one: (one.file, one.line, one.column, one.code))

    def _add(self, severity: Severity, code: str, span: Span, message: str, hint: str) -> None:
        key = (code, span, message)
        if key in self._found:
            return
        self.error_count += severity is Severity.ERROR
        self._found[key] = Diagnostic(
            code=code,
            severity=severity,
            message=message,
            file=span.file,
            line=span.line,
            column=span.column,
            end_column=span.end_column,
            hint=hint,
        )
