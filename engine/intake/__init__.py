"""Layer 4: from bytes to events that may be believed, and whom they are about.

    bytes of a line ─ parse ─▶ Event (checked, cleaned) ─ identify ─▶ customer, car
                        └────▶ [Rejection, …] (every fault, each naming its member)

Laws
1. Nothing that comes in raises. What cannot be taken is a list of rejections that name the member and carry
   the bytes as they came; reasons never repeat what a person typed.
2. There is one table of events (`engine.model.event_types`). The checker, the published schema and the
   reference page are made from it; nothing here knows a type's members.
3. What is known is checked strictly; what is unknown is kept.
4. An identifier that cannot be one does not cost the event: it is set aside, seen, and leads to nobody. Only
   an event that then names nobody is refused.
5. An identifier leads to at most one customer; what contradicts that is set aside and told, never merged.

Modules: `parse` (a line → event or rejections), `clean` and `phone` (identifiers as they are compared),
`identify` (whom), `keys` (of records in the inbox), `files` (lines of a file, with progress), `reader` (the events of
whole files), `reference` and `asyncapi` (the page, the schema and the topics of events).
"""

from engine.intake.clean import Unusable, clean_contact, unusable
from engine.intake.files import Line, Source, file_format, open_source
from engine.intake.identify import Identification
from engine.intake.parse import MOST_BYTES, Parser, joined
from engine.intake.reader import Reader

__all__ = [
    "MOST_BYTES",
    "Identification",
    "Line",
    "Parser",
    "Reader",
    "Source",
    "Unusable",
    "clean_contact",
    "file_format",
    "joined",
    "open_source",
    "unusable",
]
