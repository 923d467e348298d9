"""Chinese that was read in the wrong encoding."""

from __future__ import annotations

import re

import pytest

from curate.algorithms.mojibake import from_gb2312, from_gbk, from_latin, gbk_sign

TEXTS = ["你好", "你好，世界和平", "中国人民", "上海国际展览会欢迎您的光临", "（一）参展企业；"]
FOREIGN = {
    "letters in order": "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏ",
    "French": "caffè «più» à la carte, déjà vu",
    "Danish": "Æblegrød på øen",
    "German": "Öl für Äpfel",
    "Portuguese in capitals": "AÇÃO, SÃO JOÃO",
    "one of every block": "表ポあA鷗ŒéＢ逍Üßªąñ丂㐀𠀀",
    "rare characters": "涓滴、浣熊、缁子、鈥",
    "Chinese that holds a sign": "猕猴“璜电厂惚间，夥伴",
}


@pytest.mark.parametrize("text", TEXTS)
def test_utf8_read_as_windows_1252_comes_back(text: str) -> None:
    wrong = "".join(
        bytes([code]).decode("cp1252") if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else chr(code)
        for code in text.encode()
    )
    assert from_latin(wrong) == text
    assert from_latin(wrong.replace("\u00a0", " ")) == text
    assert from_latin(f"标题：{wrong}。") == f"标题：{text}。"


@pytest.mark.parametrize("text", [text for text in TEXTS if len(text) > 2])
def test_gb2312_read_as_latin_1_comes_back(text: str) -> None:
    assert from_gb2312(text.encode("gb2312").decode("latin-1")) == text


@pytest.mark.parametrize("text", TEXTS)
def test_utf8_read_as_gbk_comes_back_where_nothing_is_torn(text: str) -> None:
    data = text.encode()
    whole = data[: len(data) // 6 * 6]
    wrong = whole.decode("gb18030")
    assert from_gbk(wrong) == whole.decode()
    assert re.search(gbk_sign(), wrong)


@pytest.mark.parametrize("text", ["浣犲ソ锛屼笘鐣", "浣犲ソ鍚�", "涓婃捣灞曡�"])
def test_a_torn_text_stays_whole_in_its_ruin(text: str) -> None:
    assert from_gbk(text) == text


@pytest.mark.parametrize("text", FOREIGN.values(), ids=FOREIGN)
def test_other_text_stays(text: str) -> None:
    assert from_latin(text) == from_gb2312(text) == from_gbk(text) == text


@pytest.mark.parametrize("text", TEXTS)
def test_chinese_text_stays(text: str) -> None:
    assert from_latin(text) == from_gb2312(text) == from_gbk(text) == text
    assert not re.search(gbk_sign(), text)
