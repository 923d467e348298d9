"""Does this tokenizer belong to this template?"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from curate.export.tokens.counter import Loaded, load_tokenizer, read_config
from curate.export.tokens.templates import CONTROL_TOKENS, Id, Template, find_template
from curate.language import say

if TYPE_CHECKING:
    from tokenizers import Tokenizer


def check_tokenizer(template: str, folder: Path) -> list[str]:
    """What is wrong with training the model of this tokenizer under this template.

    LLaMA-Factory says nothing of a wrong template: it spells the markers of the turns out in pieces that the model
    has never seen as markers, or adds tokens that nobody has trained.

    Args:
        template: a name of ``TEMPLATES``.
        folder: with tokenizer.json and tokenizer_config.json, and config.json where there is one.

    Returns:
        One sentence a problem; empty where all is well.

    Raises:
        CurateError: no such template, or the tokenizer cannot be read.
    """
    wanted = find_template(template)
    loaded = load_tokenizer(folder)
    problems = [_split(template, token) for token in _markers(wanted) if not _whole(loaded.tokenizer, token)]
    problems += [
        _new(template, token) for token in wanted.stop_words if loaded.tokenizer.token_to_id(token) is None
    ]
    return problems + _no_ids(template, wanted, loaded) + _rebuilt(folder)


def _markers(template: Template) -> list[str]:
    """Control tokens that stand in the pieces, in order, without the stop words."""
    pieces = [template.system, template.user, template.assistant, template.function, template.observation]
    text = "".join(slot for slots in pieces for slot in slots if isinstance(slot, str))
    # <tool_response> is plain text in models older than Qwen3
    found = [token for token in re.findall(CONTROL_TOKENS, text) if "tool_" not in token]
    found += ["<think>", "</think>"] if template.reasoning else []
    return [token for token in dict.fromkeys(found) if token not in template.stop_words]


def _whole(tokenizer: Tokenizer, token: str) -> bool:
    return len(tokenizer.encode(token, add_special_tokens=False)) == 1


def _split(template: str, token: str) -> str:
    return say(
        f"模板 {template} 的标记 {token} 在这个分词器里不是一个词元，会被拆开：模板和模型不配套",
        f"the marker {token} of template {template} is not one token of this tokenizer and would be split: "
        "the template is not this model's",
    )


def _new(template: str, token: str) -> str:
    return say(
        f"模板 {template} 的结束词 {token} 不在词表里，训练时会新增一个没有训练过的词元：模板和模型不配套",
        f"the stop word {token} of template {template} is not in the vocabulary and would be added as an untrained "
        "token: the template is not this model's",
    )


def _no_ids(template: str, wanted: Template, loaded: Loaded) -> list[str]:
    problems = []
    if Id.BOS in wanted.prefix and loaded.bos is None:
        problems.append(
            say(
                f"模板 {template} 以开始词元开头，而 tokenizer_config.json 没有 bos_token",
                f"template {template} begins with the start token, and tokenizer_config.json has no bos_token",
            )
        )
    if loaded.eos is None and not wanted.replace_eos:
        problems.append(
            say(
                f"模板 {template} 用结束词元收尾，而 tokenizer_config.json 没有 eos_token",
                f"template {template} ends with the end token, and tokenizer_config.json has no eos_token",
            )
        )
    return problems


def _rebuilt(folder: Path) -> list[str]:
    """Byte-level tokenizers that transformers 5 rebuilds as a Llama-2 tokenizer: it loses spaces and Chinese.

    transformers issue 45488, open in 2026: a ``tokenizer_class`` of LlamaTokenizer(Fast) makes it ignore the
    splitting rules of tokenizer.json, unless the model's type has another class (qwen2, qwen3: the class is then
    not used). DeepSeek-R1-Distill-Llama is published so.
    """
    named = str(read_config(folder, "tokenizer_config.json").get("tokenizer_class", ""))
    if named.removesuffix("Fast") != "LlamaTokenizer":
        return []
    kind = (
        read_config(folder, "config.json").get("model_type") if (folder / "config.json").is_file() else None
    )
    rules = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8")).get("pre_tokenizer")
    if "ByteLevel" not in json.dumps(rules) or str(kind).startswith(("qwen", "deepseek_v")):
        return []
    return [
        say(
            f"{folder / 'tokenizer_config.json'} 的 tokenizer_class 是 {named}，transformers 5 会因此丢掉空格和中文"
            "（transformers 问题 45488）：训练前请把它改成 PreTrainedTokenizerFast",
            f"{folder / 'tokenizer_config.json'} has the tokenizer_class {named}, for which transformers 5 loses spaces "
            "and Chinese (transformers issue 45488): change it to PreTrainedTokenizerFast before the training",
        )
    ]
