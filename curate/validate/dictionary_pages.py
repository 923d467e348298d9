"""The data dictionary as Markdown and as one page of HTML: no script, no picture, nothing from elsewhere; the same bytes each time."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import jinja2

from curate.files import write_text
from curate.language import say
from curate.validate.dictionary import Described, DescribedField

#: allowed values that are shown; a longer list is cut
SHOWN = 60


def write_dictionary(described: Iterable[Described], folder: Path) -> list[Path]:
    """``dictionary.md`` and ``dictionary.html`` in a folder; values of schemas are escaped in both."""
    told = list(described)
    folder.mkdir(parents=True, exist_ok=True)
    files = {"dictionary.md": markdown(told), "dictionary.html": page(told)}
    for name, text in files.items():
        write_text(folder / name, text)
    return [folder / name for name in files]


def headings() -> list[str]:
    return [
        say("字段", "field"),
        say("说明", "description"),
        say("类型", "type"),
        say("必填", "required"),
        say("取值和范围", "values and bounds"),
        say("原列名", "in the source"),
        say("怎么检查", "checked"),
    ]


def allowed(one: DescribedField) -> list[str]:
    """What a field's values may be, a line each."""
    values = say("、", ", ").join(one.values[:SHOWN]) + ("…" if len(one.values) > SHOWN else "")
    lines = [
        values,
        one.bounds,
        say(f"长度 {one.length}", f"length {one.length}") if one.length else "",
        say(f"形如 {one.pattern}", f"like {one.pattern}") if one.pattern else "",
        say(f"要在 {one.references} 里", f"must be in {one.references}") if one.references else "",
        say(f"不写就是 {one.default}", f"{one.default} when left out") if one.default else "",
    ]
    return [line for line in lines if line]


def of_corpus(one: Described) -> list[tuple[str, str]]:
    """(what, value) of a corpus's own lines."""
    tiers = {
        "primary": say("训练", "training"),
        "secondary": say("检索", "retrieval"),
        "both": say("训练和检索", "training and retrieval"),
        "reference": say("只用来比对", "only compared with"),
    }
    lines = [
        (say("来源", "from"), one.place),
        (say("主键", "key"), say("、", ", ").join(one.key)),
        (say("去向", "goes to"), tiers.get(one.tier, one.tier)),
        (say("模型", "model"), one.model),
    ]
    return [(what, value) for what, value in lines if value]


def of_type(one: DescribedField) -> str:
    return say(f"{one.type}（{one.unit}）", f"{one.type} ({one.unit})") if one.unit else one.type


def markdown(described: list[Described]) -> str:
    parts = [f"# {_title()}", ""]
    for one in described:
        about = " ".join(one.about.split())
        parts += [f"## {_cell(one.name)}", "", _cell(about), ""]
        parts += [f"- {what}{say('：', ': ')}{_cell(value)}" for what, value in of_corpus(one)]
        parts += ["", _row(headings()), _row(["---"] * len(headings()))]
        for field in one.fields:
            cells = [
                f"`{field.name}`", field.description, of_type(field), say("是", "yes") if field.required else "",
                "\n".join(allowed(field)), field.original, field.speed,
            ]  # fmt: skip
            parts.append(_row([cells[0], *map(_cell, cells[1:])]))
        if one.rules:
            parts += ["", say("字段之间：", "Between the fields:"), ""]
            parts += [
                f"- `{rule.name}`{say('：不允许', ': wrong is that ')}{_cell(rule.wrong)}"
                + (f" (`{rule.condition}`)" if rule.condition else "")
                for rule in one.rules
            ]
        parts.append("")
    return "\n".join(parts)


def page(described: list[Described]) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )
    template = environment.get_template("dictionary.html.j2")
    return template.render(
        title=_title(), lang=say("zh-CN", "en"), described=described, headings=headings(), allowed=allowed, of_corpus=of_corpus,
        of_type=of_type, yes=say("是", "yes"), between=say("字段之间", "Between the fields"), wrong=say("不合规的情形", "wrong is"),
        fields=say("个字段", "fields"), condition=say("条件，或涉及的字段", "condition, or its fields"), rule=say("规则", "rule"),
    )  # fmt: skip


def _title() -> str:
    return say("数据字典", "Data dictionary")


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    """A text in a cell of Markdown: no markup of its own, lines by ``<br>``."""
    for mark in ("\\", "|", "`", "*", "_", "[", "]", "<", ">", "#"):
        text = text.replace(mark, f"\\{mark}")
    return "<br>".join(" ".join(line.split()) for line in text.split("\n"))
