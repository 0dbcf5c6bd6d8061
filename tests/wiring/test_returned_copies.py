"""Mail that came back: of a message it is an event, of a test copy it says nothing."""

from pathlib import Path

from engine.model.ids import derive, derive_copy
from engine.wiring.assembly import stored
from engine.wiring.returned import returned
from engine.wiring.settings import load_settings
from engine.wiring.ways.smtp import returns
from tests.support import program_of, write_project

BOUNCE = """\
Return-Path: <>
To: {to}
From: MAILER-DAEMON@mx.example.com
Subject: returned

550 5.1.1 no such user
"""


def test_a_copy_that_came_back_is_passed_by(tmp_path: Path) -> None:
    folder = write_project(tmp_path / "project", {})
    policy = program_of(folder).policy
    database = f"sqlite:///{tmp_path}/milepost.db"
    settings = load_settings(database_url=database, bounce_address="bounces@care.example.com")
    with stored(settings):
        pass
    addresses = returns(settings)
    mails = tmp_path / "mails"
    mails.mkdir()
    message_id = derive("message", "1")
    for number, one in enumerate([derive_copy("1"), message_id]):
        text = BOUNCE.format(to=addresses.of(one).bounce)
        (mails / f"{number}.eml").write_text(text, "utf-8")
    copy, message = returned(mails, b"", settings, policy)
    assert copy is None
    assert message is not None
    assert message["data"]["message_id"] == message_id
