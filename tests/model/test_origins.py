"""Whose a refused input is, as far as it says so itself."""

import pytest

from engine.model.diagnostics import rejection_id
from engine.model.origins import dealer_in


@pytest.mark.parametrize(
    ("raw", "dealer"),
    [
        (b'{"source": "/dealers/d001", "data": {"dealer": "d002"}}', "d001"),
        (b'{"source": "/till/7", "data": {"dealer": "d002"}}', "d002"),
        (b'{"source": "/dealers/d001", "dealer": "d002"}', "d001"),
        (b'{"form": "milepost-row", "dealer": "d003", "cells": []}', "d003"),
        (b'{"data": {"dealer": 7}}', ""),
        (b'{"data": 7}', ""),
        (b"{", ""),
        (b"\xff", ""),
    ],
)
def test_whose_it_is(raw: bytes, dealer: str) -> None:
    assert dealer_in(raw) == dealer


def test_the_same_input_is_kept_once_and_once_for_each_dealer_who_brings_it() -> None:
    ids = {rejection_id(b"{"), rejection_id(b"{", "d001"), rejection_id(b"{", "d002")}
    assert len(ids) == 3
    assert rejection_id(b"{", "d001") == rejection_id(b"{", "d001")
