"""Small tokenizers made on the spot, in the shapes in which models are published."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any, Literal

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

Family = Literal["qwen", "r1", "llama3", "bare"]

QWEN_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
SPECIAL: dict[Family, list[str]] = {
    "qwen": ["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
    "r1": ["<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>"],
    "llama3": [
        *("<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>", "<|eom_id|>"),
        *("<|start_header_id|>", "<|end_header_id|>"),
    ],
    "bare": [],
}
#: added tokens that are not special, as the models have them
PLAIN: dict[Family, list[str]] = {
    "qwen": ["<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>", "<think>", "</think>"],
    "r1": ["<｜User｜>", "<｜Assistant｜>", "<think>", "</think>"],
    "llama3": [],
    "bare": [],
}
CONFIG: dict[Family, dict[str, Any]] = {
    "qwen": {
        "tokenizer_class": "Qwen2Tokenizer",
        "bos_token": None,
        "eos_token": "<|im_end|>",
        "unk_token": None,
    },
    # the class that DeepSeek's distilled models name, though they are byte-level
    "r1": {
        "tokenizer_class": "LlamaTokenizerFast",
        "bos_token": {"__type": "AddedToken", "content": "<｜begin▁of▁sentence｜>", "normalized": True},
        "eos_token": {"__type": "AddedToken", "content": "<｜end▁of▁sentence｜>", "normalized": True},
    },
    "llama3": {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": "<|begin_of_text|>",
        "eos_token": "<|end_of_text|>",
    },
    "bare": {"tokenizer_class": "PreTrainedTokenizerFast"},
}


def texts() -> list[str]:
    """Generated text to train a vocabulary on."""
    chosen = random.Random(7)
    halls = [
        "上海",
        "广州",
        "深圳",
        "北京",
        "hall",
        "booth",
        "visitor",
        "展会",
        "观众",
        "参展商",
        "2026",
        "论坛",
    ]
    return ["，".join(chosen.choices(halls, k=9)) + "。" for _ in range(400)]


def make_tokenizer(folder: Path, family: Family, vocabulary: int = 420) -> Path:
    """Write tokenizer.json, tokenizer_config.json and config.json; returns the folder.

    With a ``vocabulary`` of 256 every byte of UTF-8 is one token: lengths can be counted by hand.
    """
    tokenizer = Tokenizer(models.BPE())
    if family == "qwen":
        tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(QWEN_SPLIT), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(
        texts(), trainers.BpeTrainer(vocab_size=vocabulary, initial_alphabet=alphabet, show_progress=False)
    )
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token in SPECIAL[family]])
    tokenizer.add_tokens([AddedToken(token, normalized=family == "r1") for token in PLAIN[family]])
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    write(folder / "tokenizer_config.json", CONFIG[family])
    write(folder / "config.json", {"model_type": "qwen2", "architectures": ["Qwen2ForCausalLM"]})
    return folder


def write(file: Path, value: dict[str, Any]) -> None:
    file.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
