"""What customers answer is understood however they write it, and never more than they say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.channels.sms.replies import Reply, meaning


@pytest.mark.parametrize(
    "text",
    [
        *(
            "T",
            "t",
            "Ｔ",
            "ｔ",
            " T ",
            "T。",
            "“T”",
            "【T】",
            "T\n",
            "TD",
            "td",
            "ＴＤ",
            "T D",
            "R",
            "r.",
            "Ｒ",
        ),
        *(
            "退订",
            "退訂",
            " 退订！",
            "「退订」",
            "回T退订",
            "回t退订。",
            "T退订",
            "TD退订",
            "我要退订",
            "拒收",
        ),
        *(
            "STOP",
            "stop",
            "Stop.",
            "ＳＴＯＰ",
            "STOP ALL",
            "Unsubscribe",
            "unsubscribe!",
            "opt-out",
            "QUIT",
            "end",
        ),
    ],
)
def test_a_word_that_ends_it_ends_it_however_it_is_written(text: str) -> None:
    assert meaning(text) is Reply.STOP


@pytest.mark.parametrize("text", ["START", "start!", "恢复", "恢復。", "UNSTOP"])
def test_a_word_that_would_begin_it_again_is_known_and_is_no_consent(text: str) -> None:
    assert meaning(text) is Reply.START


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "。",
            "10",
            "9分",
            "好的",
            "谢谢",
            "Thanks",
            "T恤",
            "to",
            "please stop by at the dealer's",
        ),
        *("我没有退订，为什么收不到", "stop it or not?", "请问在哪里", "Rao", "👍"),
    ],
)
def test_anything_else_is_neither(text: str) -> None:
    assert meaning(text) is Reply.OTHER


@given(st.text(max_size=40))
def test_whatever_is_written_it_is_understood_somehow(text: str) -> None:
    assert meaning(text) in Reply


@given(
    st.sampled_from(["t", "td", "r", "退订", "stop", "unsubscribe"]),
    st.text(alphabet=" \t\n　。，！!.,?？“”\"'【】「」()（）-_…~～", max_size=6),
    st.text(alphabet=" \t\n　。，！!.,?？“”\"'【】「」()（）-_…~～", max_size=6),
)
def test_blanks_and_punctuation_around_a_word_say_nothing(word: str, before: str, after: str) -> None:
    assert meaning(before + word.upper() + after) is Reply.STOP
