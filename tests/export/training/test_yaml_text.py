"""Every YAML parser reads the values that were meant."""

from __future__ import annotations

import io
from typing import Any

import pytest
from ruamel.yaml import YAML

from curate.export.training.yaml_text import Setting, scalar, yaml_text


def parsed(text: str, version: str) -> Any:
    yaml = YAML(typ="safe", pure=True)
    yaml.version = version
    return yaml.load(io.StringIO(text))


VALUES = [
    None,
    True,
    False,
    0,
    -3,
    180000000,
    0.0001,
    1e-05,
    0.000005,
    1.0,
    1e16,
    -2.5e-10,
    "qwen3_nothink",
    "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B",
    "q_proj,v_proj",
    "no",
    "No",
    "on",
    "off",
    "yes",
    "y",
    "null",
    "none",
    "true",
    "~",
    "1e-4",
    "12",
    "0x1F",
    "1:30",
    "2026-03-05",
    ".5",
    "",
    " 前后有空格 ",
    "模型/我的 模型#2: 新",
    "C:\\models\\r1",
    'a "quoted" word',
    "two\nlines\tand\u2028more\x85",
    "🎪",
    "- item",
    "[a]",
    "{a: b}",
    "*anchor",
    "!tag",
    "%percent",
    "@at",
    "a,",
    "a: b",
    "a #b",
    ["a", "no", 1, 0.1],
    {"a": 1e-4, "on": [True, None]},
    [],
    {},
]


@pytest.mark.parametrize("version", ["1.1", "1.2"])
@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_comes_back_as_it_was(value: Any, version: str) -> None:
    text = yaml_text(["head"], [Setting("model", "key", value, '原因 # : 引号" 和\n换行')])
    found = parsed(text, version)
    assert found == {"key": value}
    assert type(found["key"]) is type(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0001, "0.0001"),
        (5e-6, "0.000005"),
        (3.0, "3.0"),
        (True, "true"),
        ("no", '"no"'),
        ("1e-4", '"1e-4"'),
        ("output/sft", "output/sft"),
        ("a,b", "a,b"),
    ],
)
def test_values_are_written_in_the_plainest_form_that_is_safe(value: Any, text: str) -> None:
    assert scalar(value) == text


def test_a_section_has_its_heading_and_a_remark_has_no_key() -> None:
    settings = [
        Setting("data", "dataset", "a", "两行"),
        Setting("data", "", None, "一句话"),
        Setting("output", "output_dir", "output/sft", ""),
    ]
    assert yaml_text(["标题"], settings) == (
        "# 标题\n\n### 数据\ndataset: a  # 两行\n# 一句话\n\n### 输出\noutput_dir: output/sft\n"
    )
