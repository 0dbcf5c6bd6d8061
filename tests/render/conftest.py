from pathlib import Path

import pytest

from engine.render import TemplateRenderer
from tests.render.samples import Project, renderer_of


@pytest.fixture(scope="session")
def renderer() -> TemplateRenderer:
    """Of the project that is shipped."""
    return renderer_of()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)
