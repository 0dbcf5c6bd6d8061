"""Many letters as one PDF: each looks as it did, and what they have in common is there once."""

import io
from pathlib import Path

import pikepdf
import pypdf
import pytest

from engine.channels.letters_print.fonts import rewritten
from engine.channels.letters_print.glyphs import Outline, font_of, outlines_of
from engine.channels.letters_print.merge import merge
from tests.channels.printing.letters import pdf_of

TEXTS = [
    f"第{n}封信，致{name}女士：春风拂面 {n}"
    for n, name in enumerate("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗")
]


def text_of(pdf: Path | bytes, page: int = 0) -> str:
    source = io.BytesIO(pdf) if isinstance(pdf, bytes) else pdf
    return pypdf.PdfReader(source).pages[page].extract_text()


def drawn(pdf: Path | bytes, page: int = 0) -> list[tuple[str, list[bytes]]]:
    """The outlines that a page draws, in their order: by what is shown, whatever it is numbered."""
    with pikepdf.open(io.BytesIO(pdf) if isinstance(pdf, bytes) else pdf) as book:
        one = book.pages[page]
        glyphs = {name: outlines_of(font.DescendantFonts[0].FontDescriptor.FontFile3.read_bytes())
                  for name, font in one.Resources.Font.items() if font.Subtype == "/Type0"}  # fmt: skip
        widths = {name: [float(width) for width in font.DescendantFonts[0].W[1]]
                  for name, font in one.Resources.Font.items() if font.Subtype == "/Type0"}  # fmt: skip
        found, present = [], ""
        for operands, operator in pikepdf.parse_content_stream(one):
            if str(operator) == "Tf":
                present = str(operands[0])
            elif str(operator) in ("Tj", "TJ") and glyphs.get(present) is not None:
                parts = operands[0] if str(operator) == "TJ" else operands
                codes = b"".join(bytes(part) for part in parts if isinstance(part, pikepdf.String))
                numbers = [int.from_bytes(codes[n : n + 2]) for n in range(0, len(codes), 2)]
                found.append([(glyphs[present][n], widths[present][n]) for n in numbers])
        return found


@pytest.mark.parametrize("bold", [False, True])
def test_every_letter_draws_what_it_drew(tmp_path: Path, bold: bool) -> None:
    letters = [pdf_of(text, bold=bold) for text in TEXTS]
    run = tmp_path / "run.pdf"
    assert merge(letters, run, duplex=False, title="run") == [(n, n) for n in range(1, len(TEXTS) + 1)]
    for n, letter in enumerate(letters):
        assert drawn(run, n) == drawn(letter)
        assert drawn(letter)
        assert text_of(run, n) == text_of(letter)


def test_fonts_are_there_once_however_many_letters_use_them(tmp_path: Path) -> None:
    sizes = []
    for n in (10, 20):
        run = tmp_path / f"{n}.pdf"
        merge([pdf_of(text) for text in TEXTS[:n]], run, duplex=True, title="run")
        with pikepdf.open(run) as book:
            fonts = [
                one for one in book.objects if isinstance(one, pikepdf.Dictionary) and "/FontFile3" in one
            ]
            assert len({one.objgen for one in fonts}) <= 2
        sizes.append(run.stat().st_size)
    alone = sum(len(pdf_of(text)) for text in TEXTS)
    assert sizes[1] < alone / 4
    assert sizes[1] - sizes[0] < (alone / 20) * 10 / 3  # what ten more letters add


def test_letters_with_other_kinds_of_fonts_stay_as_they_are(tmp_path: Path) -> None:
    """Latin letters come as TrueType, whose codes are characters."""
    html = ["Dear Ms Wang, 40 000 km", "Dear Mr Li, 50 000 km"]
    letters = [
        pdf_of(f"<span style=\"font-family: 'Source Sans Pro'\">{one}</span>", locale="en") for one in html
    ]
    run = tmp_path / "run.pdf"
    merge([*letters, letters[0]], run, duplex=False, title="run")
    assert [text_of(run, n).strip() for n in range(3)] == [*html, html[0]]
    with pikepdf.open(run) as book:
        files = [one for one in book.objects if isinstance(one, pikepdf.Dictionary) and "/FontFile2" in one]
        assert len(files) == 2  # the same letter's is there once


def test_letters_with_pictures_share_them(tmp_path: Path) -> None:
    letters = []
    for n in range(3):
        with pikepdf.open(io.BytesIO(pdf_of(f"第{n}"))) as book:
            about = {"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Image, "/Width": 32, "/Height": 32,
                     "/ColorSpace": pikepdf.Name.DeviceRGB, "/BitsPerComponent": 8}  # fmt: skip
            picture = book.make_stream(bytes(range(256)) * 12, about)
            book.pages[0].Resources["/XObject"] = pikepdf.Dictionary({"/logo": picture})
            saved = io.BytesIO()
            book.save(saved)
            letters.append(saved.getvalue())
    run = tmp_path / "run.pdf"
    merge(letters, run, duplex=True, title="run")
    with pikepdf.open(run) as book:
        assert len({page.Resources.XObject["/logo"].objgen for page in list(book.pages)[::2]}) == 1
        assert not book.check_pdf_syntax()


def test_texts_are_rewritten_where_they_are_in_a_shared_font_and_nowhere_else() -> None:
    content = (
        b"q\nBT /f-0 1 Tf <0001\n000\n2> Tj [(<0001> \\) x) 3 (y)] TJ /f-1 9 Tf <0001> Tj ET Q\n"
        b"BT <0001> Tj ET /P << /MCID 0 >> BDC EMC q BT /f-0 1 Tf [<0002>-20<0001>] TJ ET Q"
    )
    assert rewritten(content, {"f-0": [0, 0x1234, 7]}) == (
        b"q\nBT /f-0 1 Tf <12340007> Tj [(<0001> \\) x) 3 (y)] TJ /f-1 9 Tf <0001> Tj ET Q\n"
        b"BT <0001> Tj ET /P << /MCID 0 >> BDC EMC q BT /f-0 1 Tf [<0007>-20<1234>] TJ ET Q"
    )


def test_a_font_that_is_written_is_read_as_it_was() -> None:
    outlines = [Outline(bytes([n % 7]) * (n % 300 + 1), bytes([139 + n % 3, 20])) for n in range(700)]
    assert outlines_of(font_of("MPAAAA+Face", outlines, [-10, -20, 1000, 900])) == outlines
    assert outlines_of(font_of("MPAAAA+Face", outlines[:1], [0, 0, 1, 1])) == outlines[:1]


@pytest.mark.parametrize(
    "broken", [b"", b"\x01\x00\x04\x04", b"\x01\x00\x04\x04" + b"\xff" * 50, b"not a font at all"]
)
def test_what_is_no_such_font_is_left_alone(broken: bytes) -> None:
    assert outlines_of(broken) is None
