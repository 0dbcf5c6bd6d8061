"""How a brand is shown: its names and its colours, as its `brand.yaml` has them."""

import re
from collections.abc import Iterable, Mapping

import msgspec

from engine.language.template_files import Brand

_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}")
_NO_COLOUR = "#7a8480"


class BrandLook(msgspec.Struct, frozen=True, kw_only=True):
    """`own_name` is the name in the brand's other language, empty where it has one name only."""

    id: str
    name: str
    own_name: str
    primary: str
    accent: str


def looks_of(brands: Mapping[str, Brand], ids: Iterable[str]) -> dict[str, BrandLook]:
    return {one: look_of(brands.get(one) or Brand(id=one, names={"": one})) for one in ids}


def look_of(brand: Brand) -> BrandLook:
    name = brand.name("en")
    own = next((one for one in brand.names.values() if one != name), "")
    colours = brand.data.get("colours")
    colours = colours if isinstance(colours, dict) else {}
    primary = _colour(colours.get("primary"), _NO_COLOUR)
    return BrandLook(
        id=brand.id,
        name=name,
        own_name=own,
        primary=primary,
        accent=_colour(colours.get("accent"), primary),
    )


def _colour(value: object, otherwise: str) -> str:
    return value if isinstance(value, str) and _COLOUR.fullmatch(value) else otherwise
