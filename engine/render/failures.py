"""What went wrong in a template, said with its file and line, and without any customer's data."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType

from jinja2.exceptions import (
    FilterArgumentError,
    SecurityError,
    TemplateNotFound,
    TemplateSyntaxError,
    UndefinedError,
)
from jinja2.exceptions import TemplateError as JinjaError

from engine.model.errors import TemplateError


@contextmanager
def told(path: str, first_lines: Mapping[str, int]) -> Iterator[None]:
    """Turns whatever a rendering raises into a `TemplateError`. `first_lines` says for files with front
    matter in which line their body begins."""
    try:
        yield
    except TemplateError:
        raise
    except TemplateSyntaxError as error:
        place = _place(error.name or path, error.lineno, first_lines)
        raise TemplateError(f"{place}: {error.message}") from None
    except TemplateNotFound as error:
        file, line = _where(error.__traceback__, path)
        hint = "names are paths from templates/ on"
        raise TemplateError(
            f"{_place(file, line, first_lines)}: there is no template '{error.name}'", hint
        ) from None
    except RecursionError:
        raise TemplateError(f"{path}: the template calls itself without end") from None
    except Exception as error:  # whatever an expression in a template can raise is its author's trouble
        file, line = _where(error.__traceback__, path)
        raise TemplateError(f"{_place(file, line, first_lines)}: {_said(error)}") from None


def _said(error: Exception) -> str:
    if isinstance(error, UndefinedError):
        return str(error.message or "a name is not there")
    if isinstance(error, (SecurityError, FilterArgumentError, JinjaError)):
        return str(error) or type(error).__name__
    return f"an expression cannot be worked out ({type(error).__name__})"


def _where(traceback: TracebackType | None, path: str) -> tuple[str, int]:
    """The innermost place in a template that a traceback goes through."""
    file, line = path, 0
    while traceback is not None:
        name = traceback.tb_frame.f_code.co_filename
        if name.startswith("templates/"):
            file, line = name, traceback.tb_lineno
        traceback = traceback.tb_next
    return file, line


def _place(file: str, line: int, first_lines: Mapping[str, int]) -> str:
    return f"{file}:{line + first_lines.get(file, 1) - 1}" if line else file
