"""Words that people type where they have nothing to say."""

#: 0 is none: it may be a true number.
PLACEHOLDERS = [
    "无", "暂无", "没有", "不详", "未知", "未填", "未填写", "待定", "待补充", "略", "空",
    "n/a", "na", "null", "none", "nil", "nan", "tbd", "unknown", "#n/a",
    "-", "--", "---", "－", "—", "——", "/", "／", "\\", ".", "。", "、", "?", "？", "*",
]  # fmt: skip
