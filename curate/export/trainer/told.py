"""What LLaMA-Factory made of a release, in words."""

from __future__ import annotations

from curate.export.trainer.loaded import Loaded, LoadedSet, LoadedYaml
from curate.language import say

#: characters of an example
SHOWN = 240


def loaded_text(loaded: Loaded) -> str:
    """One line a configuration such as ``12,431 rows in, 12,431 trained, 0 cut, template deepseekr1, longest 3,902
    of 4,096``, one example of each with what is learned of it, and each loss by name with what to do.
    """
    lines = [line for one in loaded.yamls for line in _yaml_lines(one)]
    verdict = (
        say("全部行都会用于训练", "every row is trained on")
        if loaded.ok
        else say("有行不会按原样训练，见上", "not every row is trained on as it is: see above")
    )
    return "\n".join([*lines, f"LLaMA-Factory {loaded.llamafactory}: {verdict}"])


def _yaml_lines(one: LoadedYaml) -> list[str]:
    if one.error:
        return [f"{one.yaml}: {_error(one)}"]
    lines = []
    for part, label in (("train", one.yaml), ("eval", say("  验证", "  validation"))):
        sets = [dataset for dataset in one.datasets if dataset.part == part]
        if sets:
            lines.append(f"{label}: {_counts(one, sets)}")
    return [*lines, *_packed(one), *_example(one), *(f"  ✗ {loss}" for loss in losses(one))]


def _counts(one: LoadedYaml, sets: list[LoadedSet]) -> str:
    rows, cut = sum(each.rows for each in sets), sum(each.cut for each in sets)
    trained = sum(each.trained - each.left_over for each in sets)
    longest = max(each.longest for each in sets)
    return say(
        f"读入 {rows:,} 行，训练 {trained:,} 行，截断 {cut:,} 行，模板 {one.template}，最长 {longest:,} / {one.cutoff:,} 个 token",
        f"{rows:,} rows in, {trained:,} trained, {cut:,} cut, template {one.template}, longest {longest:,} of {one.cutoff:,}",
    )


def _packed(one: LoadedYaml) -> list[str]:
    if not one.packing:
        return []
    left = sum(each.left_over for each in one.datasets if each.part == "train")
    return [
        say(
            f"  拼成 {one.sequences:,} 段；拼接剩下的 {left:,} 篇不训练",
            f"  packed into {one.sequences:,} sequences; {left:,} documents are left over and not trained on",
        )
    ]


def _example(one: LoadedYaml) -> list[str]:
    names = {
        "text": say("模型看到", "the model sees"),
        "labels": say("模型学习", "it learns"),
        "chosen_text": say("模型看到", "the model sees"),
        "chosen_labels": say("好的回答", "the better answer"),
        "rejected_labels": say("差的回答", "the worse answer"),
    }
    return [f"  {label}: {_short(one.example[name])}" for name, label in names.items() if name in one.example]


def _short(text: str) -> str:
    flat = text.replace("\n", "\\n")
    # the middle goes: the beginning shows the template and the end the end token
    return flat if len(flat) <= SHOWN else f"{flat[: SHOWN * 2 // 3]} … {flat[-SHOWN // 3 :]}"


def _lines_named(rows: tuple[int, ...], count: int) -> str:
    """Lines of the file, from 1; some of ``count``."""
    named = ", ".join(str(row + 1) for row in rows[:5])
    more = " …" if count > 5 else ""
    return say(f"第 {named}{more} 行", f"line {named}{more}")


def losses(one: LoadedYaml) -> list[str]:
    """Each thing that keeps a configuration from being ``ok``, with what to do."""
    found = [_error(one)] if one.error else []
    for each in one.datasets:
        unread, dropped = each.rows - each.loaded, each.loaded - each.trained
        if unread:
            found.append(
                say(
                    f"{each.dataset}：文件有 {each.rows:,} 行，只读入 {each.loaded:,} 行 → 去掉 max_samples、num_samples，或重新导出",
                    f"{each.dataset}: {each.rows:,} rows in the file, {each.loaded:,} read → remove max_samples and num_samples, or export again",
                )
            )
        if dropped:
            where = _lines_named(each.lost_rows, dropped)
            found.append(
                say(
                    f"{each.dataset}：丢了 {dropped:,} 行（{where}）→ 检查这些行的角色顺序和空值，改好后重新导出",
                    f"{each.dataset}: {dropped:,} rows are lost ({where}) → look at their order of roles and at empty values, then export again",
                )
            )
        if each.cut:
            # LLaMA-Factory takes one off the limit where it packs
            enough = each.longest + one.packing
            where = _lines_named(each.cut_rows, each.cut)
            found.append(
                say(
                    f"{each.dataset}：截断 {each.cut:,} 行（{where}），结尾不会被学到 → cutoff_len 至少 {enough:,}，或导出时去掉太长的行",
                    f"{each.dataset}: {each.cut:,} rows are cut ({where}), their ends are not learned → cutoff_len of at least {enough:,}, or leave rows that long out of the export",
                )
            )
    return found + _template_losses(one)


def _template_losses(one: LoadedYaml) -> list[str]:
    found = []
    wrong = say(
        "换成该模型自己的 template，或换对应的分词器",
        "use the template of this model, or the right tokenizer",
    )
    if one.split_template_tokens:
        words = " ".join(one.split_template_tokens)
        found.append(
            say(
                f"模板 {one.template} 的标记 {words} 不是这个分词器的单个 token → {wrong}",
                f"template {one.template}: {words} are not single tokens of this tokenizer → {wrong}",
            )
        )
    if one.new_tokens:
        words = " ".join(one.new_tokens)
        found.append(
            say(
                f"模板 {one.template} 新加了没有训练过的 token {words} → {wrong}",
                f"template {one.template} adds untrained tokens {words} → {wrong}",
            )
        )
    return found


def _error(one: LoadedYaml) -> str:
    where = f"{one.dataset}: " if one.dataset else ""
    hint = say("改好后重新导出", "mend it and export again")
    if "load tokenizer" in one.error:
        hint = say(
            "本机没有这个模型的分词器：用 --tokenizer 给出它的文件夹",
            "the model's tokenizer is not on this machine: name its folder with --tokenizer",
        )
    return say(f"无法加载：{where}{one.error} → {hint}", f"does not load: {where}{one.error} → {hint}")
