"""The care plan alone, as a project: what has been measured from the first, whatever is shipped beside it."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support import care_plan

_folder = TemporaryDirectory(prefix="milepost-care-plan-")  # gone with the process


@cache
def care_plan_project() -> Path:
    return care_plan(Path(_folder.name) / "project")
