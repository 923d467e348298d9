"""How far the words of an answer, beside its claims, are those of its source.

A pair of neighbouring characters counts as known when the source or the question holds it. Words that any answer may need
(可以, 分别, 具体来说 …) count neither way. What was never known and stands in one run of three characters, or fills most of a
clause, is a claim without a number: 并提供专属保洁人员.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_LETTERS = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af0-9A-Za-z]+")
_CLAUSE = re.compile(r"[^,，。；;！!？?\n]+")
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af]")
#: single characters that carry little
_LITTLE = frozenset(
    "的了在是由于和与及或对向从被把将为到至给让使如按就都也并但而且则其该此这那各每本个些有以之来去上下中里外前后时会能可要应得须需请不没未无只仅还再又更最很太比像等们着过吗呢吧啊即约"
    "共达超近逾含占设另先才均所若因故凡且仍曾已内间多少大小高低长短"
)
#: words that an answer may need whatever it is about
_GLUE_TEXT = """
可以 能够 需要 应当 应该 必须 务必 如果 若是 假如 一旦 只要 只有 除非 因为 由于 所以 因此 因而 从而 为了 以便 但是 不过 然而 并且 而且 以及 或者 还是 不仅 同时 此外 另外 其中 例如 比如 包括 包含 分别 分为
各自 通过 进行 根据 按照 依据 关于 对于 至于 针对 方面 问题 方式 情况 内容 信息 结果 原因 目的 方法 措施 条件 部分 其余 其他 剩余 全部 所有 任何 相关 有关 具体 具体来说 具体而言 总体来看 总的来说 总体而言 换句话说
也就是说 值得注意 需要注意 值得一提 简单来说 首先 其次 再次 最后 最终 随后 届时 期间 当天 当日 那天 每天 每年 每月 每个 每次 一共 总共 共有 共计 合计 总计 累计 大约 大概 左右 上下 约为 高达 多达 达到 仅为
目前 现在 现有 已经 将会 将要 即将 正在 曾经 之后 之前 以后 以前 之内 以内 之间 时候 时间 日期 地点 名称 数量 规模 金额 费用 价格 收费 范围 拥有 设有 设置 设立 配有 配备 具有 属于 位于 来自 成为 作为 用于 用来
不能 不得 不可 不会 不用 不必 无需 没有 并非 最多 最少 至少 至多 最高 最低 最早 最晚 超过 不超过 接近 都是 就是 也就是 而是 即可 如下 以下 分成 使用 采用 利用 提供 支持 安排 安排了 打算 计划 预计 建议 要求 规定
明确 说明 指出 表示 介绍 显示 称 举行 举办 召开 开展 开始 结束 截止 截至 完成 实现 办理 申请 提交 领取 购买 支付 收取 缴纳 交纳 享受 得到 获得 取得 拿到 领到 属于 相当 相当于 等于 适合 适用 一般 通常 普通 平均 尽量 尽快
及时 马上 立即 提前 按时 那么 这样 这里 这个 这些 这种 这项 这家 这届 这次 这场 本次 本届 此次 今年 去年 明年 上年 同期 增幅 涨幅 降幅 比例 份额 总额 总量 的话 为止 起来 下来 出来 是否 无论 不论 哪种 禁止 允许 同样 自己 主要
主要是 以上 以下 后续 前后 期限 方可 才能 还能 还会 还要 也要 以免 多长 多久 多少 为期 合适 另有 附上 附有 碰上 遇到 遇上 起步 开设 收到 得益 内部 整个 整体 一次 一种 一个 一些 一定 一样 一起 共同 双方 各类 各种 多种 多个
排名 靠前 靠后 位列 位居 名列 略有 明显 上升 下降 增加 减少 提高 提升 降低 增长 扩大 缩小 缩短 延长 超出 不足 多于 少于 高于 低于 大于 小于 负责 参与 参加 处理 解决 避免 防止 确保 保证 满足
符合 准备 携带 填写 上传 查询 核对 通知 告知 联系 咨询 拨打 前往 到场 到达 进入 进场 离开 离场 返回 退回 交给 送到 寄到 放在 换成 改为 调整 更换 取消 继续 停止 暂停 延期 推迟 组成 构成 承担 给予 给出
发放 分布 面向 涉及 涵盖 覆盖 关注 看重 认为 反映 带来 造成 导致 产生 形成 建立 创办 创立 创建 新增 增设 升级 推出 上市 发布 公布 宣布 透露 强调 提到 做到 用作 当作 视为 划分 归入 选择 挑选 决定 确定 取决于
"""
_GLUE_WORDS = sorted(set(_GLUE_TEXT.split()), key=lambda word: (-len(word), word))
_GLUE = re.compile("|".join(_GLUE_WORDS))
#: a run of so many unknown characters is a word of its own
_RUN = 3
#: so many unknown characters in one clause
_MANY = 5
#: a clause of so many pairs of which at most this share is known says something else, if it has so many unknown characters
_CLAUSE_PAIRS, _CLAUSE_SHARE, _SOME = 4, 0.2, 2


@dataclass(frozen=True, slots=True)
class Coverage:
    """``share`` of the pairs of an answer that are known (1 without any); ``strange``: a part [start, end) that is not, or None."""

    share: float
    strange: tuple[int, int] | None


def pairs(text: str) -> frozenset[str]:
    """The pairs of neighbouring letters of a plain text."""
    return frozenset(
        run[place : place + 2] for run in _LETTERS.findall(text) for place in range(len(run) - 1)
    )


def coverage(text: str, taken: bytearray, known: frozenset[str], letters: frozenset[str]) -> Coverage:
    """How far a plain answer is known.

    Args:
        text: the answer.
        taken: 1 for each character of its claims, which were looked up and count as known.
        known: the pairs of the source and of the question.
        letters: their characters.
    """
    idle = bytearray(len(text))
    for found in _GLUE.finditer(text):
        idle[found.start() : found.end()] = b"\1" * len(found[0])
    total = seen = 0
    strange: tuple[int, int] | None = None
    for clause in _CLAUSE.finditer(text):
        start, end = clause.span()
        words = known_words = 0
        for place in range(start, end - 1):
            pair = text[place : place + 2]
            if not (pair[0].isalnum() and pair[1].isalnum()):
                continue
            if taken[place] and taken[place + 1]:
                total, seen = total + 1, seen + 1
            elif pair in known:
                words, known_words = words + 1, known_words + 1
            elif not (idle[place] or idle[place + 1] or taken[place] or taken[place + 1]):
                words += 1
        total, seen = total + words, seen + known_words
        run, many = _unknown(text, start, end, taken, idle, letters)
        if strange:
            continue
        if run:
            strange = run
        elif many >= _MANY or (
            many >= _SOME and words >= _CLAUSE_PAIRS and known_words <= _CLAUSE_SHARE * words
        ):
            strange = start, end
    return Coverage(seen / total if total else 1.0, strange)


def _unknown(
    text: str, start: int, end: int, taken: bytearray, idle: bytearray, letters: frozenset[str]
) -> tuple[tuple[int, int] | None, int]:
    """(the first long run of characters of which the source and the question hold none, how many such characters a clause has)."""
    first: tuple[int, int] | None = None
    run = many = 0
    for place in range(start, end):
        letter = text[place]
        if taken[place] or idle[place] or letter in letters or letter in _LITTLE or not _HAN.match(letter):
            run = 0
            continue
        run, many = run + 1, many + 1
        if run >= _RUN:
            first = first or (place + 1 - run, place + 1)
    return first, many
