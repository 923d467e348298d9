"""fold_width: letters, digits and the ideographic space; punctuation never."""

from __future__ import annotations

import pytest

from tests.clean.tables import rewritten

FOLDED = {
    "letters and digits": ("ＡＢＣｘｙｚ０１９", "ABCxyz019"),
    "inside prose": ("展位Ａ１２，面积３６平方米", "展位A12，面积36平方米"),
    "ideographic space": ("上海　展会", "上海 展会"),
    "digits keep their full-width comma": ("１，２００元", "1，200元"),
    "digits keep their full-width point and percent": ("３．５％", "3．5％"),
    "in ASCII brackets": ("<Ａ馆> &Ｂ", "<A馆> &B"),
    "beside an emoji": ("Ａ👨‍👩‍👧", "A👨‍👩‍👧"),
}
KEPT = {
    "Chinese punctuation": "，。（）？！：；“”‘’《》【】、——……",
    "full-width signs that are no letters": "＋－＝／＠＃％＆＊～",
    "what would become a tag": "甲<ｂｒ>乙&ａｍｐ;丙",
    "half-width katakana": "ｱｲｳ",
    "compatibility signs": "㎡①㈱№℃½",
    "plain text": "2026年上海展会 booth A12",
    "empty": "",
    "null": None,
}


@pytest.mark.parametrize(("text", "expected"), FOLDED.values(), ids=FOLDED)
def test_full_width_letters_digits_and_spaces_are_folded(text: str, expected: str) -> None:
    assert rewritten("fold_width", text) == [expected]


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_everything_else_stays(text: str | None) -> None:
    assert rewritten("fold_width", text) == [text]


def test_every_full_width_letter_and_digit_has_its_half_width_one() -> None:
    wide = "".join(chr(code) for code in range(0xFF01, 0xFF5F))
    narrow = "".join(
        chr(code - 0xFEE0) if chr(code - 0xFEE0).isalnum() else chr(code) for code in range(0xFF01, 0xFF5F)
    )
    assert rewritten("fold_width", wide) == [narrow]
