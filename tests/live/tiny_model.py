"""A tiny random model that LLaMA-Factory trains on a processor: the shape of Qwen2, a tokenizer trained on the
given texts, and the special tokens and the chat template of a model family.

``make_tiny_model`` runs this file by the Python of the train environment, where curate is not installed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Literal

Kind = Literal["deepseekr1", "qwen", "qwen3"]

#: how Qwen2 splits a text before it looks for tokens
SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN_TURNS = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}"
)
FAMILIES: dict[Kind, dict[str, Any]] = {
    "deepseekr1": {
        "special": ["<｜end▁of▁sentence｜>", "<｜begin▁of▁sentence｜>", "<｜User｜>", "<｜Assistant｜>"],
        "words": ["<think>", "</think>"],
        "bos": "<｜begin▁of▁sentence｜>",
        "eos": "<｜end▁of▁sentence｜>",
        "pad": "<｜end▁of▁sentence｜>",
        # the thought of an earlier answer is taken out, the next one is begun
        "chat": "{{ bos_token }}{% for message in messages %}"
        "{% if message['role'] == 'system' %}{{ message['content'] }}"
        "{% elif message['role'] == 'user' %}{{ '<｜User｜>' + message['content'] }}"
        "{% else %}{{ '<｜Assistant｜>' + message['content'].split('</think>')[-1] + eos_token }}{% endif %}"
        "{% endfor %}{% if add_generation_prompt %}{{ '<｜Assistant｜><think>\n' }}{% endif %}",
    },
    "qwen": {
        "special": ["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        "words": ["<tool_call>", "</tool_call>"],
        "bos": None,
        "eos": "<|im_end|>",
        "pad": "<|endoftext|>",
        "chat": "{% if messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou are Qwen, created by Alibaba "
        "Cloud. You are a helpful assistant.<|im_end|>\n' }}{% endif %}" + QWEN_TURNS + "{% endif %}",
    },
    "qwen3": {
        "special": ["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        "words": [
            "<tool_call>",
            "</tool_call>",
            "<tool_response>",
            "</tool_response>",
            "<think>",
            "</think>",
        ],
        "bos": None,
        "eos": "<|im_end|>",
        "pad": "<|endoftext|>",
        "chat": QWEN_TURNS + "{% if enable_thinking is defined and enable_thinking is false %}"
        "{{ '<think>\n\n</think>\n\n' }}{% endif %}{% endif %}",
    },
}


def make_tiny_model(
    folder: Path,
    python: Path,
    texts: Path | list[str],
    kind: Kind = "deepseekr1",
    hidden: int = 64,
    layers: int = 2,
    vocab: int = 4000,
    seed: int = 0,
) -> Path:
    """Write the model to ``folder`` and give it back; the same arguments give the same weights.

    ``texts``: what the tokenizer learns from, a file of lines or the texts themselves. 64 and 2 layers train in
    seconds and learn nothing. 128 and 4 layers, trained in full for 50 epochs of batches of 8 at a rate of 0.003,
    say 100 short answers with thoughts by heart; that takes 40 s with OMP_NUM_THREADS=1 on shared cores.
    """
    lines = texts.read_text(encoding="utf-8").split("\n") if isinstance(texts, Path) else texts
    with tempfile.TemporaryDirectory() as scratch:
        order = Path(scratch) / "order.json"
        order.write_text(
            json.dumps(
                {"folder": str(folder.resolve()), "texts": lines, "kind": kind, "hidden": hidden}
                | {"layers": layers, "vocab": vocab, "seed": seed}
            )
        )
        done = subprocess.run(
            [python, __file__, order],
            capture_output=True,
            text=True,
            env={**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": ""},
        )
    assert done.returncode == 0, done.stderr[-2000:]
    return folder


def _tokenizer(texts: list[str], kind: Kind, vocab: int) -> Any:
    from tokenizers import (
        AddedToken,
        Regex,
        Tokenizer,
        decoders,
        models,
        normalizers,
        pre_tokenizers,
        trainers,
    )
    from transformers import PreTrainedTokenizerFast  # type: ignore[import-not-found, unused-ignore]

    family = FAMILIES[kind]
    made = Tokenizer(models.BPE())
    made.normalizer = normalizers.NFC()
    made.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(SPLIT), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab - len(family["special"]) - len(family["words"]),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.train_from_iterator(texts, trainer)
    made.add_special_tokens([AddedToken(word, special=True, normalized=False) for word in family["special"]])
    made.add_tokens([AddedToken(word, special=False, normalized=False) for word in family["words"]])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=made,
        bos_token=family["bos"],
        eos_token=family["eos"],
        pad_token=family["pad"],
        model_max_length=32768,
    )
    tokenizer.chat_template = family["chat"]
    return tokenizer


def _make(folder: str, texts: list[str], kind: Kind, hidden: int, layers: int, vocab: int, seed: int) -> None:
    import torch  # type: ignore[import-not-found, unused-ignore]
    from transformers import Qwen2Config, Qwen2ForCausalLM

    tokenizer = _tokenizer(texts, kind, vocab)
    heads = max(2, hidden // 32)
    torch.manual_seed(seed)
    model = Qwen2ForCausalLM(
        Qwen2Config(
            # a round number, as real models have: the rest is never used
            vocab_size=-(-len(tokenizer) // 64) * 64,
            hidden_size=hidden,
            intermediate_size=hidden * 3,
            num_hidden_layers=layers,
            num_attention_heads=heads,
            num_key_value_heads=heads // 2,
            max_position_embeddings=4096,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
            tie_word_embeddings=False,
        )
    )
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


if __name__ == "__main__":
    _make(**json.loads(Path(sys.argv[1]).read_text()))
