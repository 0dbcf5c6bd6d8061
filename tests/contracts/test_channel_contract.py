"""What every channel promises (`engine/ports/channel.py`); a new one gets a row in `CHANNELS`."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engine.channels.emails_folder import EmailsFolder
from engine.channels.letters_folder import LettersFolder
from engine.channels.letters_print import LettersPrint
from engine.channels.sms_folder import SmsFolder
from engine.model.errors import DeliveryError, ServiceUnavailable
from engine.ports import Channel, Outgoing, Receipt, Rendered
from tests.contracts.samples import message

SHANGHAI = ZoneInfo("Asia/Shanghai")
ROOT = Path(__file__).parents[2]
SIGKILLED = -9

CHANNELS: list[tuple[str, Callable[[Path], Channel], tuple[str, ...]]] = [
    ("letter", lambda root: LettersFolder(root, SHANGHAI), ("letters/{}.pdf",)),
    (
        "letter",
        lambda root: LettersPrint(root, SHANGHAI, "CN"),
        ("print-waiting/{}.json", "letters/{}.pdf"),
    ),
    ("email", lambda root: EmailsFolder(root, SHANGHAI), ("emails/{}.html", "emails/{}.eml")),
    ("sms", lambda root: SmsFolder(root, SHANGHAI), ("sms/{}.txt",)),
]
LETTER = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)
ADDRESS = {"name": "王芳", "line": "幸福路1号", "city": "北京市", "postcode": "100020"}
every_channel = pytest.mark.parametrize(("name", "make", "files"), CHANNELS)


def outgoing(channel: str, n: int = 1, **members: object) -> Outgoing:
    rendered = Rendered(channel=channel, pdf=LETTER, subject="您好", html="<p>您好</p>", text="您好", parts=1)
    if channel == "letter":
        members = {"address": ADDRESS, **members}
    return Outgoing(message=message(n, channel=channel, **members), rendered=rendered)


def deliver(channel: Channel, one: Outgoing) -> Receipt:
    """By itself; raises what is no receipt."""
    [answer] = channel.deliver([one])
    if isinstance(answer, Exception):
        raise answer
    return answer


def files_in(root: Path) -> dict[str, bytes]:
    found = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in found}


def expected_files(files: tuple[str, ...], n: int = 1) -> set[str]:
    return {name.format(f"{{}}/2025-03/{message(n).id}").format("michelin") for name in files}


@every_channel
def test_a_message_is_where_the_receipt_says(
    tmp_path: Path, name: str, make: Callable[[Path], Channel], files: tuple[str, ...]
) -> None:
    channel = make(tmp_path)
    receipt = deliver(channel, outgoing(name))
    assert channel.name == name
    assert set(files_in(tmp_path)) == expected_files(files)
    assert receipt.place in files_in(tmp_path)
    assert receipt.parts == 1


@every_channel
def test_delivering_twice_leaves_what_delivering_once_leaves(
    tmp_path: Path, name: str, make: Callable[[Path], Channel], files: tuple[str, ...]
) -> None:
    first = deliver(make(tmp_path), outgoing(name))
    once = files_in(tmp_path)
    assert deliver(make(tmp_path), outgoing(name)) == first
    assert files_in(tmp_path) == once


@every_channel
def test_what_was_handed_over_is_known_after_a_crash_and_what_was_not_is_not(
    tmp_path: Path, name: str, make: Callable[[Path], Channel], files: tuple[str, ...]
) -> None:
    receipt = deliver(make(tmp_path), outgoing(name))
    channel = make(tmp_path)
    known = channel.recover(message(1, channel=name))
    assert known is not None
    assert known.place == receipt.place
    assert channel.recover(message(2, channel=name)) is None


@pytest.mark.parametrize("point", ["channel.written", "channel.renamed"])
@pytest.mark.parametrize(
    ("name", "make", "files", "file"),
    [(*one, file) for one in CHANNELS for file in range(1, len(one[2]) + 1)],
)
def test_killed_while_writing_it_is_whole_or_nothing(
    tmp_path: Path, name: str, make: Callable[[Path], Channel], files: tuple[str, ...], point: str, file: int
) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from tests.contracts.test_channel_contract import CHANNELS, outgoing\n"
        "[make] = [make for _, make, files in CHANNELS if files == tuple(sys.argv[3:])]\n"
        "make(Path(sys.argv[2])).deliver([outgoing(sys.argv[1])])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, name, str(tmp_path), *files],
        cwd=ROOT,
        env={"MILEPOST_CRASH_AT": f"{point}:{file}"},
        check=False,
    )
    assert done.returncode == SIGKILLED
    channel = make(tmp_path)
    whole = point == "channel.renamed" and file == len(files)
    assert (channel.recover(message(1, channel=name)) is not None) == whole
    if not whole:
        assert files_in(tmp_path) == {}  # nothing half-done lies about
    deliver(channel, outgoing(name))
    assert set(files_in(tmp_path)) == expected_files(files)


@every_channel
@pytest.mark.parametrize("depth", range(4), ids=["root", "kind", "brand", "month"])
def test_where_no_message_can_be_taken_the_channel_is_unavailable_and_says_the_same_of_each(
    tmp_path: Path, name: str, make: Callable[[Path], Channel], files: tuple[str, ...], depth: int
) -> None:
    root = tmp_path / "delivered"
    way = files[0].split("/")[0], "michelin", "2025-03"
    in_the_way = root.joinpath(*way[:depth])
    in_the_way.parent.mkdir(parents=True, exist_ok=True)
    in_the_way.write_text("in the way")
    said = set()
    for n in (1, 2):
        with pytest.raises(ServiceUnavailable, match="cannot be written to") as refused:
            deliver(make(root), outgoing(name, n))
        said.add((refused.value.message, refused.value.hint))
        with pytest.raises(ServiceUnavailable) as unsaid:
            make(root).recover(message(n, channel=name))
        said.add((unsaid.value.message, unsaid.value.hint))
    [(problem, hint)] = said
    assert problem.startswith(f"{in_the_way} cannot")
    assert str(in_the_way) in hint
    in_the_way.unlink()
    deliver(make(root), outgoing(name))
    assert set(files_in(root)) == expected_files(files)


@every_channel
def test_where_only_one_message_cannot_be_taken_it_is_that_messages_trouble_and_leaves_nothing(
    tmp_path: Path, name: str, make: Callable[[Path], Channel], files: tuple[str, ...]
) -> None:
    place = tmp_path / deliver(make(tmp_path), outgoing(name)).place
    for path in (tmp_path / file for file in files_in(tmp_path)):
        path.unlink()
    place.mkdir()
    channel = make(tmp_path)
    with pytest.raises(DeliveryError, match="Is a directory") as refused:
        deliver(channel, outgoing(name))
    assert refused.value.permanent
    assert files_in(tmp_path) == {}
    with pytest.raises(DeliveryError):
        channel.recover(message(1, channel=name))
    assert deliver(channel, outgoing(name, 2)).place in files_in(tmp_path)


@every_channel
@pytest.mark.parametrize("members", [{"brand": "../michelin"}, {"brand": ".."}, {"brand": ""}, {"id": "a/b"}])
def test_no_name_leads_out_of_the_folder(
    tmp_path: Path,
    name: str,
    make: Callable[[Path], Channel],
    files: tuple[str, ...],
    members: dict[str, str],
) -> None:
    with pytest.raises(DeliveryError) as refused:
        deliver(make(tmp_path), outgoing(name, **members))
    assert refused.value.permanent
    assert files_in(tmp_path) == {}


@every_channel
def test_a_message_without_content_is_refused_for_good(
    tmp_path: Path, name: str, make: Callable[[Path], Channel], files: tuple[str, ...]
) -> None:
    empty = Outgoing(message=message(1, channel=name), rendered=Rendered(channel=name, subject="您好"))
    with pytest.raises(DeliveryError) as refused:
        deliver(make(tmp_path), empty)
    assert refused.value.permanent
    assert files_in(tmp_path) == {}


@every_channel
def test_the_month_is_that_of_the_messages_moment_on_the_policys_calendar(
    tmp_path: Path, name: str, make: Callable[[Path], Channel], files: tuple[str, ...]
) -> None:
    late = datetime(2025, 3, 31, 16, 30, tzinfo=UTC)  # 1 April, 00:30, in Shanghai
    assert "/2025-04/" in deliver(make(tmp_path), outgoing(name, at=late)).place


def test_an_sms_is_the_text_and_nothing_else(tmp_path: Path) -> None:
    receipt = deliver(SmsFolder(tmp_path, SHANGHAI), outgoing("sms"))
    assert (tmp_path / receipt.place).read_text("utf-8") == "您好"


def test_a_letter_is_the_pdf_as_rendered(tmp_path: Path) -> None:
    receipt = deliver(LettersFolder(tmp_path, SHANGHAI), outgoing("letter"))
    assert (tmp_path / receipt.place).read_bytes() == LETTER


@every_channel
def test_looking_whether_it_can_be_used_leaves_nothing_behind(
    tmp_path: Path, name: str, make: Callable[[Path], Channel], files: tuple[str, ...]
) -> None:
    channel = make(tmp_path / "not" / "there")
    assert str(tmp_path) in channel.check()
    assert list(tmp_path.iterdir()) == []
    deliver(make(tmp_path), outgoing(name))
    before = set(tmp_path.rglob("*"))
    make(tmp_path).check()
    assert set(tmp_path.rglob("*")) == before


@every_channel
def test_one_that_cannot_be_used_says_so_before_anything_is_sent(
    tmp_path: Path, name: str, make: Callable[[Path], Channel], files: tuple[str, ...]
) -> None:
    kind = files[0].partition("/")[0]
    (tmp_path / kind).write_text("in the way", "utf-8")
    with pytest.raises(ServiceUnavailable, match="it is no folder") as refused:
        make(tmp_path).check()
    assert refused.value.hint


@every_channel
def test_of_several_each_gets_its_answer_in_their_order(
    tmp_path: Path, name: str, make: Callable[[Path], Channel], files: tuple[str, ...]
) -> None:
    channel = make(tmp_path)
    empty = Outgoing(message=message(2, channel=name), rendered=Rendered(channel=name, subject="您好"))
    first, second, third = channel.deliver([outgoing(name, 1), empty, outgoing(name, 3)])
    assert isinstance(second, DeliveryError)
    for n, answer in ((1, first), (3, third)):
        assert isinstance(answer, Receipt)
        assert message(n).id in answer.place
    assert set(files_in(tmp_path)) == expected_files(files, 1) | expected_files(files, 3)
    assert channel.deliver([]) == []


@every_channel
def test_it_can_be_used_again_after_it_has_let_go_of_everything(
    tmp_path: Path, name: str, make: Callable[[Path], Channel], files: tuple[str, ...]
) -> None:
    channel = make(tmp_path)
    channel.close()
    deliver(channel, outgoing(name))
    channel.close()
    channel.close()
    assert set(files_in(tmp_path)) == expected_files(files)
