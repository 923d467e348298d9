"""Count the tokens of texts: by the model's own tokenizer, or estimated."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import polars as pl

from curate.errors import CurateError
from curate.export.tokens.estimate import Vocabulary, estimate_tokens
from curate.export.tokens.templates import CONTROL_TOKENS, Template
from curate.language import say

if TYPE_CHECKING:
    from tokenizers import AddedToken, Tokenizer

#: Bytes of text given to the tokenizer at once: what it returns takes some 20 times as much memory.
SLICE_BYTES = 4_000_000


class Counter(Protocol):
    """Counts tokens; ``bos`` and ``eos`` are 1 where the tokenizer has such a token, else 0."""

    bos: int
    eos: int

    def fixed(self, text: str) -> int:
        """Tokens of a piece of the template itself, control tokens counted as one each."""

    def around(self, before: str, texts: pl.Series, after: str) -> pl.Series:
        """Tokens of ``before + text + after`` (Int64, null where the text is null)."""

    def ended(self, texts: pl.Series, end: str | None) -> pl.Series:
        """Tokens of a text of stage pt with what ends it (None: the end token)."""


class Estimated:
    """Without a tokenizer: see ``estimate.py`` for how far it is off."""

    eos = 1

    def __init__(self, bos: int, vocabulary: Vocabulary) -> None:
        self.bos, self.vocabulary = bos, vocabulary

    def fixed(self, text: str) -> int:
        plain, tokens = re.subn(f"{CONTROL_TOKENS}|</?think>", "\0", text)
        parts = pl.DataFrame(
            {"text": [part for part in plain.split("\0") if part]}, schema={"text": pl.String}
        )
        return tokens + int(parts.select(estimate_tokens(pl.col("text")).sum()).item())

    def around(self, before: str, texts: pl.Series, after: str) -> pl.Series:
        return self._estimate(texts) + (self.fixed(before) + self.fixed(after))

    def ended(self, texts: pl.Series, end: str | None) -> pl.Series:  # noqa: ARG002 - any end is one token
        return self._estimate(texts) + 1

    def _estimate(self, texts: pl.Series) -> pl.Series:
        return texts.to_frame("text").select(estimate_tokens(pl.col("text"), self.vocabulary)).to_series()


class Measured:
    """With the model's tokenizer, which is first changed as LLaMA-Factory changes it for the template."""

    def __init__(self, folder: Path, template: Template) -> None:
        loaded = load_tokenizer(folder)
        self.tokenizer, self.bos = loaded.tokenizer, int(loaded.bos is not None)
        own = template.stop_words[0] if template.replace_eos else loaded.eos
        self.end = own or "<|endoftext|>"
        # what the tokenizer lacks becomes a new token there too
        self.tokenizer.add_special_tokens([self.end, *template.stop_words])
        self.eos = 1

    def fixed(self, text: str) -> int:
        return len(self.tokenizer.encode(text, add_special_tokens=False)) if text else 0

    def around(self, before: str, texts: pl.Series, after: str) -> pl.Series:
        whole = texts.to_frame("text").select(text=pl.lit(before) + pl.col("text") + pl.lit(after))
        size = pl.col("text").str.len_bytes().fill_null(0).cum_sum() // SLICE_BYTES
        counts = [
            self._slice(part)
            for part in whole.with_columns(part=size).partition_by("part", include_key=False)
        ]
        return pl.concat(counts) if counts else pl.Series([], dtype=pl.Int64)

    def ended(self, texts: pl.Series, end: str | None) -> pl.Series:
        return self.around("", texts, end or self.end)

    def _slice(self, part: pl.DataFrame) -> pl.Series:
        texts = part.unique().drop_nulls()
        encoded = self.tokenizer.encode_batch_fast(texts["text"].to_list(), add_special_tokens=False)
        counts = pl.Series("tokens", [len(one) for one in encoded], dtype=pl.Int64)
        return part.join(texts.with_columns(counts), on="text", how="left", maintain_order="left")["tokens"]


class Loaded:
    """A tokenizer folder: the tokenizer itself, and its start and end token."""

    def __init__(self, tokenizer: Tokenizer, config: dict[str, Any]) -> None:
        self.tokenizer = tokenizer
        self.bos, self.eos = (_content(config.get(key)) for key in ("bos_token", "eos_token"))


def load_tokenizer(folder: Path) -> Loaded:
    """Read ``tokenizer.json`` and ``tokenizer_config.json`` as transformers does.

    Raises:
        CurateError: a file is missing or cannot be read.
    """
    # its threads are wanted, and so is silence about them when this process starts another later
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    from tokenizers import Tokenizer

    # both looked for first, so that one message names what is missing
    for name in ("tokenizer.json", "tokenizer_config.json"):
        if not (folder / name).is_file():
            raise _unreadable(folder / name, say("文件不存在", "there is no such file"))
    try:
        # from_file says nothing about encodings: the text is read here
        tokenizer = Tokenizer.from_str((folder / "tokenizer.json").read_text(encoding="utf-8"))
    except Exception as error:  # the Rust side raises plain Exception
        raise _unreadable(folder / "tokenizer.json", str(error)) from error
    config = read_config(folder, "tokenizer_config.json")
    tokenizer.no_truncation()
    tokenizer.no_padding()
    _add_tokens(tokenizer, config)
    return Loaded(tokenizer, config)


def read_config(folder: Path, name: str) -> dict[str, Any]:
    """A JSON object of the tokenizer folder.

    Raises:
        CurateError: it cannot be read.
    """
    try:
        value = json.loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _unreadable(folder / name, str(error)) from error
    if not isinstance(value, dict):
        raise _unreadable(folder / name, say("不是 JSON 对象", "it is not a JSON object"))
    return value


def _add_tokens(tokenizer: Tokenizer, config: dict[str, Any]) -> None:
    listed = config.get("added_tokens_decoder", {})
    for _, entry in sorted(listed.items(), key=lambda item: int(item[0])):
        _add(tokenizer, _token(entry))
    named = [config.get(key) for key in ("bos_token", "eos_token", "pad_token", "unk_token")]
    extra = config.get("extra_special_tokens") or config.get("additional_special_tokens") or []
    known = {token.content for token in tokenizer.get_added_tokens_decoder().values()}
    for entry in [*named, *(extra.values() if isinstance(extra, dict) else extra)]:
        content = _content(entry)
        if content is not None and content not in known:
            _add(tokenizer, _token({"special": True, **entry} if isinstance(entry, dict) else entry))


def _add(tokenizer: Tokenizer, token: AddedToken) -> None:
    if token.special:
        tokenizer.add_special_tokens([token])
    else:
        tokenizer.add_tokens([token])


def _token(entry: str | dict[str, Any]) -> AddedToken:
    from tokenizers import AddedToken

    if isinstance(entry, str):
        return AddedToken(entry, special=True)
    flags = {
        key: bool(entry[key]) for key in ("lstrip", "rstrip", "normalized", "single_word") if key in entry
    }
    return AddedToken(entry["content"], special=bool(entry.get("special", False)), **flags)


def _content(entry: Any) -> str | None:
    if isinstance(entry, dict):
        entry = entry.get("content")
    return str(entry) if entry else None


def _unreadable(file: Path, why: str) -> CurateError:
    return CurateError(
        say(f"{file}：分词器读不了：{why}", f"{file}: the tokenizer cannot be read: {why}"),
        say(
            "从模型的发布页把 tokenizer.json、tokenizer_config.json、config.json 三个小文件下载到同一个文件夹（不需要权重）；"
            "或者去掉分词器的设置，按估算的长度导出",
            "download the three small files tokenizer.json, tokenizer_config.json and config.json from the model's "
            "page into one folder (no weights are needed); or leave the tokenizer out and export by estimated lengths",
        ),
    )
