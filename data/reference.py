"""A slow, plain cleaner: it only proves that the `clean` texts in truth.jsonl follow from the dirty ones."""

import html
import re

import opencc  # type: ignore[import-untyped,unused-ignore]
from dirt import repaired

_TO_SIMPLIFIED = opencc.OpenCC("t2s")
_GONE = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2060\ufeff\ue000-\uf8ff]")
_BLOCK = re.compile(r"</?(?:p|div|br|h[1-6]|li|ul|ol|tr|table)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_INLINE = re.compile(r"</?(?:a|b|i|em|strong|span|img|u|font)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_WIDE = {
    code: code - 0xFEE0
    for first, last in (("０", "９"), ("Ａ", "Ｚ"), ("ａ", "ｚ"))
    for code in range(ord(first), ord(last) + 1)
}
_HAN = r"[\u3400-\u4dbf\u4e00-\u9fff]"


def clean(text: str, is_html: bool) -> str:
    text = _GONE.sub("", repaired(text)).replace("\r\n", "\n")
    if is_html:
        text = html.unescape(_INLINE.sub("", _BLOCK.sub("\n", text)))
        text = re.sub(r"\s*\n\s*", "\n", text)
    text = re.sub(r"[ \t\u00a0\u3000]+", " ", text.translate(_WIDE))
    text = re.sub(rf"(?<={_HAN}) (?={_HAN})", "", text)
    text = re.sub(r"\n{3,}", "\n\n", re.sub(r" *\n *", "\n", text))
    text = re.sub(rf"(^|\n)([^\n]{{14,}}{_HAN})\n(?={_HAN})", r"\1\2", text)
    return str(_TO_SIMPLIFIED.convert(text.strip()))
