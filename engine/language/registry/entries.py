"""What the registry is made of."""

from inspect import cleandoc

import msgspec

JOURNEY = "journeys/example.yaml"
POLICY = """
timezone: Asia/Shanghai
locale: zh-CN
brand: michelin
channels: [letter, email, sms]
purposes:
  care: {consent: required}
  newsletter: {consent: required}
""".lstrip()
"""The least that a policy says."""


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a project that is right but for it. `text` is None where the fault is that the file is not
    there, and where it is a picture of `size_bytes`. Of a journey the keys that do not matter may be left out. `alone`
    leaves out the project's journeys."""

    text: str | None
    file: str = JOURNEY
    encoding: str = "utf-8"
    alone: bool = False
    size_bytes: int = 0

    @property
    def shown(self) -> str:
        if self.size_bytes:
            return f"(a picture of {self.size_bytes // 1000} kB)"
        return "(no such file)" if self.text is None else self.text


class Code(msgspec.Struct, frozen=True, kw_only=True):
    """One diagnostic: `title` in a few words, `explanation` in a few sentences."""

    name: str
    title: str
    explanation: str
    wrong: Example
    right: Example


def entry(
    name: str, title: str, explanation: str, wrong: str | Example, right: str | Example, file: str = JOURNEY
) -> Code:
    """A code whose examples are texts of `file`."""
    return Code(
        name=name,
        title=title,
        explanation=" ".join(explanation.split()),
        wrong=_example(wrong, file),
        right=_example(right, file),
    )


def _example(given: str | Example, file: str) -> Example:
    return given if isinstance(given, Example) else Example(text=cleandoc(given) + "\n", file=file)
