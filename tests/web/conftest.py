from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import ROOT, write_project
from tests.web.gateways import JOURNEY, Gateway, Site, bought

MICHELIN, BFGOODRICH, WARRIOR = "+8613800000001", "+8613800000002", "+8613800000003"
TITLES = """\
timezone: Asia/Shanghai
locale: zh-CN
brand: michelin
channels: [letter, email, sms]
purposes:
  care: {consent: required, title: {zh-CN: 爱车养护, en: Looking after your car}}
  newsletter: {consent: required}
  service: {consent: assumed}
"""


def _brands(folder: Path) -> dict[str, str]:
    """The shipped brands, with the links in their emails."""
    source = ROOT / "templates" / "brands"
    files = {
        f"templates/brands/{one.parent.name}/{one.name}": one.read_text("utf-8")
        for one in sorted(source.glob("*/*"))
        if one.name in ("brand.yaml", "page.css")
    }
    for locale in ("zh-CN", "en"):
        links = "{{ message.unsubscribe_url }} {{ message.preferences_url }}"
        files[f"templates/hello/email.{locale}.html"] = f"---\nsubject: hello\n---\n<p>{links}</p>\n"
    return files


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Three customers who got an email each, of three brands; the second one reads English."""
    folder = tmp_path_factory.mktemp("site")
    write_project(folder, {"hello": JOURNEY}, policy=TITLES, brands=(), files=_brands(folder))
    made = Site(folder)
    made.take(
        bought(1),
        bought(2, "bfgoodrich", "en"),
        bought(3, "warrior"),
        *(bought(n) for n in range(4, 16)),
    )
    made.send()
    return made


@pytest.fixture(scope="module")
def gateway(site: Site) -> Iterator[Gateway]:
    with site.gateway() as running:
        yield running
