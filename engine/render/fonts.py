"""The fonts of letters: the same on every machine, and none of the machine's own.

PlutoPrint finds fonts through fontconfig. It is given a configuration that names these folders and nothing
else:
- `typefaces/` beside this file: Noto Sans SC and Noto Serif SC with the frequent characters (its README says
  why), and the wheel with the whole fonts, `Noto Sans SC Whole` and `Noto Serif SC Whole`, of which the first
  stands in for every character that is found nowhere else. They come in one weight; bold is drawn by
  thickening, italics by slanting.
- two wheels with Source Sans Pro and Source Serif Pro for Latin, in all weights. The Latin letters of the
  Noto fonts are drawn after these, to go with Chinese ones; their quotation marks are as wide as a Chinese
  character, so a letter in a Latin script lists a Source font first.
A project adds fonts of its own with `@font-face` and a file in `templates/`.
"""

import os
import tempfile
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from xml.sax.saxutils import escape

import plutoprint

from engine.model.errors import MilepostError

WHOLE = "pylopdf_fonts_zh_cn"
PACKAGES = (WHOLE, "font_source_sans_pro", "font_source_serif_pro")
SANS = "Noto Sans SC"
SERIF = "Noto Serif SC"
_VARIABLES = ("FONTCONFIG_FILE", "FONTCONFIG_PATH", "FONTCONFIG_SYSROOT")

_CONFIGURATION = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  {folders}
  <cachedir>{cache}</cachedir>
  <config><rescan><int>0</int></rescan></config>
  <selectfont><rejectfont><glob>*/font_source_*/*.otf</glob></rejectfont></selectfont>
  <match target="scan">
    <test name="file" compare="contains"><string>{whole}/NotoSans</string></test>
    <edit name="family" mode="assign"><string>{sans} Whole</string></edit>
  </match>
  <match target="scan">
    <test name="file" compare="contains"><string>{whole}/NotoSerif</string></test>
    <edit name="family" mode="assign"><string>{serif} Whole</string></edit>
  </match>
  <alias binding="same"><family>serif</family>
    <prefer><family>Source Serif Pro</family><family>{serif}</family></prefer></alias>
  <alias binding="same"><family>sans-serif</family>
    <prefer><family>Source Sans Pro</family><family>{sans}</family></prefer></alias>
  <match target="pattern">
    <edit name="family" mode="append_last" binding="weak"><string>{sans}</string></edit>
    <edit name="family" mode="append_last" binding="weak"><string>{sans} Whole</string></edit>
  </match>
  <match target="font">
    <test name="weight" compare="less_eq"><const>medium</const></test>
    <test target="pattern" name="weight" compare="more_eq"><const>demibold</const></test>
    <edit name="embolden" mode="assign"><bool>true</bool></edit>
    <edit name="weight" mode="assign"><const>bold</const></edit>
  </match>
  <match target="font">
    <test name="slant"><const>roman</const></test>
    <test target="pattern" name="slant" compare="not_eq"><const>roman</const></test>
    <edit name="matrix" mode="assign">
      <times><name>matrix</name>
        <matrix><double>1</double><double>0.2</double><double>0</double><double>1</double></matrix></times>
    </edit>
    <edit name="slant" mode="assign"><const>oblique</const></edit>
  </match>
</fontconfig>
"""


def folders() -> Iterator[Path]:
    """Where the fonts lie."""
    yield Path(__file__).parent / "typefaces"
    for package in PACKAGES:
        spec = find_spec(package)
        if spec is None or spec.origin is None:
            raise MilepostError(
                f"the fonts of letters are not installed ({package})", "install milepost anew"
            )
        yield Path(spec.origin).parent


@cache
def use_own_fonts() -> None:
    """Makes fontconfig read our configuration, once in a process, and leaves the environment as it was."""
    before = {name: os.environ.get(name) for name in _VARIABLES}
    with tempfile.TemporaryDirectory(prefix="milepost-fonts-") as folder:
        path = Path(folder) / "fonts.conf"
        path.write_text(
            _CONFIGURATION.format(
                folders="".join(f"<dir>{escape(str(one))}</dir>" for one in folders()),
                cache=escape(str(Path(folder) / "cache")),
                whole=WHOLE,
                sans=SANS,
                serif=SERIF,
            ),
            encoding="utf-8",
        )
        for name in _VARIABLES:
            os.environ.pop(name, None)
        os.environ["FONTCONFIG_FILE"] = str(path)
        try:
            _initialise()
        finally:
            for name, value in before.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value


def _initialise() -> None:
    """Sets a few words, because fontconfig reads its configuration when the first font is asked for."""
    book = plutoprint.Book(plutoprint.PAGE_SIZE_A4)
    book.load_html(f"<p style='font-family:{SANS}'>a</p><p style='font-family:{SERIF}'>a</p>")
    book.get_page_count()
