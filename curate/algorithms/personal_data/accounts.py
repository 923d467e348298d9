"""E-mail addresses, WeChat and QQ accounts in plain texts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from curate.algorithms.characters import AT, HAN_NUMBER, NUMBER
from curate.algorithms.personal_data.kinds import WORDED, Found, Search, in_order

#: Endings that follow an ``@`` in files and packages, and are no domain.
_FILES_TEXT = "png jpg jpeg gif webp svg ico css js ts json html htm py md mp4 zip conf service"
_FILES = frozenset(_FILES_TEXT.split())
_AT = r"(?:\u200b?@\u200b?| @ | ?\((?:at|AT|At|艾特)\) ?)"
_DOT = r"(?:\u200b?\.\u200b?| ?\((?:dot|DOT|点)\) ?)"
_EMAIL = re.compile(
    rf"(?<![A-Za-z0-9])[A-Za-z0-9][A-Za-z0-9._%+-]{{0,63}}(?:{_AT}(?:[A-Za-z0-9-]{{1,63}}{_DOT})+[A-Za-z]{{2,24}})+"
)

_TOLD = re.compile(r"(?:[Mm]ail|MAIL|[\u4e00-\u9fff(<\"])[:]? ?$")

_IS = r"(?:是|为|叫)?[: ]{0,3}[(\"“「]?"
_WECHAT_ID = r"[A-Za-z][A-Za-z0-9_\-]{5,19}(?![A-Za-z0-9_\-@]|\.[A-Za-z])"
_WECHAT = re.compile(
    r"(?:微信|薇信|威信|[Vv]信|微❤|[Ww]e[Cc]hat|WECHAT|[Ww]ei[Xx]in|(?<![A-Za-z])(?:[Vv][Xx]|[Ww][Xx]|[Vv](?=[:号]))"
    r"|加(?:我|个|下|一下)?(?:[Vv](?![A-Za-z])|[Vv][Xx]|[Ww][Xx]))"
    r"(?P<told>(?:(?:账|帐)?号码?|[Ii][Dd]|联系|咨询|客服|私聊|同号|用户名?|(?:添)?加(?:我|好友)?|搜(?:索|一搜)?|或QQ|/QQ|/)*)"
    rf"(?P<is>{_IS})(?P<id>{_WECHAT_ID}|[1-9][0-9]{{4,11}}(?![0-9.]))"
)
_WXID = re.compile(r"(?<![A-Za-z0-9])(?P<id>wxid_[A-Za-z0-9_\-]{6,20})")
#: Latin words that follow 微信 where it is spoken of, not where an account is told.
_WORDS_TEXT = (
    "wechat weixin windows android iphone xiaomi huawei harmonyos linux macos webview webhook server"
    " client version openid unionid appid function return object string request payment official"
    " account channel mini program github google please contact online service wework base64"
)
_WORDS = frozenset(_WORDS_TEXT.split())

_QQ = re.compile(
    r"(?:(?<![A-Za-z0-9])[Qq]{2}(?![A-Za-z])|扣扣|抠抠|企鹅|(?<![A-Za-z])[Qq](?=[群号:])|加[Qq](?![A-Za-z]))"
    r"(?:交流|讨论|客服|咨询|联系|在线|业务|用户|技术)*(?:群|账|帐)?(?:号码?)?(?:联系|咨询)?"
    rf"(?P<is>{_IS})(?P<id>[1-9](?:[ \-\u200b]?[0-9]){{4,11}})(?![0-9])(?P<more>(?:(?:[/、,]| ?或 ?)[1-9][0-9]{{4,11}}(?![0-9]))*)"
)
_COUNTED = re.compile(
    r" ?(?:多|余)?(?:人|万|亿|元|年|月|个|名|位|次|条|款|分钟|%|[KkMmGg][Bb]?(?![A-Za-z]))|\.[0-9]"
)


def _emails(text: str) -> Iterator[Found]:
    for found in _EMAIL.finditer(text):
        value = re.sub(_DOT, ".", re.sub(_AT, "@", found[0])).lower().replace("\u200b", "")
        name, _, domain = value.rpartition("@")
        before = text[max(0, found.start() - 8) : found.start()]
        if " @ " in found[0] and not _TOLD.search(before):  # search @ example.com
            continue
        if domain.rpartition(".")[2] in _FILES or (
            name == "git" and text[found.end() : found.end() + 1] == ":"
        ):
            continue
        shown = re.sub(_DOT, ".", re.sub(_AT, "@", found[0])).replace("\u200b", "")
        yield Found("email", *found.span(), value, f"{shown[0]}***@{shown.rpartition('@')[2]}")


def _wechats(text: str) -> Iterator[Found]:
    for found in [*_WECHAT.finditer(text), *_WXID.finditer(text)]:
        account = found["id"].lower().rstrip("-_")
        told = found.re is _WXID or bool(found["told"]) or ":" in found["is"]
        if found[0][0].isascii() and not told and not found["is"] and found.re is _WECHAT:  # wxPay2, vxlan
            continue
        if account.isalpha() and text[found.end() : found.end() + 1] == "(":  # a function is called
            continue
        if account in _WORDS or (account.isdigit() and _COUNTED.match(text, found.end())):
            continue
        if not told and (account.isdigit() or not re.search("[0-9_-]", account) or not _personal(account)):
            continue
        yield Found("wechat", *found.span("id"), account, f"{found['id'][0]}***")


def _personal(account: str) -> bool:
    """Behind a bare 微信: a name with digits or an underscore, and no product's name (iphone14, api_v3)."""
    return re.split("[0-9_-]", account)[0] not in _WORDS | {"iphone", "api", "sdk", "ios", "app"}


def _qqs(text: str) -> Iterator[Found]:
    for found in _QQ.finditer(text):
        if _COUNTED.match(text, found.end()):
            continue
        start, end = found.start("id"), found.end()
        number = "".join(mark for mark in text[start:end] if mark.isdigit() or mark in "/、,或")
        yield Found("qq", start, end, number, number[0] + "****")


_TRIGGERS = (
    "微信 薇信 威信 V信 v信 Ｖ信 ｖ信 微❤ chat Chat CHAT eixin eiXin EIXIN vx VX Vx wx WX Wx ｖｘ ＶＸ ｗｘ ＷＸ V: v: V： v： Ｖ： ｖ： V号 v号 加V 加v 加Ｖ 加ｖ 加我V 加我v 加个V 加个v 加下V 加下v"
    " 加一下V 加一下v"
)
_HEADS = "[微薇威vVＶｖ]信|微❤|wechat|WeChat|Wechat|WECHAT|weixin|Weixin|WeiXin|WEIXIN|vx|VX|Vx|wx|WX|Wx|ｖｘ|ＶＸ|ｗｘ|ＷＸ|[VvＶｖ][:：号]|加.{0,2}[VvＶｖ]"
SEARCHES = (
    Search(
        "email",
        ((AT, ""), (WORDED, r"[(（\[【]at[)）\]】]|\(AT\)|\[AT\]|艾特")),
        rf"[A-Za-z0-9._%+-]{_AT}[A-Za-z0-9-]",
        lambda text: in_order(_emails(text)),
        ("(at)", "（at）", "[at]", "【at】", "(AT)", "[AT]", "（AT）", "【AT】", "艾特"),
    ),
    Search(
        "wechat",
        ((WORDED, _HEADS),),
        r"(?:信|❤|[Cc][Hh][Aa][Tt]|[Xx][Ii][Nn]|[VvWw][Xx]|[Vv][:号]|加[^\n]{0,2}[Vv])[^\n]{0,40}?[A-Za-z0-9][A-Za-z0-9_\-]{4}|wxid_",
        lambda text: in_order(_wechats(text)),
        tuple(_TRIGGERS.split()),
    ),
    Search(
        "qq",
        ((NUMBER | HAN_NUMBER, "[QqＱｑ]|扣|抠|企鹅"),),
        r"(?:[Qq][Qq群号:]|加[Qq]|扣扣|抠抠|企鹅)[^\n0-9]{0,24}[1-9](?:[ \-\u200b]?[0-9]){4}",
        lambda text: in_order(_qqs(text)),
    ),
)
