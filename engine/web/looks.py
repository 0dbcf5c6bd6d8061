"""A brand's look on pages: its name set in type, its colours as custom properties, and rules of its own from
`templates/brands/<brand>/page.css`, where it has such a file."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from engine.language.report import Fault
from engine.language.template_files import BRANDS, TEMPLATES, Brand, read_text
from engine.render.brands import localised
from engine.wiring.deployed import Project

_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}")
_COLOURS = {
    "primary": "#1f4e79",
    "accent": "#1f4e79",
    "ink": "#1d2329",
    "muted": "#5a646e",
    "tint": "#f2f4f6",
    "line": "#d5dade",
}
_LEAST_CONTRAST = 4.5


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """`other_name` is the brand's name in its other language, empty where it has one only. `sender` is who writes."""

    id: str
    name: str
    other_name: str
    motto: str
    programme: str
    sender: str
    site: str


def brand_of(project: Project, named: str) -> Brand:
    """The brand, else the policy's, else one without a look."""
    brands = project.loaded.templates.brands
    return brands.get(named) or brands.get(project.program.policy.brand) or Brand(id=named, names={"": named})


def look_of(brand: Brand, locale: str) -> Look:
    said = localised(brand.data, locale)
    name = brand.name(locale)
    site = _text(said, "links", "site")
    return Look(
        id=brand.id,
        name=name,
        other_name=next((one for one in brand.names.values() if one != name), ""),
        motto=_text(said, "texts", "motto"),
        programme=_text(said, "texts", "programme"),
        sender=_text(said, "senders", "email", "name") or name,
        site=site if site.startswith(("https://", "http://")) else "",
    )


def css_of(brand: Brand, project: Path) -> str:
    """The brand's colours, of which those for text are readable, then its own rules."""
    given = brand.data.get("colours")
    told = given if isinstance(given, dict) else {}
    colours = {name: _colour(told.get(name), otherwise) for name, otherwise in _COLOURS.items()}
    for name, on in (("ink", "tint"), ("muted", "tint")):
        if contrast(colours[name], colours[on]) < _LEAST_CONTRAST:
            colours[name] = _COLOURS["ink"]
    colours["on-primary"] = readable_on(colours["primary"])
    colours["link"] = (
        colours["primary"] if contrast(colours["primary"], "#ffffff") >= _LEAST_CONTRAST else colours["ink"]
    )
    root = "".join(f"  --{name}: {value};\n" for name, value in colours.items())
    return f":root {{\n{root}}}\n{_own_rules(brand, project)}"


def _own_rules(brand: Brand, project: Path) -> str:
    root = project / TEMPLATES
    file = root / BRANDS / brand.id / "page.css"
    if not file.is_file():
        return ""
    text = read_text(file, root)
    return "" if isinstance(text, Fault) else text


def readable_on(colour: str) -> str:
    """White or black, whichever is the more readable on it."""
    return max(("#ffffff", "#111111"), key=lambda one: contrast(one, colour))


def contrast(one: str, other: str) -> float:
    """By WCAG 2: from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    digits = colour[1:]
    if len(digits) == 3:
        digits = "".join(2 * one for one in digits)
    shares = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _colour(given: Any, otherwise: str) -> str:
    return given if isinstance(given, str) and _COLOUR.fullmatch(given) else otherwise


def _text(said: Any, *path: str) -> str:
    """The text at `path` of a `brand.yaml`, empty where there is none."""
    for name in path:
        said = said.get(name) if isinstance(said, Mapping) else None
    return said if isinstance(said, str) else ""
