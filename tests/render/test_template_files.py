"""Which templates there are, which one is found, and what is said of faulty ones."""

import pytest

from engine.language.template_files import FILTERS, Brand, canonical_locale, fallbacks, scan
from engine.model.diagnostics import Severity
from engine.render.filters import filters
from tests.render.samples import Project


def codes(project: Project) -> list[tuple[str, str, int]]:
    return [(one.code, one.file.removeprefix("templates/"), one.line) for one in scan(project.folder)[1]]


def test_the_filters_are_those_the_language_knows() -> None:
    assert set(filters()) == set(FILTERS)


def test_names_may_be_nested_and_a_brands_folder_is_its_own_version(project: Project) -> None:
    project.write("newsletter/2026-q1/email.zh-CN.html", "---\nsubject: a\n---\na")
    project.write("welcome/michelin/letter.zh-CN.html", "a").write("welcome/sms.en.txt", "a")
    index, faults = scan(project.folder)
    assert not faults
    assert index.names() == {"newsletter/2026-q1", "welcome"}
    assert [(file.channel, file.brand) for file in index.files_of("welcome")] == [
        ("letter", "michelin"),
        ("sms", None),
    ]
    assert index.locales("welcome", "letter", "michelin") == {"zh-CN"}
    assert index.locales("welcome", "letter", "warrior") == frozenset()
    assert index.locales("welcome", "sms", "warrior") == {"en"}


def test_the_customers_language_goes_before_the_brands_own_wording(project: Project) -> None:
    for path in ("t/sms.zh-CN.txt", "t/michelin/sms.zh-CN.txt", "t/sms.en.txt", "t/michelin/sms.de-AT.txt"):
        project.write(path, path)
    index, _ = scan(project.folder)

    def found(brand: str, locale: str) -> str:
        file = index.find("t", "sms", brand, locale, "txt", "zh-CN")
        return file.body if file else ""

    assert found("michelin", "zh-CN") == "t/michelin/sms.zh-CN.txt"
    assert found("warrior", "zh-CN") == "t/sms.zh-CN.txt"
    assert found("michelin", "en-GB") == "t/sms.en.txt"
    assert found("michelin", "fr") == "t/michelin/sms.zh-CN.txt"
    assert found("michelin", "de-AT") == "t/michelin/sms.de-AT.txt"
    assert found("michelin", "de") == "t/michelin/sms.zh-CN.txt"
    assert index.find("t", "letter", "michelin", "zh-CN", "html", "zh-CN") is None


@pytest.mark.parametrize(
    ("text", "front", "body", "body_line"),
    [
        ("a", {}, "a", 1),
        ("---\nsubject: {{ x }}: y\n---\na", {"subject": "{{ x }}: y"}, "a", 4),
        ("---\r\nsubject: 'q'\r\n---\r\na", {"subject": "q"}, "a", 4),
        ("---\n# note\n\nsubject: a\n  b\n---\nc", {"subject": "a b"}, "c", 7),
        ("---\nattachments:\n  - a.pdf\n  - b.pdf\n---\n", {"attachments": "a.pdf, b.pdf"}, "", 6),
        ("\ufeff---\nsubject: a\n---\nb", {"subject": "a"}, "b", 4),
        ("--- a\nb", {}, "--- a\nb", 1),
    ],
)
def test_front_matter(project: Project, text: str, front: dict[str, str], body: str, body_line: int) -> None:
    project.write("t/letter.zh-CN.html", text)
    index, faults = scan(project.folder)
    assert not faults
    file = index.files[0]
    assert (file.front, file.body.replace("\r\n", "\n"), file.body_line) == (front, body, body_line)


@pytest.mark.parametrize(
    ("path", "text", "code", "line"),
    [
        ("t/email.zh-CN.html", "---\nsubject a\n---\n", "bad-front-matter", 2),
        ("t/email.zh-CN.html", "---\nsubject: a\n", "bad-front-matter", 1),
        ("t/email.zh-CN.html", "---\nsubjct: a\n---\n", "unknown-key", 2),
        ("t/email.zh-CN.html", "---\nsubject: a\nsubject: b\n---\n", "duplicate-key", 3),
        ("t/email.zh-CN.html", b"\xff\xfe", "unreadable-file", 0),
        ("t/emial.zh-CN.html", "a", "unknown-channel", 0),
        ("t/email.chinese.html", "a", "unknown-locale", 0),
        ("email.zh-CN.html", "a", "stray-template", 0),
        ("michelin/email.zh-CN.html", "a", "stray-template", 0),
        ("brands/other/letter.html", "a", "missing-brand-file", 0),
        ("brands/other/brand.yaml", "colours: {}", "brand-without-name", 1),
        ("brands/other/brand.yaml", "name: {zh-CN: [}", "yaml-syntax", 1),
        ("brands/other/brand.yaml", b"\xff", "unreadable-file", 1),
    ],
)
def test_faults_are_values(project: Project, path: str, text: str | bytes, code: str, line: int) -> None:
    project.write(path, text)
    assert [one[0] for one in codes(project)] == [code]
    assert codes(project)[0][2] == line


@pytest.mark.parametrize(
    "text", ["a", "", "---\nsubject:\n---\na", "---\npreheader: b\n---\na", "<title> </title>"]
)
def test_an_email_without_a_subject_is_told(project: Project, text: str) -> None:
    project.write("t/email.zh-CN.html", text)
    _, [told] = scan(project.folder)
    assert (told.code, told.severity, told.line) == ("no-subject", Severity.WARNING, 1)
    assert "`subject: …`" in told.hint


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("t/email.zh-CN.html", "---\nsubject: a\n---\nb"),
        ("t/email.zh-CN.html", "<html><head><title>A title</title></head></html>"),
        ("t/email.zh-CN.txt", "the plain part has the subject of the other"),
        ("t/letter.zh-CN.html", "a"),
        ("t/sms.zh-CN.txt", "a"),
    ],
)
def test_what_has_a_subject_or_needs_none_is_not_told(project: Project, path: str, text: str) -> None:
    assert codes(project.write(path, text)) == []


def test_other_files_are_no_messages(project: Project) -> None:
    project.write("t/logo.png", b"x").write("t/_piece.html", "x").write("t/.email.zh-CN.html", "x")
    project.write("shared/footer.html", "x")
    index, faults = scan(project.folder)
    assert not faults
    assert index.files == ()


def test_a_project_without_templates_is_empty(tmp_path: object) -> None:
    index, faults = scan(tmp_path)  # type: ignore[arg-type]
    assert (index.brands, index.files, faults) == ({}, (), [])


@pytest.mark.parametrize(
    ("given", "canonical", "both"),
    [
        ("zh_cn", "zh-CN", ("zh-CN", "zh")),
        ("EN", "en", ("en",)),
        ("zh-hant-tw", "zh-Hant-TW", ("zh-Hant-TW", "zh")),
    ],
)
def test_locales(given: str, canonical: str, both: tuple[str, ...]) -> None:
    assert canonical_locale(given) == canonical
    assert fallbacks(given) == both


def test_a_brand_has_a_name_in_every_locale() -> None:
    brand = Brand(id="b", names={"zh-CN": "中", "en": "E"})
    assert [brand.name(one) for one in ("zh-CN", "zh-TW", "en-GB", "fr")] == ["中", "中", "E", "中"]
    assert Brand(id="b", names={"": "B"}).name("fr") == "B"
