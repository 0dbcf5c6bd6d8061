"""`milepost preview`: one message in its channel's own form, and the page of all."""

import json
from email import message_from_bytes
from email.policy import default
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.browsing import chromium
from tests.cli.conftest import Call
from tests.cli.sites import EVENTS, write_site
from tests.support import ROOT, milepost


def test_an_sms_is_its_text_and_its_parts_are_counted(call: Call) -> None:
    done = call("preview", "tyre-health", cwd=ROOT)
    assert done.code == 0
    assert "京A12345" in done.stdout
    assert "约1万公里" in done.stdout  # the first round
    assert "1 part, " in done.stderr
    assert "UCS-2" in done.stderr


def test_an_email_is_its_html_and_its_subject_is_told(call: Call) -> None:
    done = call("preview", "welcome-pack", "--channel", "email", "--locale", "en", cwd=ROOT)
    assert done.stdout.startswith("<!DOCTYPE html>")
    assert "Subject: A month on your new Michelin tyres" in done.stderr


def test_a_letter_is_a_pdf(tmp_path: Path, call: Call) -> None:
    out = tmp_path / "letter.pdf"
    assert call("preview", "welcome-pack", "--brand", "warrior", "--out", out, cwd=ROOT).code == 0
    assert "王芳" in PdfReader(BytesIO(out.read_bytes())).pages[0].extract_text()


def test_the_file_s_ending_says_what_is_written(tmp_path: Path, call: Call) -> None:
    asked = ("preview", "newsletter/2026-q1", "--out")
    for name in ("a.html", "a.txt", "a.eml"):
        assert call(*asked, tmp_path / name, cwd=ROOT).code == 0
    email = message_from_bytes((tmp_path / "a.eml").read_bytes(), policy=default)
    assert email["subject"]
    assert email.get_body(("plain",)).get_content().split() == (tmp_path / "a.txt").read_text().split()
    assert 'src="data:image/png;base64,' in (tmp_path / "a.html").read_text("utf-8")
    assert {part.get_content_type() for part in email.walk()} >= {"multipart/related", "image/png"}
    refused = call(*asked, tmp_path / "a.pdf", cwd=ROOT)
    assert (refused.code, "ends in .html or .txt or .eml" in refused.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["welcom-pack"], "Did you mean 'welcome-pack'?"),
        (["welcome-pack", "--brand", "micheln"], "Did you mean 'michelin'?"),
        (["newsletter/2026-q1", "--channel", "sms"], "There are: email."),
        (["welcome-pack", "--locale", "fr"], "There are: en, zh-CN."),
        (["welcome-pack", "--journey", "welcome"], "Did you mean 'welcome-pack'?"),
        (["welcome-pack", "--journey", "replacement"], "Write the step first"),
        ([], "There are: after-visit, "),
        (["--all", "--brand", "michelin"], "Leave out --brand"),
    ],
)
def test_what_is_not_there_is_wrong_usage(arguments: list[str], told: str, call: Call) -> None:
    done = call("preview", *arguments, cwd=ROOT)
    assert done.code == 2
    assert told in done.stderr


def test_with_the_data_of_a_customer(tmp_path: Path, call: Call) -> None:
    site = write_site(tmp_path)
    (site / "templates" / "hello" / "sms.zh-CN.txt").write_text(
        "{{ customer.name }} {{ vehicle.plate }} {{ event.tyre_count }}", "utf-8"
    )
    milepost("ingest", "events.jsonl", cwd=site, **EVENTS)
    done = call("preview", "hello", "--channel", "sms", "--customer", "13800000002", cwd=site)
    assert done.stdout == "王芳 京A12342 2\n"
    assert "made up" not in done.stderr  # the run under way knows what began it
    nobody = call("preview", "hello", "--customer", "13900000009", cwd=site)
    assert nobody.code == 1


def test_as_json(call: Call) -> None:
    told = json.loads(
        call("preview", "tyre-health", "--brand", "bfgoodrich", "--format", "json", cwd=ROOT).stdout
    )
    assert (told["channel"], told["brand"], told["parts"], told["sampled"]) == ("sms", "bfgoodrich", 1, True)
    assert told["pdf"] is None
    page = (ROOT / "docs" / "reference" / "output.md").read_text("utf-8")
    section = page[page.index("## `preview`") :]
    assert [name for name in told if f"`{name}`" not in section] == []


@pytest.mark.xdist_group("demo")
def test_the_gallery_in_a_browser(tmp_path: Path, call: Call) -> None:
    """One file, whole in itself: every variant is there, nothing is asked of the network, nothing sticks out."""
    done = call("preview", "welcome-pack", "--all", "--out", tmp_path, "--format", "json", cwd=ROOT)
    told = json.loads(done.stdout)
    assert (told["messages"], told["faults"]) == (18, [])
    asked: list[str] = []
    with chromium() as browser:
        for width, scheme in ((1280, "light"), (390, "dark")):
            page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)  # type: ignore[arg-type]
            page.on("request", lambda one: asked.append(one.url))
            page.goto(f"file://{told['index']}" if Path(told["index"]).is_absolute() else "")
            assert page.locator("article").count() == 18
            assert page.locator("article img").count() == 6
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            loaded = "[...document.images].every(one => one.complete && one.naturalWidth)"
            assert page.evaluate(loaded)
            frame = page.frame_locator("article[data-channel=email] iframe").first
            assert frame.locator("h1").first.inner_text()
    assert [url for url in asked if not url.startswith(("file:", "data:", "about:"))] == []


def test_a_text_that_cannot_be_made_is_shown_as_such(tmp_path: Path, call: Call) -> None:
    site = write_site(tmp_path)
    (site / "templates" / "hello" / "letter.zh-CN.html").write_text(
        "<p>{{ 1 // (customer.name | length - 2) }}</p>", "utf-8"
    )
    done = call("preview", "--all", "--out", "out", cwd=site)
    assert done.code == 1
    assert "2 could not be made" in done.stderr
    assert "letter.zh-CN.html" in (site / "out" / "index.html").read_text("utf-8")
