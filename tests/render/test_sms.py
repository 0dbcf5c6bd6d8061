"""How many parts a text takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.render import segments


@pytest.mark.parametrize(
    ("text", "parts", "encoding"),
    [
        ("", 1, "GSM-7"),
        ("a" * 160, 1, "GSM-7"),
        ("a" * 161, 2, "GSM-7"),
        ("a" * (2 * 153), 2, "GSM-7"),
        ("a" * (2 * 153 + 1), 3, "GSM-7"),
        ("€" * 80, 1, "GSM-7"),  # two septets each: 160
        ("€" * 81, 2, "GSM-7"),
        ("€" * 153, 3, "GSM-7"),  # 76 of them in a part, for none is cut in two: 76 + 76 + 1
        ("好" * 70, 1, "UCS-2"),
        ("好" * 71, 2, "UCS-2"),
        ("好" * 134, 2, "UCS-2"),
        ("好" * 135, 3, "UCS-2"),
        ("a" * 69 + "好", 1, "UCS-2"),
        ("a" * 70 + "好", 2, "UCS-2"),
        ("😀" * 35, 1, "UCS-2"),  # a surrogate pair each
        ("😀" * 67, 3, "UCS-2"),  # 33 in a part, for none is cut in two: 33 + 33 + 1
        ("it’s", 1, "UCS-2"),  # a typographic apostrophe is not in the alphabet
    ],
)
def test_parts(text: str, parts: int, encoding: str) -> None:
    found = segments(text)
    assert (found.parts, found.encoding) == (parts, encoding)


@given(st.text(), st.text())
def test_a_longer_text_never_takes_fewer_parts(text: str, more: str) -> None:
    assert segments(text).parts <= segments(text + more).parts
