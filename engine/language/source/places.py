"""Where the characters of a scalar's value stand in the file, though YAML has unquoted, folded or unescaped
it.

The raw text and the value are walked side by side; what only the raw text has (quotes, indentation, a folded
line's break) is passed over.
"""

_ESCAPED_LENGTHS = {"x": 4, "u": 6, "U": 10}


def offsets_of(raw: str, value: str) -> list[int]:
    """For each character of `value`, its index in `raw`. Where they cannot be matched, the last index that
    could."""
    quote = raw[:1] if raw[:1] in ('"', "'") else ""
    if not quote and raw.startswith(value):
        return list(range(len(value)))
    at = 1 if quote else 0
    if raw[:1] in ("|", ">"):  # a block: its text begins behind the line of its header
        at = raw.find("\n") + 1
    offsets: list[int] = []
    for character in value:
        at = _find(raw, at, character, quote)
        offsets.append(min(at, len(raw) - 1))
        at += _width(raw, at, quote)
    return offsets


def _find(raw: str, at: int, character: str, quote: str) -> int:
    """The index from `at` on at which `character` is written."""
    if at >= len(raw) or raw[at] == character or (quote == '"' and raw[at] == "\\"):
        return at
    if character in " \n":
        return next((i for i in range(at, len(raw)) if raw[i] in " \n"), at)
    while at < len(raw) and raw[at] != character and not (quote == '"' and raw[at] == "\\"):
        at += 1
    return at


def _width(raw: str, at: int, quote: str) -> int:
    """How many characters of `raw` stand for one of the value."""
    if quote == "'" and raw[at : at + 2] == "''":
        return 2
    if quote == '"' and raw[at : at + 1] == "\\":
        return _ESCAPED_LENGTHS.get(raw[at + 1 : at + 2], 2)
    if raw[at : at + 1] == "\n":  # a fold: the indentation of the next line is passed over
        end = at + 1
        while raw[end : end + 1] == " ":
            end += 1
        return end - at if quote else 1
    return 1
