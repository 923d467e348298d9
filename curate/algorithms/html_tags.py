"""Tags of HTML, as patterns: what a page is written with, and nothing that merely looks like it (``<温度>``, ``0<i``)."""

BLOCKS = (
    "address|article|aside|blockquote|br|center|dd|details|div|dl|dt|fieldset|figcaption|figure|footer|form|"
    "h[1-6]|header|hr|li|main|nav|ol|option|p|pre|section|summary|table|tbody|tfoot|thead|title|tr|ul"
)
INLINE = (
    "a|abbr|acronym|audio|b|base|bdi|bdo|big|body|button|canvas|caption|cite|code|col|colgroup|data|del|dfn|em|"
    "embed|font|head|html|i|iframe|img|input|ins|kbd|label|legend|link|map|mark|meta|noscript|object|param|"
    "picture|q|rp|rt|ruby|s|samp|select|small|source|span|strike|strong|sub|sup|svg|td|textarea|th|time|track|"
    "tt|u|var|video|wbr|o:p"  # o:p: pasted from Word
)
#: An attribute has a value or is one of HTML's boolean ones; so ``a<b and c>d`` is no tag.
ATTRIBUTES = (
    r"""(?:\s+[a-zA-Z_:@][\w:.\-]*\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>]+)"""
    r"""|\s+(?:async|autoplay|checked|controls|defer|disabled|hidden|loop|muted|nowrap|readonly|required|selected))*"""
)
TAG = rf"(?i:</?(?:{INLINE}|{BLOCKS}){ATTRIBUTES}\s*/?>)"
#: Names that people also put into angle brackets for other reasons (``a<b>c``, ``git checkout <branch>``): without an
#: attribute, such a tag counts only where the text closes it.
PAIRED = (
    "a|b|i|p|q|s|u|address|article|audio|base|button|canvas|cite|code|data|details|footer|form|header|input|label|"
    "link|main|map|mark|meta|object|option|param|picture|section|select|small|source|summary|table|time|title|track|"
    "var|video"
)
#: The names that nobody puts into brackets for another reason.
SURE = "|".join(name for name in f"{INLINE}|{BLOCKS}".split("|") if name not in PAIRED.split("|"))
