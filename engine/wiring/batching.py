"""Which emails of a project cannot be sent in batches, and why."""

from collections.abc import Sequence
from pathlib import Path

from engine.language import Loaded
from engine.render.forms.reasons import Reason, Reasons

__all__ = ["Reason", "one_by_one"]


def one_by_one(project: Path, loaded: Loaded, only: Sequence[Path] = ()) -> list[Reason]:
    """What keeps emails from being forms; of the files in `only`, where any are named. Nothing of it is a fault."""
    reasons = Reasons(project, loaded.templates).all()
    if not only:
        return reasons
    roots = [place.resolve() for one in only for place in (one, project / one)]
    return [
        one for one in reasons if any((project / one.file).resolve().is_relative_to(root) for root in roots)
    ]
