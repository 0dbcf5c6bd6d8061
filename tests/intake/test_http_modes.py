"""How events come in an HTTP request: the three modes of the CloudEvents HTTP binding."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.intake.http_modes import BATCH, PLAIN, STRUCTURED, Brought, Unread, read_http

EVENT = {"specversion": "1.0", "id": "a", "source": "/dealers/d001", "type": "x", "data": {"name": "王芳"}}
ONE = json.dumps(EVENT, ensure_ascii=False).encode()
ATTRIBUTES = {"ce-specversion": "1.0", "ce-id": "a", "ce-source": "/dealers/d001", "ce-type": "x"}


def read(body: bytes, content_type: str | None = None, **headers: str) -> Brought | Unread:
    listed = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return read_http([*listed, *([("Content-Type", content_type)] if content_type else [])], body)


def events(told: Brought | Unread) -> list[object]:
    assert isinstance(told, Brought), told
    return [json.loads(one) for one in told.events]


@pytest.mark.parametrize("content_type", [STRUCTURED, PLAIN, f"{STRUCTURED}; charset=UTF-8", PLAIN.upper()])
def test_one_event_keeps_the_bytes_in_which_it_came(content_type: str) -> None:
    assert read(ONE, content_type) == Brought([ONE], batch=False)


@pytest.mark.parametrize("content_type", [BATCH, PLAIN])
def test_so_does_each_event_of_a_batch(content_type: str) -> None:
    body = b" [" + ONE + b' , {"b": 1 }, 7,\n' + ONE + b"]"
    assert read(body, content_type) == Brought([ONE, b'{"b": 1 }', b"7", ONE], batch=True)
    assert read(b"[]", content_type) == Brought([], batch=True)


@pytest.mark.parametrize("content_type", [PLAIN, "application/vnd.shop+json; charset=utf-8", None])
def test_in_binary_mode_headers_are_the_attributes(content_type: str | None) -> None:
    told = read_http(
        [*ATTRIBUTES.items(), *([("content-type", content_type)] if content_type else [])],
        '{"name": "王芳"}'.encode(),
    )
    assert events(told) == [EVENT]


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("plain", "plain"),
        ("Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"),  # the binding's own example
        ("%25E4", "%E4"),  # once, not twice
        ("100%", "100%"),
        ('"a \\"b\\" c"', 'a "b" c'),
        ("\u00e7\u008e\u008b", "王"),  # UTF-8, as Latin-1 has it
    ],
)
def test_header_values_are_unquoted_and_decoded_once(header: str, value: str) -> None:
    [told] = events(read_http({**ATTRIBUTES, "ce-id": header}.items(), b"{}"))
    assert isinstance(told, dict)
    assert told["id"] == value


def test_data_in_binary_mode_is_nothing_but_data() -> None:
    told = read_http(ATTRIBUTES.items(), b'{}, "source": "/dealers/d002"')
    assert isinstance(told, Unread)
    assert told.status == 400


@pytest.mark.parametrize(
    ("headers", "member"),
    [
        ([("ce-Id", "b")], "id"),
        ([("ce-", "b")], ""),
        ([("ce-my_name", "b")], "my_name"),
        ([("ce-data", "{}")], "data"),
        ([("ce-subject", "%E4")], "subject"),
    ],
)
def test_a_header_that_is_no_attribute_is_named(headers: list[tuple[str, str]], member: str) -> None:
    told = read_http([*ATTRIBUTES.items(), *headers], b"{}")
    assert isinstance(told, Unread)
    assert (told.status, told.member) == (400, member)


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", STRUCTURED, 400),
        (b"", STRUCTURED, 400),
        (b"\xff\xfe{\x00}\x00", STRUCTURED, 400),
        ('{"name": "王"}'.encode("gb18030"), PLAIN, 400),
        (b"[" * 100_000, BATCH, 400),
        (b"[" * 100_000, STRUCTURED, 400),
        (ONE, BATCH, 400),
        (ONE, None, 415),
        (ONE, "text/plain", 415),
        (ONE, f"{STRUCTURED}; charset=gb18030", 415),
    ],
)
def test_what_cannot_be_read_is_told(body: bytes, content_type: str | None, status: int) -> None:
    told = read(body, content_type)
    assert isinstance(told, Unread)
    assert told.status == status
    assert told.detail.endswith(".")


def test_a_compressed_body_is_not_taken() -> None:
    told = read(ONE, STRUCTURED, content_encoding="gzip")
    assert isinstance(told, Unread)
    assert told.status == 415


@given(
    st.lists(st.tuples(st.sampled_from([*ATTRIBUTES, "content-type", "ce-x"]), st.text(max_size=8))),
    st.binary() | st.sampled_from([ONE, b"[1]"]),
)
def test_it_never_fails_and_what_it_reads_is_json(headers: list[tuple[str, str]], body: bytes) -> None:
    told = read_http(headers, body)
    if isinstance(told, Brought):
        for one in told.events:
            one.decode()
