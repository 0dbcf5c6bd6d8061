"""Which templates a project has: `templates/` read into an index, its faults as diagnostics.

    templates/brands/<brand>/brand.yaml, letter.html, email.html     the brand and its layouts
    templates/<template>/<channel>.<locale>.<html|txt>               a message, shared by the brands
    templates/<template>/<brand>/<channel>.<locale>.<html|txt>       a brand's own version of it

A template's name may be nested (`newsletter/2026-q1`); a folder named like a brand is that brand's own
version of the template it lies in. Files of other names (pictures, pieces to include) are not messages.

The customer's language goes before the brand's own wording: a shared English letter is found before a brand's
own Chinese one for a customer who reads English, and the locale written in the ledger is what is sent.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from engine.language.front_matter import FrontMatter, split_front_matter
from engine.language.report import Fault, Report
from engine.language.source import plain, read_yaml_file
from engine.model.diagnostics import Diagnostic, Severity
from engine.model.event_types import CHANNELS

TEMPLATES = "templates"
BRANDS = "brands"
USABLE_KIND = {"letter": "html", "email": "html", "sms": "txt"}
"""The file without which a channel of a template cannot be used."""

MOST_BYTES = 1_000_000
MOST_TAGS = 5_000
"""Of a file: compiling a template takes time by its tags."""
FILTERS = (
    *("date", "money", "km", "number"),  # for people, in the customer's locale
    *("default", "d", "upper", "lower", "capitalize", "title", "trim", "replace", "truncate", "striptags"),
    *("escape", "e", "safe", "urlencode", "string", "int", "float", "round", "abs"),
    *("first", "last", "length", "count", "join", "sort", "reverse", "unique", "list", "sum", "min", "max"),
    *("map", "select", "reject", "selectattr", "rejectattr"),
)
"""The filters that a template may use; `engine/render` implements exactly these."""

_MESSAGE_FILE = re.compile(r"(?P<channel>[^.]+)\.(?P<locale>[^.]+)\.(?P<kind>html|txt)")
_LOCALE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z]{4})?([-_]([A-Za-z]{2}|\d{3}))?")
_TITLE = re.compile(r"<title>\s*\S.*?</title>", re.IGNORECASE | re.DOTALL)


class TemplateFile(msgspec.Struct, frozen=True, kw_only=True):
    """One text of a message. `brand` is None for a shared one; `kind` is `html` or `txt`; `path` is relative
    to the project, with `/`; `front` holds the front matter's texts, `front_lines` the lines they stand in;
    `body_line` is the line of the file in which the body begins, from 1."""

    template: str
    channel: str
    locale: str
    brand: str | None
    kind: str
    path: str
    front: dict[str, str] = {}
    front_lines: dict[str, int] = {}
    body: str = ""
    body_line: int = 1


class Brand(msgspec.Struct, frozen=True, kw_only=True):
    """A brand: its `names` by locale (`""` for one that serves all), the whole of `brand.yaml` with every
    scalar as text (`data`), and its layouts: channel → path relative to the project."""

    id: str
    names: dict[str, str]
    data: dict[str, Any] = {}
    layouts: dict[str, str] = {}

    def name(self, locale: str) -> str:
        """The name in `locale`, its language, any locale of that language, else the first there is."""
        for one in (*fallbacks(locale), ""):
            if one in self.names:
                return self.names[one]
        language = locale.partition("-")[0]
        alike = [name for one, name in self.names.items() if one.partition("-")[0] == language]
        return alike[0] if alike else next(iter(self.names.values()), self.id)


def email_sender(given: Any) -> dict[str, str]:
    """`senders.email` of a `brand.yaml`, in one locale: `name`, `email` and whatever else is a text there. A text
    alone is the address, or, where it cannot be one, the name."""
    if isinstance(given, str):
        return {"email": given} if "@" in given else {"name": given}
    members = given.items() if isinstance(given, Mapping) else ()
    return {key: value for key, value in members if isinstance(value, str)}


class TemplateIndex:
    """The templates of a project, to be asked by name."""

    def __init__(self, brands: dict[str, Brand], files: tuple[TemplateFile, ...]) -> None:
        self.brands = brands
        self.files = files
        self._by_template: dict[str, list[TemplateFile]] = defaultdict(list)
        self._by_key: dict[tuple[str, str, str | None, str, str], TemplateFile] = {}
        for file in files:
            self._by_template[file.template].append(file)
            self._by_key[file.template, file.channel, file.brand, file.locale, file.kind] = file

    def names(self) -> frozenset[str]:
        """The names that a `send` may use."""
        return frozenset(self._by_template)

    def files_of(self, template: str) -> tuple[TemplateFile, ...]:
        """All texts of a template: every channel, brand, locale and kind."""
        return tuple(self._by_template.get(template, ()))

    def locales(self, template: str, channel: str, brand: str) -> frozenset[str]:
        """The locales in which `brand` can send `template` by `channel`, in its own or the shared texts."""
        kind = USABLE_KIND.get(channel, "txt")
        return frozenset(
            file.locale
            for file in self._by_template.get(template, ())
            if file.channel == channel and file.kind == kind and file.brand in (brand, None)
        )

    def find(
        self, template: str, channel: str, brand: str, locale: str, kind: str, default_locale: str
    ) -> TemplateFile | None:
        """The text to use: for the locale, its language, the default locale, its language, in this order,
        the brand's own, then the shared one."""
        for one in (*fallbacks(locale), *fallbacks(default_locale)):
            for owner in (brand, None):
                file = self._by_key.get((template, channel, owner, one, kind))
                if file is not None:
                    return file
        return None


@lru_cache(maxsize=256)
def canonical_locale(locale: str) -> str:
    """`zh_cn` → `zh-CN`: language in lower case, region in upper, script in title case (BCP 47, 2.1.1)."""
    language, *rest = locale.replace("_", "-").split("-")
    return "-".join([language.lower(), *(one.title() if len(one) == 4 else one.upper() for one in rest)])


@lru_cache(maxsize=256)
def fallbacks(locale: str) -> tuple[str, ...]:
    """A locale and its language: `zh-CN` → `zh-CN`, `zh`."""
    canonical = canonical_locale(locale)
    language = canonical.partition("-")[0]
    return (canonical,) if language == canonical else (canonical, language)


def scan(project: Path) -> tuple[TemplateIndex, list[Diagnostic]]:
    """Reads `templates/` of a project. A file with a fault is left out of the index if it cannot be read, and
    is in it otherwise."""
    found: list[Diagnostic] = []
    root = project / TEMPLATES
    brands = {brand.id: brand for brand in _brands(project, root / BRANDS, found)}
    files = tuple(_messages(project, root, brands, found))
    return TemplateIndex(brands, files), found


def _brands(project: Path, folder: Path, found: list[Diagnostic]) -> Iterator[Brand]:
    if not folder.is_dir():
        return
    for one in sorted(folder.iterdir()):
        if one.is_dir() and not one.name.startswith("."):
            yield _brand(project, one, found)


def _brand(project: Path, folder: Path, found: list[Diagnostic]) -> Brand:
    path = folder / "brand.yaml"
    data = _brand_data(project, path, found)
    layouts = {one.stem: _relative(project, one) for one in sorted(folder.glob("*.html"))}
    return Brand(id=folder.name, names=_brand_names(folder.name, data), data=data, layouts=layouts)


def _brand_data(project: Path, path: Path, found: list[Diagnostic]) -> dict[str, Any]:
    file = _relative(project, path)
    if not path.is_file():
        found.append(
            _error(
                "missing-brand-file",
                f"brand '{path.parent.name}' has no brand.yaml",
                file,
                hint="write one with at least `name: {zh-CN: …}`",
            )
        )
        return {}
    report = Report()
    node = read_yaml_file(path, file, report)
    found += report.sorted()
    if report.error_count:
        return {}
    data = plain(node) if node is not None else {}
    if not _brand_names(path.parent.name, data, strict=True):
        found.append(
            _error(
                "brand-without-name",
                f"brand '{path.parent.name}' has no name",
                file,
                1,
                hint="`name` gives it by locale: `name: {zh-CN: 米其林, en: Michelin}`",
            )
        )
    return data


def _brand_names(brand: str, data: dict[str, Any], *, strict: bool = False) -> dict[str, str]:
    given = data.get("name")
    if isinstance(given, str) and given:
        return {"": given}
    if isinstance(given, dict):
        names = {canonical_locale(key): one for key, one in given.items() if isinstance(one, str) and one}
        if names:
            return names
    return {} if strict else {"": brand}


def _messages(
    project: Path, root: Path, brands: dict[str, Brand], found: list[Diagnostic]
) -> Iterator[TemplateFile]:
    if not root.is_dir():
        return
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root)
        if (
            not path.is_file()
            or inside.parts[0] == BRANDS
            or any(p.startswith((".", "_")) for p in inside.parts)
        ):
            continue
        match = _MESSAGE_FILE.fullmatch(path.name)
        if match and _is_message(match, _relative(project, path), found):
            file = _message(project, path, match, brands, found)
            if file is not None:
                yield file


def _is_message(match: re.Match[str], file: str, found: list[Diagnostic]) -> bool:
    channel, locale = match["channel"], match["locale"]
    if channel not in CHANNELS:
        near = get_close_matches(channel, CHANNELS, 1)
        hint = f"did you mean '{near[0]}'?" if near else f"channels are {', '.join(CHANNELS)}"
        found.append(
            _warning("unknown-channel", f"'{channel}' is no channel; the file is not used", file, hint)
        )
        return False
    if not _LOCALE.fullmatch(locale):
        found.append(
            _warning(
                "unknown-locale",
                f"'{locale}' is no locale; the file is not used",
                file,
                "a locale is a language and a country: zh-CN, en",
            )
        )
        return False
    return True


def _message(
    project: Path, path: Path, match: re.Match[str], brands: dict[str, Brand], found: list[Diagnostic]
) -> TemplateFile | None:
    file = _relative(project, path)
    folders = path.relative_to(project / TEMPLATES).parts[:-1]
    brand = folders[-1] if folders and folders[-1] in brands else None
    name = "/".join(folders[:-1] if brand else folders)
    if not name:
        found.append(
            _warning(
                "stray-template",
                "this text lies in no template's folder and is not used",
                file,
                f"put it into templates/NAME/{path.name}",
            )
        )
        return None
    text = _read(path, project / TEMPLATES, file, found)
    if text is None:
        return None
    faults = len(found)
    split = split_front_matter(text, file, found)
    is_email = (match["channel"], match["kind"]) == ("email", "html")
    if is_email and len(found) == faults and not _has_subject(split):
        found.append(_without_subject(file))
    return TemplateFile(
        template=name,
        channel=match["channel"],
        locale=canonical_locale(match["locale"]),
        brand=brand,
        kind=match["kind"],
        path=file,
        front=split.values,
        front_lines=split.lines,
        body=split.body,
        body_line=split.body_line,
    )


def _has_subject(split: FrontMatter) -> bool:
    """Its own title will do; that of the brand's layout is the same for all."""
    return bool(split.values.get("subject")) or _TITLE.search(split.body) is not None


def _without_subject(file: str) -> Diagnostic:
    return Diagnostic(
        code="no-subject",
        severity=Severity.WARNING,
        message="this email has no subject",
        file=file,
        line=1,
        column=1,
        end_column=2,
        hint="write `subject: …` at the head of the file, between two lines of three dashes\n"
        "until then the title of the layout, or the brand's name, stands in its place",
    )


def read_text(path: Path, root: Path) -> str | Fault:
    """The text of a file of templates, of which `root` is the folder."""
    try:
        if not path.resolve().is_relative_to(root.resolve()):
            return Fault("unreadable-file", "the file is a link that leads out of templates/", "copy it here")
        if path.stat().st_size > MOST_BYTES:
            return Fault(
                "unreadable-file", "the file is larger than a megabyte", "pictures are files of their own"
            )
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return Fault("unreadable-file", "the file is not UTF-8", "save it as UTF-8")
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or "it leads round in a circle"
        return Fault("unreadable-file", f"the file cannot be read: {reason}", "save it as UTF-8")
    if text.count("{{") + text.count("{%") > MOST_TAGS:
        return Fault("too-complex", f"the template has more than {MOST_TAGS} tags", "split it, or use a loop")
    return text


def _read(path: Path, root: Path, file: str, found: list[Diagnostic]) -> str | None:
    text = read_text(path, root)
    if isinstance(text, Fault):
        found.append(_error(text.code, text.message, file, hint=text.hint))
        return None
    return text


def _relative(project: Path, path: Path) -> str:
    return path.relative_to(project).as_posix()


def _error(code: str, message: str, file: str, line: int = 0, column: int = 0, hint: str = "") -> Diagnostic:
    return Diagnostic(
        code=code,
        severity=Severity.ERROR,
        message=message,
        file=file,
        line=line,
        column=column,
        end_column=column + 1 if column else 0,
        hint=hint,
    )


def _warning(code: str, message: str, file: str, hint: str) -> Diagnostic:
    return Diagnostic(code=code, severity=Severity.WARNING, message=message, file=file, hint=hint)
