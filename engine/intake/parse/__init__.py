"""One line of JSON becomes an event, or the list of everything that is wrong with it.

The way of a line, whose stages are the modules:

1. `json_text`: bytes → objects, or one fault (not UTF-8, not JSON, too long, too deep, a member twice).
2. `blanks`: a member that is null or a blank text is not stated: it goes, as if it had been left out.
3. `quick`: msgspec types made from the table look at the whole event at once. They only ever say yes.
4. `strict`: whatever they did not accept goes to pydantic's validator, made from the same table, which is the
   judge: it accepts, or names every fault.
5. `engine.intake.clean`: identifiers as they are compared; what cannot be one is set aside.
6. `needs`: what one member alone cannot tell: one of several must be there, somebody must be named.

Decided where the contract is silent
- `2.0` is a whole number, as JSON Schema has it, and is kept as 2. `"2"`, `true` and `2.5` are not.
- A zone written `+0800` is understood; so are a lower-case `t` and `z`, and a blank for the `T`. A leap
  second (`23:59:60Z`) is the second after it. A moment in the far future is a moment.
- A byte order mark is skipped. A member given twice in one object is refused: nobody knows which is meant.
- `data_base64`, and a `datacontenttype` other than JSON, are refused; other attributes are not kept.
"""

from engine.intake.parse.json_text import MOST_BYTES
from engine.intake.parse.parser import Parser, joined

__all__ = ["MOST_BYTES", "Parser", "joined"]
