"""strip_urls: web addresses in running text."""

from __future__ import annotations

from typing import ClassVar, Literal

import polars as pl

from curate.algorithms.characters import URL
from curate.algorithms.fixpoint import until_stable
from curate.clean.cleaner import Notes, TextCleaner

#: What a URL is made of (RFC 3986), without brackets and the marks that it may not end in. Chinese characters are \S:
#: a URL that runs up to the next space takes the rest of the sentence with it.
_INNER = r"A-Za-z0-9\-_~/#@$&+=%"
_BODY = rf"(?:[{_INNER}]|[.:?!,;'*|]+[{_INNER}]|[.:?!,;'*|]*\([{_INNER}.:?!,;'*|]*\)|\[[{_INNER}.:]*\])"
#: a host in Chinese ends in a domain (中文.中国), or it would be prose
_HOST = r"\p{Han}{1,20}(?:\.\p{Han}{1,10})?\.(?:com|cn|net|org|中国|公司|网络)"
#: ``www`` behind a letter or a digit is part of something else
ADDRESS = rf"(?:(?i:https?|ftps?)://(?:{_HOST}{_BODY}*|{_BODY}+)|(?-u:\b)(?i:www)\.{_BODY}+)"
#: brackets that hold a URL and nothing else go with it
BRACKETED = (
    rf"（\s*{ADDRESS}\s*）|\(\s*{ADDRESS}\s*\)|【\s*{ADDRESS}\s*】|<\s*{ADDRESS}\s*>|〈\s*{ADDRESS}\s*〉"
)
#: [text](address "title"), ![text](address), and the definition of a reference: [1]: address
LINK = rf"!?\[([^\[\]]*)\]\(\s*<?{ADDRESS}>?(?:\s+\"[^\"]*\")?\s*\)"
REFERENCE = rf"(?m)^ {{0,3}}\[[^\[\]]+\]:\s*{ADDRESS}(?:\s+\"[^\"]*\")?[ \t]*$\n?"


class StripUrls(TextCleaner):
    """去掉正文里的网址，保留前后文字；Markdown 链接留下文字。 / Remove web addresses from text; Markdown links keep their text.

    ``公司官网http://www.abc.com/新闻中心欢迎访问`` loses the address and nothing else. Columns that are meant to hold
    an address belong in ``skip``. E-mail addresses are ``mask_pii``'s.
    """

    looks_for: ClassVar = URL
    use: Literal["strip_urls"] = "strip_urls"

    def rewrite_column(self, values: pl.Series, notes: Notes) -> pl.Series:
        return until_stable(values, _without_urls)


def _without_urls(values: pl.Series) -> pl.Series:
    text = pl.col("x")
    return values.to_frame("x").select(
        text.str.replace_all(REFERENCE, "")
        .str.replace_all(LINK, "${1}")
        .str.replace_all(rf"{BRACKETED}|{ADDRESS}", "")
    )["x"]
