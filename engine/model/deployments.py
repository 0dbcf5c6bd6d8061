"""What is deployed: a project's files, each known by the hash of its bytes, and the list of them by its own.

content      the bytes of one file, under their hash; the same bytes are kept once, whatever refers to them
manifest     the files' paths in the project (with `/`), each with the hash of what it holds
deployment   a manifest with a number, from 1; the one with the greatest number is in force
"""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

import msgspec


class Deployment(msgspec.Struct, frozen=True, kw_only=True):
    """`by` says who deployed it, `note` what for, in their own words. `restores` is the number of the earlier
    deployment whose content it brings back, if it does."""

    number: int
    manifest: dict[str, str]
    at: datetime
    by: str = ""
    note: str = ""
    restores: int | None = None

    @property
    def hash(self) -> str:
        """What its content as a whole is known by."""
        return hash_of_manifest(self.manifest)


def hash_of(content: bytes) -> str:
    """What a file's content is known by."""
    return sha256(content).hexdigest()


def hash_of_manifest(manifest: Mapping[str, str]) -> str:
    """The same files with the same content give the same, in whatever order they come."""
    lines = [f"{manifest[path]}  {path}\n" for path in sorted(manifest)]
    return hash_of("".join(lines).encode())
