"""A small workspace whose pairs a model writes: reports of exhibitions, each another one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.conftest import ROOT

RECIPE = """\
name: fair
corpora:
  reports: {{path: reports.jsonl, key: id, columns: {{updated_at: day}}}}
split: {{ratios: {{train: 0.9, validation: 0.05, test: 0.05}}}}
dedupe: {{same_key: }}
synthesize:
  model: {{name: clerk, base_url: "{url}", key_env: CLERK_KEY, price: {{input: 2, output: 8}}, structured: json_schema, concurrency: {concurrency}}}
  budget: {{{budget}}}
  tasks:
    - template: {{corpus: reports, file: recipes/templates/fair.yaml}}
    - {task}: {{corpus: reports, prompt: recipes/prompts/{task}.j2, min_chars: 100}}
export:
  - llamafactory: {{model: deepseek-r1-distill-qwen-1.5b, gpu: {{card: RTX 4090}}}}
"""
TEMPLATES = """\
- question: day
  ask: ["{{ title }}是哪一天的报告？", "《{{ title }}》什么时候发布的？"]
  answer: "《{{ title }}》发布于{{ updated_at }}。"
- question: place
  ask: "{{ title }}写的是哪个城市？"
  answer: "《{{ title }}》写的是{{ city }}。"
- question: visitors
  ask: "{{ title }}说来了多少观众？"
  answer: "《{{ title }}》记录的观众有{{ visitors }}人。"
- question: area
  ask: "{{ title }}里的展览面积是多少？"
  answer: "《{{ title }}》里的展览面积是{{ area }}平方米。"
- question: booths
  ask: "{{ title }}一共有多少个展位？"
  answer: "《{{ title }}》里一共有{{ booths }}个展位。"
- question: firms
  ask: "{{ title }}说有多少家企业参展？"
  answer: "《{{ title }}》说有{{ firms }}家企业参展。"
"""
CITIES = ("上海", "广州", "成都", "西安", "杭州", "青岛", "武汉", "长沙")
GOODS = ("农机", "印刷机械", "医疗器械", "家具", "茶叶", "轴承", "童装", "水泵", "涂料")


def report(number: int) -> dict[str, object]:
    """The report of that number; no two are alike."""
    city, goods = CITIES[number % 8], GOODS[number * 5 % 9]
    visitors, area, booths, firms = 3000 + 137 * number, 5000 + 210 * number, 90 + 7 * number, 40 + 3 * number
    text = (
        f"第{number + 2}届{city}{goods}展览会在{city}国际会展中心举行，展览面积{area}平方米。"
        f"主办方统计到场观众{visitors}人，其中外地观众占{number % 60 + 11}%。"
        f"参展企业共有{firms}家，设展位{booths}个，成交意向{number * 13 + 205}万元。"
        f"展会期间在{city}举办论坛{number % 9 + 2}场，{goods}行业的{number % 23 + 12}位专家到场发言，听众合计{number * 11 + 320}人次。"
        f"会后的问卷收回{number * 9 + 410}份，{number % 37 + 51}%的观众愿意再来，{number % 29 + 40}%的企业预订了下一届的展位。"
    )
    return {
        "id": f"r{number:04d}", "title": f"第{number + 2}届{city}{goods}展览会总结", "city": city, "visitors": visitors,
        "area": area, "booths": booths, "firms": firms, "day": f"2025-{number % 12 + 1:02d}-{number % 28 + 1:02d}", "text": text,
    }  # fmt: skip


def make(
    folder: Path, url: str, *, rows: int = 40, task: str = "summarise", concurrency: int = 8, budget: str = ""
) -> Path:
    """A workspace whose model is at ``url``; its recipe."""
    (folder / "recipes/templates").mkdir(parents=True)
    shutil.copytree(ROOT / "recipes/prompts", folder / "recipes/prompts")
    (folder / "recipes/templates/fair.yaml").write_text(TEMPLATES, encoding="utf-8")
    write_reports(folder, rows)
    return write_recipe(folder, url, task=task, concurrency=concurrency, budget=budget)


def write_reports(folder: Path, rows: int) -> None:
    lines = (json.dumps(report(number), ensure_ascii=False) + "\n" for number in range(rows))
    (folder / "reports.jsonl").write_text("".join(lines), encoding="utf-8")


def write_recipe(
    folder: Path, url: str, *, task: str = "summarise", concurrency: int = 8, budget: str = ""
) -> Path:
    recipe = folder / "recipes/fair.yaml"
    told = RECIPE.format(url=url, task=task, concurrency=concurrency, budget=budget)
    recipe.write_text(told, encoding="utf-8")
    return recipe
