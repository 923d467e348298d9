"""Questions and answers that betray how they were made: phrases of a prompt, references to a text that is not there, another
language; and whether a quotation is in its source.
"""

from __future__ import annotations

import re
from typing import Literal

from curate.algorithms.grounding.claims import read
from curate.algorithms.grounding.plain import plain, unmarked

_TEXT = "文本|材料|资料|段落|文档|文章|原文|片段|上下文|信息|内容|参考|文字|文段|短文|题目|背景"
#: phrase by phrase, over the plain text; ^ is the beginning of the text
_LEAKS = (
    rf"(?:根据|基于|依据|按照|结合|从|由|参考|参照)(?:上文|前文|下文|文中|原文|以上(?!海|级|百|千|万|[0-9])|上述|(?:您|你|用户|题目)?所?(?:提供|给出|给定|给)的?(?:{_TEXT})|(?:这|该|本|此|前|上)(?:一)?(?:段|篇|则)(?:{_TEXT}|话)?)",
    r"(?:根据|基于|依据|从|由)(?:文本|材料|资料|段落|文档|文章|原文|上下文|短文|背景信息)(?:中|里|内容|可知|可以|显示|来看|[,，])",
    r"(?:给定|所给|所提供|上述|以上|前述)的?(?:文本|段落|原文|上下文|片段|文字|文段|短文|文章|内容|信息)(?:中|里|可知|显示|提到|指出|所述|没有|未|并未|表明|[,，。])",
    r"(?:该|这|本|此)(?:段落|段话|段文字|段文本|文段|片段|篇短文)|(?:这|该)篇文章",
    r"(?:上文|前文|文中|原文|文章|文档|资料|材料|上下文|段落|文本)(?:中|里)?(?:已经|也|还|并)?(?:提到|提及|指出|所述|所说|写道|说到|说明了|并未|没有(?:提|说|明)|未(?:提|说|明|给))",
    r"参考资料|参考文本|参考文献中",
    r"(?<![日样资基版文书原成根课剧读])本文(?![化件字献明物档本])",
    r"如上(?:文)?所述|如前(?:文)?所述|综合(?:以上|上述)(?:信息|内容)",
    r"作为(?:一个|一名|一款|一位)?(?:AI|ai|人工智能|大?语言模型|大模型|智能助手|聊天机器人|虚拟助手)",
    r"我(?:只)?是(?:一个|一名|一款)?(?:AI|人工智能|大?语言模型|大模型|智能助手)|(?:人工智能|大型?|AI)语言模型",
    r"我(?:无法|不能)(?:访问|获取|浏览|查看|提供|回答|确定)|我的(?:知识|训练)(?:库|数据)?(?:截至|截止|更新)",
    r"(?:^|[。！!\n:：,，])(?:以下|下面)(?:是|为)",
    r"^(?:好的|好|当然(?:可以)?|没问题|明白了?|收到|没错)[,，。！!]",
    r"^(?:问题|答案|回答|解答|问|答|证据|依据|[QA]|Question|Answer)[:：]",
    r"希望(?:这|以上|我的|上述|本)?(?:个|些|次)?(?:回答|答案|内容|信息|解释|说明)?(?:能|可以)?(?:够)?(?:对)(?:您|你)",
    r"如(?:果|您|你)?(?:还)?有(?:任何|其他|其它|更多|进一步的?|别的)?(?:疑问|问题|需要|需求)[^。！!]{0,8}(?:告知我?(?=[。！!~]|$)|告诉我|联系我(?!们)|问我|向我|提问)",
    r"⟦[0-9]+⟧|</?think>|<\|[a-z_]+\|>|```json|\{\"(?:question|answer)\"",
)  # fmt: skip
_ENGLISH_LEAKS = (
    r"\b(?:according to|based on|as (?:stated|mentioned|described|noted) in|from) (?:the|this) (?:above |given |provided |following )?(?:text|passage|context|document|article|paragraph|excerpt|information|source)\b",
    r"\b(?:the|this) (?:text|passage|context|excerpt|paragraph|document) (?:states|mentions|says|does not|doesn't|indicates|describes)\b",
    r"\bas (?:mentioned|stated) above\b|\bthe (?:provided|given|above) (?:text|passage|context|information)\b",
    r"\bas an? (?:AI|artificial intelligence|(?:large )?language model)\b|\bI'?m an AI\b",
    r"^(?:sure|certainly|of course|okay|absolutely)[,!.]|^here (?:is|are) ",
    r"\b(?:I )?hope this helps\b|\blet me know if\b|\bfeel free to\b",
)  # fmt: skip
_LEAK = re.compile("|".join(_LEAKS))
_ENGLISH_LEAK = re.compile("|".join(_ENGLISH_LEAKS), re.IGNORECASE)

_THINGS = (
    "公司|企业|展会|展览会|博览会|展览|大会|会议|论坛|活动|项目|产品|设备|机器|协会|机构|单位|组织|学校|院校|医院|政府|部门|系统|平台|软件|文件|办法|规定|条例|法律|合同|协议|通知|公告|方案|政策|标准|报告|手册|指南|文档"
    "|文章|新闻|研究|表格|数据|展馆|展区|展位|场馆|城市|地区|国家|省|市|县|区|镇|村|人|人物|先生|女士|作者|讲者|嘉宾|团队|品牌|型号|服务|技术|方法|模型|问题|事件|案例|奖项|计划|工程|基地|中心|银行|基金|届|次|场|家|篇|段|份|条|款"
)
#: 该公司, 这家, 此次, 本报告 with the thing that they mean
_POINTS = re.compile(
    rf"(?<![应活])该(?P<that>{_THINGS})|这(?:一)?(?:家|个|届|次|场|位|款|份|篇|段|项|些|种|本|部|座|套|台|条|类|所|名)?(?P<this>{_THINGS})|这(?:家|届|场|位|篇|段|份|本|部|座|所|名)|此(?:次|项|类|届|份|处|地|公司|展会|产品|办法|报告)"
    r"|(?<![日样资基版文书原成根课剧读张])本(?:报告|次|届|公司|手册|办法|规定|章|节|条|段|项目|单位|市|展会|产品|协会|合同|指南|文(?![化件字献明物档本])|通知|页|表)"
)
_UNSEEN = re.compile(
    r"上述|上文|前文|文中(?!心)|以上(?:内容|信息|材料|情况|规定|数据|哪|这|的?(?:文本|段落))|下列|以下哪|材料中|资料中|原文|段落中|文章中|(?:图|表)(?:中|[0-9一二三])(?:所示)?|刚才|前面提到"
)
_PRONOUN = re.compile(r"它们?|(?<![其吉])他们?(?!人)|她们?|(?<![尤与极])其(?![中他它余次实])")


def leaked(text: str) -> str | None:
    """The first phrase that betrays a prompt (根据上文, 作为AI, 希望对您有帮助 …), or None. 根据《展会管理办法》 and 以上海为例 betray nothing.

    >>> leaked("根据上文，展会共有1200家企业参展。"), leaked("以上海为例，展会分为两期。")
    ('根据上文', None)
    """
    told = plain(text.strip()).text
    found = _LEAK.search(told) or _ENGLISH_LEAK.search(told)
    return found[0].strip(",，。！!:：\n") if found else None


def language_ok(text: str, wanted: Literal["zh", "en", "any"] = "zh", share: float = 0.7) -> bool:
    """Whether a text is in a language: so much of it is Chinese characters or English words, a character counting as a word.

    Codes, addresses, numbers, quoted titles and names in capitals count neither way; a text of nothing else is in any language.
    """
    if wanted == "any":
        return True
    told = read(text)
    letters = list(told.plain.text)
    for kind, start, end, _ in told.marks:
        if kind in ("code", "url", "email"):
            letters[start:end] = " " * (end - start)
    rest = "".join(letters)
    han = len(re.findall(r"[\u3400-\u9fff]", rest))
    words = re.findall(r"[A-Za-zÀ-ÿ]+(?:['’-][A-Za-z]+)*", rest)
    foreign = len(re.findall(r"[\u3040-\u30ff\uac00-\ud7a3\u0400-\u052f\u0600-\u06ff\u0e00-\u0e7f]", rest))
    if wanted == "zh":
        mine, others = han, sum(1 for word in words if word.islower()) + foreign
    else:
        mine, others = len(words), han + foreign
    return mine >= share * (mine + others) if mine + others else True


def question_ok(question: str) -> Literal["refers_to_unseen"] | None:
    """Why a question cannot stand alone: it points to something (该公司, 本报告, 上述, 它) that it has not named; None if it can."""
    text = plain(question).text
    if _UNSEEN.search(text):
        return "refers_to_unseen"
    told = read(question)
    named = [end for kind, _, end, value in told.marks if kind != "place" and not _bare(kind, value)]
    named += [number.end for number in told.quantities if number.unit.startswith("第")]
    for found in _POINTS.finditer(text):
        thing = found["that"] or found["this"]
        before = text[: found.start()]
        if not any(end <= found.start() for end in named) and not (thing and thing in before):
            return "refers_to_unseen"
    for found in _PRONOUN.finditer(text):
        if len(re.findall(r"\w", text[: found.start()])) < 4:
            return "refers_to_unseen"
    return None


def _bare(kind: str, value: str) -> bool:
    """Whether an organisation is told by its kind alone: 公司, 这家公司."""
    end, _, run = value.partition("|")
    return kind == "organisation" and (len(run) - len(end) < 2 or bool(re.match(r"[该这此本]", run)))


def evidence_in(evidence: str, source: str) -> bool:
    """Whether a quotation stands in its source word for word; white space, width and punctuation may differ."""
    quoted = unmarked(evidence)
    return bool(quoted) and quoted in unmarked(source)
