"""A database's schema, by numbered steps: `migrations/0001_….sql`, `0002_….sql`, …, each applied once. A step that was
released is never edited.

Workers of two versions work on one database while the one takes the other's place. So a step may say, in a line
`-- readable by: N`, that code which knows steps up to N only can work on what it leaves (it adds a table, an index, a
column with a default, and takes nothing away). It is written down beside the step, where older code reads it.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from engine.model.errors import UsageError

_READABLE_BY = "-- readable by: "


class DatabaseTooNew(UsageError):  # noqa: N818 - named for what the operator must know
    """The database was changed by a newer version of Milepost, for which this one is too old."""


class DatabaseTooOld(UsageError):  # noqa: N818 - named for what the operator must know
    """The database was made by an older version of Milepost, and not brought up to date since."""


class Step(NamedTuple):
    """`readable_by`: the number of the newest step of the oldest code that can work on the schema after it."""

    name: str
    script: str
    readable_by: int


Schema = Mapping[int, int]
"""What a database has: the number of each step that was applied, and by which code its result is readable."""


class Migrated(NamedTuple):
    """The schema's number before and after."""

    before: int
    after: int


@cache
def steps(package: str) -> Mapping[int, Step]:
    """Number → step, of the store that is `package`."""
    folder = files(package).joinpath("migrations")
    found = {
        int(one.name[:4]): step(one.name.removesuffix(".sql"), one.read_text("utf-8"))
        for one in folder.iterdir()
        if one.name.endswith(".sql")
    }
    if sorted(found) != list(range(1, len(found) + 1)):
        raise ValueError(f"migrations are not numbered 1 to {len(found)}: {sorted(found)}")
    return dict(sorted(found.items()))


def step(name: str, script: str) -> Step:
    """A step as its file has it. One that does not say by whom it is readable, is by code that knows it."""
    number = int(name[:4])
    for line in script.splitlines():
        if line.startswith(_READABLE_BY):
            number = int(line.removeprefix(_READABLE_BY))
    return Step(name, script, number)


def version_of(schema: Schema) -> int:
    """The newest step that was applied; 0 for an empty database."""
    return max(schema, default=0)


def is_readable(schema: Schema, newest: int) -> bool:
    """Whether code that knows steps up to `newest` can work on what those beyond it have left."""
    return all(readable_by <= newest for number, readable_by in schema.items() if number > newest)


def refuse_newer(schema: Schema, newest: int, database: object) -> None:
    """Raises `DatabaseTooNew` where the database has steps beyond `newest` that code which ends there cannot read."""
    if is_readable(schema, newest):
        return
    raise DatabaseTooNew(
        f"The database {database} has schema {version_of(schema)}; this version of Milepost is older, and knows "
        f"{newest} at most.",
        "Install the version of Milepost that it was last used with, or a newer one.",
    )


def refuse_older(schema: Schema, newest: int, database: object) -> None:
    """Raises `DatabaseTooOld` where steps up to `newest` are missing."""
    present = version_of(schema)
    if present < newest:
        has = f"has schema {present}" if present else "is empty"
        raise DatabaseTooOld(
            f"The database {database} {has}; this version of Milepost works on schema {newest}.",
            "Run: milepost migrate",
        )
