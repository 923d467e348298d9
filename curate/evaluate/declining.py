"""Does an answer decline, because the data do not hold what was asked?"""

from __future__ import annotations

import polars as pl

#: Where an answer declines it does so at its start (characters).
START = 80

_ABOUT = "(?:信息|资料|数据|记录|内容|记载|说明|答案|介绍|描述)"
_HOLDS = "(?:提及|提到|提供|记载|记录|收录|说明|包含|给出|涉及|披露|公开|登记|注明|标明|写明|列出|显示)"

#: What is taken for declining; each has a test. Patterns over NFKC text in lower case without white space
#: (Chinese) or with single blanks (English).
CHINESE = (
    f"没有[^。,;!?]{{0,20}}{_ABOUT}",
    f"(?:没有|并未|未|未曾|尚未|没){_HOLDS}",
    f"(?:暂无|查无|缺少|缺乏|不包含|不含|不含有)[^。,;!?]{{0,12}}{_ABOUT}",
    "^暂无[。!]?$",
    "(?:没有|未能|未|没|无法|查不到|找不到)(?:找到|查到|查询到|检索到|查得)",
    "查不到|找不到|查无此",
    "(?:无法|不能|难以|没法|没办法)(?:确定|回答|判断|得知|确认|提供|获知|给出|知道|获取|查证|核实|作答)",
    "无从(?:得知|知晓|判断|回答|确认|确定|查证)",
    "(?:我|还|并|也|暂)不(?:太)?(?:知道|清楚|了解|确定|掌握)",
    "^(?:不知道|不清楚|不了解|不确定|未知|不详)",
    "(?:尚不|并不|暂不)(?:明确|清楚|确定|可知)",
    "超出[^。,;!?]{0,12}(?:范围|能力|知识)",
    "(?:资料|数据|信息|记录|材料)(?:里|中|上)?(?:不足|有限(?:[，。,;；!！]|$)|不全|缺失|未知)",  # not 甲材料有限公司
)
ENGLISH = (
    r"\b(?:do not|don't|don’t|did not|didn't) (?:know|have|find|contain|mention|provide|include|specify|say)\b",
    r"\b(?:does not|doesn't|doesn’t) (?:contain|mention|provide|include|specify|say|state|have|list)\b",
    r"\b(?:cannot|can't|can’t|can not|could not|couldn't|unable to) "
    r"(?:answer|determine|find|tell|say|confirm|provide|verify|be determined|be answered)\b",
    r"\bno (?:\w+ ){0,2}(?:information|data|record|records|mention|details|answer)\b",
    r"\b(?:is|are|was|were) not (?:mentioned|provided|available|specified|known|recorded|stated|given|listed|found)\b",
    r"\b(?:isn't|aren't|wasn't|isn’t) (?:mentioned|provided|available|specified|known|recorded|stated)\b",
    r"\bnot (?:enough|sufficient) (?:information|data)\b|\binsufficient (?:information|data)\b",
    r"\b(?:i am|i'm|i’m) not (?:sure|certain|aware)\b",
    r"^(?:unknown|not known|not available|n/a|no idea)\b",
)


def declines(answers: pl.Series, refusals: pl.Series) -> pl.Series:
    """Whether each answer declines: its first ``START`` characters hold one of the phrases above, or it
    contains one of ``refusals``, the answers that the release itself teaches for what is not in its data.
    """
    known = refusals.filter(refusals.str.len_chars() >= 4).unique().sort()
    text = pl.col("answer").str.normalize("NFKC").str.to_lowercase().str.strip_chars()
    start = text.str.slice(0, START)
    found = start.str.replace_all(r"\s", "").str.contains("|".join(CHINESE))
    found |= start.str.replace_all(r"\s+", " ").str.contains("|".join(ENGLISH))
    if len(known):
        found |= pl.col("answer").str.contains_any(known.to_list())
    return pl.DataFrame({"answer": answers}).select(found.alias("declines"))["declines"]
