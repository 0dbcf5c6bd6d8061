"""What every store promises of dealers' files (`engine/ports/uploads.py`) and of their refused inputs."""

from datetime import timedelta

from msgspec.structs import replace

from engine.model.uploads import Upload, UploadStatus
from engine.ports import RejectionRow, Store
from tests.contracts.samples import day

LONG = timedelta(minutes=1)


def upload(number: int, dealer: str = "d001") -> Upload:
    return Upload(id=f"u{number}", dealer=dealer, name="cards.csv", kind="registration", at=day(number))


def refused(number: int, dealer: str = "d001", status: str = "open") -> RejectionRow:
    return RejectionRow(
        id=f"r{number}",
        file="cards.csv",
        line=number,
        field="手机",
        reason="手机 is no valid mobile number",
        raw=b"{}",
        at=day(number),
        status=status,
        dealer=dealer,
    )


def test_a_file_is_kept_once_and_given_back_as_it_came(store: Store) -> None:
    assert store.add_upload(upload(1), b"one") == upload(1)
    assert store.add_upload(replace(upload(1), name="again.csv", at=day(5)), b"one") == upload(1)
    assert (store.upload("u1"), store.upload_content("u1")) == (upload(1), b"one")
    assert (store.upload("none"), store.upload_content("none")) == (None, None)


def test_a_dealers_files_are_listed_the_newest_first_a_page_at_a_time(store: Store) -> None:
    for number in (1, 2, 3):
        store.add_upload(upload(number), b"")
    store.add_upload(upload(4, "d002"), b"")
    first = store.uploads("d001", 2)
    assert [one.id for one in first] == ["u3", "u2"]
    assert [one.id for one in store.uploads("d001", 2, first[-1])] == ["u1"]


def test_the_oldest_that_waits_is_claimed_once(store: Store) -> None:
    for number in (2, 1):
        store.add_upload(upload(number), b"")
    mine = store.claim_upload("a", day(9), day(9) - LONG)
    assert mine is not None
    assert (mine.id, mine.status, mine.claim) == ("u1", UploadStatus.READING, "a")
    other = store.claim_upload("b", day(9), day(9) - LONG)
    assert other is not None
    assert other.id == "u2"
    assert store.claim_upload("c", day(9), day(9) - LONG) is None


def test_a_reader_that_was_not_at_work_for_long_loses_its_claim(store: Store) -> None:
    store.add_upload(upload(1), b"")
    dead = store.claim_upload("a", day(9), day(9) - LONG)
    assert dead is not None
    later = day(9) + 2 * LONG
    alive = store.claim_upload("b", later, later - LONG)
    assert alive is not None
    assert (alive.id, alive.claim) == ("u1", "b")
    assert not store.note_upload(replace(dead, read=5))
    assert store.note_upload(replace(alive, read=7, seen_at=later))
    kept = store.upload("u1")
    assert kept is not None
    assert (kept.read, kept.claim) == (7, "b")


def test_one_that_is_at_work_keeps_its_claim(store: Store) -> None:
    store.add_upload(upload(1), b"")
    mine = store.claim_upload("a", day(9), day(9) - LONG)
    assert mine is not None
    later = day(9) + 2 * LONG
    assert store.note_upload(replace(mine, seen_at=later))
    assert store.claim_upload("b", later, later - LONG) is None


def test_what_became_of_it_is_kept_and_a_failed_one_may_come_again(store: Store) -> None:
    store.add_upload(upload(1), b"one")
    mine = store.claim_upload("a", day(9), day(9) - LONG)
    assert mine is not None
    failed = replace(mine, status=UploadStatus.FAILED, done_at=day(9), error="is empty")
    assert store.note_upload(failed)
    assert store.upload("u1") == failed
    assert not store.note_upload(replace(failed, error="else"))
    again = store.add_upload(replace(upload(1), at=day(10)), b"one")
    assert (again.status, again.error, again.at) == (UploadStatus.WAITING, "", day(10))
    mine = store.claim_upload("b", day(11), day(11) - LONG)
    assert mine is not None
    done = replace(
        mine,
        status=UploadStatus.DONE,
        done_at=day(11),
        read=3,
        accepted=1,
        duplicates=1,
        rejected=1,
        refusals=b"[1]",
    )
    assert store.note_upload(done)
    assert store.add_upload(upload(1), b"one") == done


def test_files_that_were_done_with_long_ago_are_kept_no_more(store: Store) -> None:
    for number in (1, 2, 3):
        store.add_upload(upload(number), b"x")
    for number in (1, 2):
        mine = store.claim_upload(f"{number}", day(9), day(9) - LONG)
        assert mine is not None
        store.note_upload(replace(mine, status=UploadStatus.DONE, done_at=day(10 * number)))
    assert store.forget_contents(day(15)) == 1
    assert [store.upload_content(f"u{number}") for number in (1, 2, 3)] == [None, b"x", b"x"]
    assert store.upload("u1") is not None


def test_a_dealers_refused_inputs_are_its_own(store: Store) -> None:
    with store.unit() as unit:
        unit.add_rejections([refused(1), refused(2, "d002"), refused(3), refused(4), refused(5, "")])
        unit.retried(["r3"])
    first, *more = store.dealers_rejections("d001", "open", 1)
    assert (first.row, more) == (refused(1), [])
    assert [one.row.id for one in store.dealers_rejections("d001", "open", 9, first.number)] == ["r4"]
    assert [one.row.id for one in store.dealers_rejections("d001", "retried", 9)] == ["r3"]
    assert store.rejection("r2") == refused(2, "d002")
    assert store.rejection("none") is None
