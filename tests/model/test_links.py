"""Links: only ours open anything, each only what it is for, and they outlive the address that they were made for."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.links import Links, Page

KEY = bytes(range(32))
LINKS = Links("https://care.example.com/", KEY)
ID = "0f" * 16
IDS = st.binary(min_size=16, max_size=16).map(bytes.hex)
ALPHABET = ascii_letters + digits + "-_"
ALPHABET_IN_ORDER = ascii_uppercase + ascii_lowercase + digits + "-_"


@given(IDS, st.binary(min_size=1, max_size=200))
def test_a_link_is_signed_by_hmac_sha256(message_id: str, key: bytes) -> None:
    named = bytes.fromhex(message_id)
    signature = hmac.digest(key, b"link/p/" + named, "sha256")[:16]
    token = urlsafe_b64encode(named + signature).rstrip(b"=").decode()
    assert Links("https://care.example.com", key).preferences(message_id).endswith(f"/p/{token}")


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


def test_a_counted_link_says_whose_it_is_and_where_it_leads() -> None:
    target = "https://shop.example.com/轮胎?a=1&b=2"
    token = LINKS.click_token(ID, target)
    assert LINKS.click_of(token) == (ID, target)
    assert Links("https://elsewhere.example.org", KEY).click_of(token) == (ID, target)
    assert Links("https://care.example.com", b"o" * 32).click_of(token) is None


def test_nobody_makes_one_that_leads_elsewhere() -> None:
    token = LINKS.click_token(ID, "https://shop.example.com")
    whole = bytearray(urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    whole[32:] = b"https://evil.example.net"
    forged = urlsafe_b64encode(whole).rstrip(b"=").decode()
    assert LINKS.click_of(forged) is None
    for other in (
        LINKS.token(Page.UNSUBSCRIBE, ID),
        LINKS.token(Page.CLICK, ID),
        "",
        "c",
        "ü" * 60,
        f"{token}=",
    ):
        assert LINKS.click_of(other) is None
    for changed in range(len(token)):
        letter = "A" if token[changed] != "A" else "B"
        assert LINKS.click_of(f"{token[:changed]}{letter}{token[changed + 1 :]}") is None


@pytest.mark.parametrize(
    ("target", "counts"),
    [
        ("https://example.com", True),
        ("HTTP://example.com", True),
        ("https://care.example.com/promise", True),
        ("https://care.example.com/u/x", False),
        ("https://care.example.com/c/x", False),
        ("mailto:a@example.com", False),
        ("javascript:alert(1)", False),
        ("//example.com", False),
        ("https://example.com/a\nb", False),
    ],
)
def test_only_links_of_the_web_are_counted(target: str, counts: bool) -> None:
    assert LINKS.may_count(target) is counts
