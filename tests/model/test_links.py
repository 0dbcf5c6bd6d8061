"""Links: only ours open anything, each only what it is for, and they outlive the address that they were made for."""

from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits

from hypothesis import given
from hypothesis import strategies as st

from engine.model.links import Links, Page

KEY = bytes(range(32))
LINKS = Links("https://care.example.com/", KEY)
IDS = st.binary(min_size=16, max_size=16).map(bytes.hex)
ALPHABET = ascii_letters + digits + "-_"
ALPHABET_IN_ORDER = ascii_uppercase + ascii_lowercase + digits + "-_"


@given(IDS)
def test_a_link_leads_back_to_its_message_and_is_short_and_safe_in_an_address(message_id: str) -> None:
    url = LINKS.unsubscribe(message_id)
    base, _, token = url.rpartition("/")
    assert base == "https://care.example.com/u"
    assert len(token) == 43
    assert set(token) <= set(ALPHABET)
    assert LINKS.message_of(Page.UNSUBSCRIBE, token) == message_id


@given(IDS)
def test_a_link_opens_only_what_it_is_for(message_id: str) -> None:
    assert LINKS.message_of(Page.PREFERENCES, LINKS.token(Page.UNSUBSCRIBE, message_id)) is None
    assert LINKS.message_of(Page.UNSUBSCRIBE, LINKS.token(Page.PREFERENCES, message_id)) is None


@given(IDS, st.integers(0, 42), st.sampled_from(ALPHABET))
def test_one_other_character_and_it_opens_nothing(message_id: str, place: int, other: str) -> None:
    token = LINKS.token(Page.UNSUBSCRIBE, message_id)
    changed = token[:place] + other + token[place + 1 :]
    opened = LINKS.message_of(Page.UNSUBSCRIBE, changed)
    assert opened == (message_id if changed == token else None)


def test_a_link_is_written_in_one_way_only() -> None:
    token = LINKS.token(Page.UNSUBSCRIBE, "0f" * 16)
    last = ALPHABET_IN_ORDER.index(token[-1])
    for other in range(last - last % 4, last - last % 4 + 4):
        same_bytes = token[:-1] + ALPHABET_IN_ORDER[other]
        assert (LINKS.message_of(Page.UNSUBSCRIBE, same_bytes) is None) == (other != last)


@given(st.text(max_size=60) | st.text(ALPHABET, min_size=43, max_size=43))
def test_whatever_is_asked_for_is_answered(token: str) -> None:
    assert LINKS.message_of(Page.PREFERENCES, token) is None


def test_a_link_under_way_works_when_the_address_changes_and_not_with_another_key() -> None:
    token = LINKS.token(Page.PREFERENCES, "0f" * 16)
    moved = Links("https://elsewhere.example.org/care", KEY)
    assert moved.message_of(Page.PREFERENCES, token) == "0f" * 16
    assert moved.preferences("0f" * 16) == f"https://elsewhere.example.org/care/p/{token}"
    assert Links("https://care.example.com", bytes(32)).message_of(Page.PREFERENCES, token) is None
