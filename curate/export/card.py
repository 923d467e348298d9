"""The data set's card: what a trainer reads first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from curate.algorithms.cap import Cap
from curate.export.llamafactory import QWEN_WORDS
from curate.export.tokens.histogram import bars_text
from curate.export.training.memory import method_label
from curate.export.training.plan import Part, Plan
from curate.files import write_text
from curate.language import say
from curate.pairs import ASKED_ONLY, KINDS
from curate.rows import SPLITS


def write_card(
    folder: Path, about: dict[str, Any], plan: Plan, parts: list[Part], statistics: str = ""
) -> None:
    """Write ``README.md``; and one for the folder that the ``datasets`` library reads, where there is one.

    Args:
        statistics: a section of its own, in Markdown, on what is published of the data.
    """
    overridden = about.get("overrides", [])
    sections = [
        _head(about),
        *([_overridden(overridden)] if overridden else []),
        _training(about, plan, parts),
        _rows(about),
        *([statistics] if statistics else []),
        _tokens(about),
        _memory(plan),
        _after(about),
    ]
    write_text(folder / "README.md", "\n\n".join(sections) + "\n")
    hub = folder / "huggingface"
    if hub.is_dir():
        write_text(hub / "README.md", _hub_card(hub, about))


def _overridden(gates: list[dict[str, str]]) -> str:
    """Whoever takes the release must know which checks it did not pass, and who answers for that."""
    lines = [say("## 没有通过、由人放行的检查", "## Checks that it did not pass, and who answers for it"), ""]
    for one in gates:
        lines.append(
            say(
                f"- **{one['gate']}**：{one['problem']}\n  {one['who']} 放行，理由：{one['reason']}",
                f"- **{one['gate']}**: {one['problem']}\n  overridden by {one['who']}: {one['reason']}",
            )
        )
    return "\n".join(lines)


def table(head: list[str], rows: list[list[Any]]) -> str:
    """A Markdown table; numbers are written with thousands."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in line) + " |"
        for line in lines
    )


def _head(about: dict[str, Any]) -> str:
    return "\n".join(
        [
            f"# {about['name']} {about['version']}",
            "",
            say(
                f"由 curate {about['curate']} 生成，给 {about['model']}（模板 {about['template']}）训练用。"
                "这个文件夹不会再变：数据变了会有新的版本。",
                f"Made by curate {about['curate']} for {about['model']} (template {about['template']}). "
                "This folder does not change: other data, another version.",
            ),
        ]
    )


def _training(about: dict[str, Any], plan: Plan, parts: list[Part]) -> str:
    stages = " ".join(part.stage for part in parts)
    lines = [
        say("## 怎么训练", "## How to train"),
        "",
        "```sh",
        "pip install -r requirements-train.txt",
        say("bash train.sh            # 训练", "bash train.sh            # train"),
    ]
    if about["asked"]:
        lines += [
            say(
                "bash train.sh evaluate   # 回答测试集的问题",
                "bash train.sh evaluate   # answer the test questions",
            ),
            "curate eval output/predict/generated_predictions.jsonl --release .",
        ]
    lines += [
        say(
            "bash train.sh merge      # 合并成完整的模型",
            "bash train.sh merge      # merge into a whole model",
        ),
        "```",
        "",
        say(
            f"阶段：{stages}（`bash train.sh 阶段 参数=值`）。按 {plan.gpu.label} 选了 {method_label(plan.method)}，"
            f"估计每张卡 {plan.estimate.total:.1f} GB。每个参数的理由写在 YAML 里。训练前会核对 SHA256SUMS；训练结果在 output/。",
            f"Stages: {stages} (`bash train.sh STAGE key=value`). For {plan.gpu.label} we chose {method_label(plan.method)}, "
            f"some {plan.estimate.total:.1f} GB a card. The YAMLs say why of every value. SHA256SUMS is checked before training; "
            "results go to output/.",
        ),
    ]
    if about["template"] == "deepseekr1":
        lines += [
            "",
            say(
                "注意：R1 的聊天模板在推理时由提示先写出 `<think>`，训练时它属于回答；部署时不要再写一遍。",
                "Note: at inference R1's chat template opens `<think>` in the prompt; in training it belongs to the answer.",
            ),
        ]
    if about["template"] == "deepseekr1" and plan.model.vocabulary < QWEN_WORDS:
        lines += [
            "",
            say(
                "注意：这个模型的 tokenizer_config.json 若写着 LlamaTokenizerFast，transformers 5 会丢掉全部中文。先用"
                " `curate export check . --tokenizer 模型文件夹` 看一遍；有问题就把 tokenizer_class 改成 PreTrainedTokenizerFast。",
                "Note: if this model's tokenizer_config.json names LlamaTokenizerFast, transformers 5 loses all Chinese. Look with "
                "`curate export check . --tokenizer FOLDER`; if so, set tokenizer_class to PreTrainedTokenizerFast.",
            ),
        ]
    return "\n".join(lines)


def _rows(about: dict[str, Any]) -> str:
    there = {kind for pairs in about["pairs"].values() for kind in pairs} - set(ASKED_ONLY)
    kinds = [kind for kind in KINDS if kind in there]
    rows = [[split, *(about["pairs"].get(split, {}).get(kind, 0) for kind in kinds)] for split in SPLITS]
    lines = [
        say("## 有什么", "## What is in it"),
        "",
        table([say("划分", "split"), *kinds], rows),
        "",
        table(
            [say("LLaMA-Factory 数据集", "LLaMA-Factory data set"), say("行", "rows")],
            [[name, rows] for name, rows in about["datasets"].items()],
        ),
        "",
        say(
            f"{_cap(about)}；同一个问题、同一组相似的行只在一个划分里。每条的来历（原文、提示词、模型、花费、得分）在 provenance.parquet。",
            f"{_cap(about)}; a question, and a group of similar rows, is in "
            "one split only. Where each pair comes from (source, prompt, model, cost, scores): provenance.parquet.",
        ),
        say(
            "个人信息（身份证、银行卡、手机、座机、邮箱）已查过"
            + (f"，允许保留：{'、'.join(about['personal_data'])}" if about["personal_data"] else "，没有")
            + "；人名没有处理。",
            "Looked for ID cards, bank cards, telephone numbers and e-mail: "
            + (f"allowed {', '.join(about['personal_data'])}" if about["personal_data"] else "there are none")
            + ". Names of persons are as they were.",
        ),
    ]
    dropped = about["tokens"]["dropped"]
    if dropped:
        told = say("，", ", ").join(f"{reason} {rows:,}" for reason, rows in sorted(dropped.items()))
        lines += [
            "",
            say(f"不能训练而没有导出的：{told}（curate show fit）。", f"Left out: {told} (curate show fit)."),
        ]
    return "\n".join(lines)


def _cap(about: dict[str, Any]) -> str:
    """What the cap allows, and what there is."""
    cap, rows = Cap.of(about["cap"]), about["cap"]["rows"]
    there = rows["counted"] / max(1, rows["counted"] + rows["others"])
    whom = ", ".join(cap.counts)
    told = (
        say("大模型写的", "written by a model")
        if whom == "llm"
        else say(f"来源为 {whom} 的", f"of origin {whom}")
    )
    return say(
        f"{told}不超过训练集的 {float(cap.share):.4g}，实有 {there:.2%}",
        f"{float(cap.share):.4g} of the training pairs at the most may be {told}; {there:.2%} are",
    )


def _tokens(about: dict[str, Any]) -> str:
    tokens = about["tokens"]
    how = (
        say("用模型的 tokenizer 实测", "measured with the model's tokenizer")
        if tokens["measured"]
        else say(
            "估算，偏大；给出 tokenizer 文件夹就能实测",
            "estimated, on the large side; name the tokenizer's folder to measure",
        )
    )
    return "\n".join(
        [
            say("## 长度", "## Lengths"),
            "",
            say(
                f"cutoff_len {tokens['cutoff']:,}，最长的一条 {max(tokens['longest_kept'].values()):,} 个 token（{how}）；"
                f"放不下的 {tokens['over']:,} 条没有导出。",
                f"cutoff_len {tokens['cutoff']:,}, the longest pair has {max(tokens['longest_kept'].values()):,} tokens ({how}); "
                f"{tokens['over']:,} that do not fit were left out.",
            ),
            "",
            "```",
            bars_text(tokens["bars"], tokens["cutoff"]),
            "```",
        ]
    )


def _memory(plan: Plan) -> str:
    parts = [[what, f"{gb:.2f}", why] for what, gb, why in plan.estimate.table()]
    tried = [
        [
            method_label(each.method), each.batch, each.cutoff, each.zero or "-",
            say("重算", "yes") if each.checkpointing else "-", f"{each.total:.1f}", each.refused or say("采用", "taken"),
        ]
        for each in plan.tried
    ]  # fmt: skip
    return "\n".join(
        [
            say("## 显存", "## Memory"),
            "",
            table([say("部分", "part"), "GB", say("怎么算的", "how")], parts),
            "",
            table(
                [
                    say("方法", "method"),
                    "batch",
                    "cutoff",
                    "ZeRO",
                    say("重算激活", "checkpointing"),
                    "GB",
                    "",
                ],
                tried,
            ),
        ]
    )


def _after(about: dict[str, Any]) -> str:
    return "\n".join(
        [
            say("## 其他文件", "## Other files"),
            "",
            say(
                f"`eval/tasks.jsonl`：{about['asked']:,} 道题，含标准答案和要核对的事实：学过的换个问法再问（recall），没学过的行，和数据里没有答案的（unknown，看模型会不会编）。"
                + (
                    f"测试集里 {about['not_asked']:,} 条没有出题（多轮对话，或太多）。"
                    if about["not_asked"]
                    else ""
                ),
                f"`eval/tasks.jsonl`: {about['asked']:,} questions with references and facts to be checked: trained ones in other "
                "words (recall), rows that were not trained on, and some without an answer in the data (unknown). "
                + (
                    f"{about['not_asked']:,} pairs of the test set are not asked (conversations, or too many)."
                    if about["not_asked"]
                    else ""
                ),
            ),
            say(
                "`messages/`、`trl/`、`swift/`、`openai/`、`huggingface/`（配方选了才有）：给 TRL、Unsloth、ms-swift、OpenAI 微调和 datasets。",
                "`messages/`, `trl/`, `swift/`, `openai/`, `huggingface/` (as the recipe asks): for TRL, Unsloth, ms-swift, OpenAI "
                "fine-tuning and datasets.",
            ),
            say(
                "核对：`curate export verify .`；和别的版本比较：`curate export diff 旧 新`。",
                "Check it: `curate export verify .`; compare versions: `curate export diff OLD NEW`.",
            ),
        ]
    )


def _hub_card(hub: Path, about: dict[str, Any]) -> str:
    """The front matter tells the ``datasets`` library which files are which split."""
    lines = ["---", "language: [zh]", "configs:"]
    for folder in sorted(path for path in hub.iterdir() if path.is_dir()):
        lines += [f"- config_name: {folder.name}", "  data_files:"]
        for split in SPLITS:
            if any(folder.glob(f"{split}-*")):
                lines += [f"  - split: {split}", f"    path: {folder.name}/{split}-*.parquet"]
    return "\n".join([*lines, "---", "", f"# {about['name']} {about['version']}", "", _rows(about), ""])
