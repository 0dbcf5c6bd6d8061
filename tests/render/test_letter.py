"""Letters: the same bytes everywhere, nothing from elsewhere, and no document that keeps a machine busy."""

import hashlib
import io
import os
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pypdf
import pytest

from engine.model.errors import TemplateError
from engine.render import TemplateRenderer
from tests.render.samples import PROJECT, Project, message

_RENDER = """
import hashlib, os
from tests.render.samples import message, renderer_of
renderer, digest = renderer_of(), hashlib.sha256()
for brand, locale in (("michelin", "zh-CN"), ("bfgoodrich", "en"), ("warrior", "zh-CN")):
    digest.update(renderer.render(message("replacement", "letter", brand, locale)).pdf)
print(digest.hexdigest())
"""


def test_the_same_message_is_the_same_bytes_in_every_process_language_and_zone(
    renderer: TemplateRenderer, tmp_path: Path
) -> None:
    here = hashlib.sha256()
    for brand, locale in (("michelin", "zh-CN"), ("bfgoodrich", "en"), ("warrior", "zh-CN")):
        one = message("replacement", "letter", brand, locale)
        pdf = renderer.render(one).pdf
        assert pdf == renderer.render(one).pdf
        here.update(pdf)
    environment = {
        **os.environ,
        "LC_ALL": "zh_CN.UTF-8",
        "TZ": "America/New_York",
        "HOME": str(tmp_path),
        "FONTCONFIG_FILE": "/nowhere",
        "PYTHONHASHSEED": "7",
    }
    there = subprocess.run(
        [sys.executable, "-c", _RENDER],
        env=environment,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert there.stdout.strip() == here.hexdigest()


def test_only_our_own_fonts_are_used(renderer: TemplateRenderer) -> None:
    before = dict(os.environ)
    for brand, locale in (("michelin", "zh-CN"), ("warrior", "en")):
        pdf = renderer.render(message("replacement", "letter", brand, locale)).pdf
        assert len(pdf) < 150_000
        page = pypdf.PdfReader(io.BytesIO(pdf)).pages[0]
        fonts = {str(font.get_object()["/BaseFont"]) for font in page["/Resources"]["/Font"].values()}
        assert all(("NotoS" in font) or ("SourceS" in font) or ("CairoFont" in font) for font in fonts)
    assert dict(os.environ) == before


def test_a_letter_is_dated_by_its_message_and_named_by_its_title(renderer: TemplateRenderer) -> None:
    pdf = renderer.render(message("welcome-pack", "letter")).pdf
    about = pypdf.PdfReader(io.BytesIO(pdf)).metadata
    assert about is not None
    assert about.title == "米其林"
    assert about.creation_date is not None
    assert about.creation_date.isoformat() == "2025-04-08T02:00:00+00:00"


def test_a_rare_character_of_a_name_is_printed(project: Project) -> None:
    project.write("t/letter.zh-CN.html", "<p>王喆 龘 靐</p>")
    text = pypdf.PdfReader(io.BytesIO(project.render("letter").pdf)).pages[0].extract_text()
    assert "王喆 龘 靐" in text


def test_digits_can_be_copied_from_an_english_letter(project: Project) -> None:
    project.write(
        "t/letter.zh-CN.html", '<html lang="en"><p style="font-family: Noto Sans SC">12345 km</p></html>'
    )
    text = pypdf.PdfReader(io.BytesIO(project.render("letter").pdf)).pages[0].extract_text()
    assert "12345 km" in text


@pytest.mark.parametrize(
    "html",
    [
        '<img src="http://127.0.0.1:9/a.png">',
        '<img src="https://example.com/a.png">',
        '<img src="file:///etc/passwd">',
        '<img src="/etc/passwd">',
        '<img src="../../../../../../etc/passwd">',
        '<img src="..%2f..%2f..%2f..%2fetc%2fpasswd">',
        '<img src="../journeys/policy.yaml">',
        '<img src="out.png">',  # a link that leads out of templates/
        '<img src="nothing.png">',
        '<link rel="stylesheet" href="//example.com/a.css">',
        "<style>@import url(http://127.0.0.1:9/a.css);</style>a",
        "<style>@font-face{font-family:X;src:url(file:///etc/passwd)}p{font-family:X}</style><p>a</p>",
        "<style>p{background:url(ftp://127.0.0.1/a.png)}</style><p>a</p>",
        '<base href="file:///etc/"><img src="passwd">',
        '<svg width="9" height="9"><image href="file:///etc/passwd" width="9" height="9"/></svg>',
    ],
)
def test_nothing_is_read_but_files_of_templates(project: Project, html: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(_png())
    project.write("t/letter.zh-CN.html", f"<p>a</p>{html}")
    (project.folder / "templates/t/out.png").symlink_to(secret)
    with pytest.raises(TemplateError, match="no file in templates/"):
        project.render("letter")


def test_pictures_are_found_beside_the_message_in_the_brand_and_from_templates_on(project: Project) -> None:
    project.write("t/a.png", _png()).write("brands/michelin/b.png", _png()).write("shared/c.png", _png())
    project.write(
        "t/letter.zh-CN.html",
        '<img src="a.png"><img src="b.png"><img src="shared/c.png">'
        '<link rel="stylesheet" href="shared/s.css"><p>a</p>',
    )
    project.write("shared/s.css", "p { color: red }")
    page = pypdf.PdfReader(io.BytesIO(project.render("letter").pdf)).pages[0]
    assert page.images


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ("<table><tr><td>" * 60 + "a", "tables lie too deep"),
        ("<div>" * 5000, "elements lie too deep"),
        ("<p>a</p>" * 3000, "pages"),
        ("a" * 600_000, "too long"),
    ],
)
def test_a_document_that_would_keep_the_machine_busy_is_refused(
    project: Project, html: str, said: str
) -> None:
    project.write("t/letter.zh-CN.html", html)
    began = time.process_time()
    with pytest.raises(TemplateError, match=said):
        project.render("letter")
    assert time.process_time() - began < 5


def test_what_customers_wrote_is_text_in_a_letter(project: Project) -> None:
    project.write("t/letter.zh-CN.html", "<p>{{ customer.name }}</p>")
    given = {"customer": {"name": '<img src="http://127.0.0.1:9/">'}}
    letter = project.render("letter", given)
    assert "&lt;img" in letter.html
    assert "<img" in pypdf.PdfReader(io.BytesIO(letter.pdf)).pages[0].extract_text()


def _png() -> bytes:
    """One red point."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0\xff\0\0")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
