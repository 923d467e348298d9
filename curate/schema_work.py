"""Schema work: what ``curate schema`` does with recipes and files: a draft of a source, the data dictionary of schemas."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
from pydantic import BaseModel

from curate.errors import CurateError, UsageError
from curate.files import write_text
from curate.language import say
from curate.messages import did_you_mean
from curate.options import files_of
from curate.recipe import Loaded, load
from curate.sources.batches import batches, files
from curate.sources.corpus import Corpus
from curate.sources.fetch import remote_of
from curate.sources.identify import same_columns
from curate.sources.opening import batch
from curate.sources.read import renamed
from curate.validate import load_model
from curate.validate.dictionary import Described, describe
from curate.validate.infer import Draft, accepted, infer
from curate.validate.infer_field import Source
from curate.validate.infer_names import class_name

#: rows of a shard
SHARD = 50_000


@dataclass
class Opened:
    """A source that can be read from its beginning, more than once.

    Attributes:
        unread: reason -> lines that were no rows, of the last reading.
    """

    corpus: Corpus
    workspace: Path
    about: Source
    unread: dict[str, int] = field(default_factory=dict)

    def shards(self) -> Iterator[pl.DataFrame]:
        """Its rows, under the recipe's names, empty cells null; a shard's columns have one type each."""
        self.unread.clear()
        waiting: list[pl.DataFrame] = []
        for rows in self._frames():
            if waiting and (
                rows.schema != waiting[0].schema or sum(part.height for part in waiting) >= SHARD
            ):
                yield pl.concat(waiting)
                waiting = []
            waiting.append(rows)
        if waiting:
            yield pl.concat(waiting)

    def _frames(self) -> Iterator[pl.DataFrame]:
        if self.corpus.path is None:
            found = (batch(rows) for rows in remote_of(self.corpus, self.workspace).frames(None))
        else:
            there = files(self.corpus, files_of(self.workspace, self.corpus.path))
            found = (part for file in there for part in batches(file))
        for part in found:
            for reason in part.bad["reason"]:
                self.unread[reason] = self.unread.get(reason, 0) + 1
            rows = renamed(part, self.corpus, None).rows
            kinds = {name: pl.String() if kind == pl.Null else kind for name, kind in rows.schema.items()}
            yield same_columns(rows, kinds)


def open_source(
    workspace: Path, source: str, recipe: Path | None, name: str | None, reading: Mapping[str, Any]
) -> Opened:
    """A data file, a glob, or a corpus of a recipe.

    Args:
        name: the class; by default after the source.
        reading: options of a corpus, such as ``sheet``.

    Raises:
        UsageError: there is no such file or corpus, the name is no class's, or ``reading`` is given for a recipe's corpus.
    """
    if name is not None and not (name.isidentifier() and name.isascii() and name[:1].isupper()):
        raise UsageError(
            say(f"{name} 不能作类名", f"{name} is no name of a class"),
            say("例如 --name Company", "for example --name Company"),
        )
    if recipe is None:
        if not files_of(workspace, source):
            raise UsageError(
                say(f"找不到数据文件 {source}", f"no file matches {source}"),
                say(
                    f"路径从 {workspace} 算起；配方里的语料要加 --recipe",
                    f"paths start at {workspace}; for a corpus of a recipe add --recipe",
                ),
            )
        corpus = Corpus.model_validate({"path": source, **reading})
        stem = Path(source).name.split(".")[0].strip("*?[]") or Path(source).parent.name
        return Opened(corpus, workspace, Source(name or class_name(stem), stem, source))
    if reading:
        raise UsageError(
            say(
                f"--{next(iter(reading))} 不能与 --recipe 同用",
                f"--{next(iter(reading))} goes with a file, not with --recipe",
            ),
            say("怎么读写在配方的语料里", "the recipe's corpus says how it is read"),
        )
    loaded = load(recipe)
    if source not in loaded.recipe.corpora:
        raise UsageError(
            say(f"配方里没有语料 {source}", f"the recipe has no corpus {source}"),
            did_you_mean(source, loaded.recipe.corpora),
        )
    return open_corpus(
        loaded, source, name, keys_of(loaded, [other for other in loaded.recipe.corpora if other != source])
    )


def open_corpus(loaded: Loaded, name: str, model: str | None, keys: Mapping[str, pl.Series]) -> Opened:
    """A corpus of a recipe.

    Args:
        model: the name of the class; by default after the corpus.
        keys: other corpora's keys, among which references are looked for.
    """
    corpus = loaded.recipe.corpora[name]
    about = Source(model or class_name(name), name, corpus.place, tuple(corpus.key), corpus.columns, keys)
    return Opened(corpus, loaded.workspace, about)


def keys_of(loaded: Loaded, names: list[str]) -> dict[str, pl.Series]:
    """The values of some corpora's keys, where a key is one column of files."""
    told = {}
    for name in names:
        corpus = loaded.recipe.corpora[name]
        if len(corpus.key) != 1 or corpus.path is None:
            continue
        (key,) = corpus.key
        shards = Opened(corpus, loaded.workspace, Source("", name, corpus.place)).shards()
        parts = [rows[key].cast(pl.String) for rows in shards if key in rows.columns]
        if parts:
            told[name] = pl.concat(parts).drop_nulls().unique().sort()
    return told


@dataclass(frozen=True)
class Tried:
    """A draft, and how it does on the rows that it was drafted from."""

    opened: Opened
    draft: Draft

    @property
    def text(self) -> str:
        return self.draft.text

    @cached_property
    def judged(self) -> tuple[int, dict[str, int]]:
        """(rows that the draft sets aside, field -> values that it sets aside); reads the source once more."""
        with TemporaryDirectory() as folder:
            (Path(folder) / "draft.py").write_text(self.text, encoding="utf-8")
            model = load_model(Path(folder), f"draft.py:{self.opened.about.model}")
        rejected, fields = 0, dict[str, int]()
        for _, notes in accepted(self.opened.shards(), model, self.draft.fields):
            rejected += notes["row_id"].n_unique()
            for name, times in notes["field"].value_counts(sort=True).iter_rows():
                fields[name] = fields.get(name, 0) + times
        return rejected, fields

    def told(self) -> str:
        """How many rows the draft accepts; what could not be read."""
        rejected, fields = self.judged
        lines = [
            say(
                f"{self.draft.rows:,} 行，{len(self.draft.fields)} 列；草稿接受其中 {self.draft.rows - rejected:,} 行",
                f"{self.draft.rows:,} rows, {len(self.draft.fields)} columns; the draft accepts {self.draft.rows - rejected:,} of the rows",
            )
        ]
        lines += [
            say(
                f"  {name}：{times} 个值会被隔离，见草稿里的说明",
                f"  {name}: {times} values will be set aside; see the draft",
            )
            for name, times in fields.items()
        ]
        lines += [
            say(f"  {times} 行没有读进来：{reason}", f"  {times} lines were not read: {reason}")
            for reason, times in sorted(self.opened.unread.items())
        ]
        return "\n".join(lines)

    def write(self, file: Path, force: bool) -> None:
        """Raises:
        UsageError: the file is there already, or is no ``.py``.
        """
        if file.suffix != ".py":
            raise UsageError(
                say(f"{file} 不是 .py 文件", f"{file} is no .py file"),
                say("例如 --write schemas/company.py", "for example --write schemas/company.py"),
            )
        if (file.exists() or file.is_symlink()) and not force:
            raise UsageError(
                say(f"{file} 已经有了，没有动它", f"{file} is there already; it was not touched"),
                say(
                    "换一个文件名；确实要覆盖就加 --force",
                    "choose another name, or add --force to overwrite it",
                ),
            )
        file.parent.mkdir(parents=True, exist_ok=True)
        write_text(file, self.text)


def draft_of(opened: Opened, tolerance: float) -> Tried:
    """A draft for a source.

    Raises:
        CurateError: it has no rows.
    """
    draft = infer(opened.shards(), opened.about, tolerance)
    if not draft.rows:
        raise CurateError(
            say(f"{opened.about.place} 里没有一行数据", f"{opened.about.place} has no row"),
            say("检查文件内容", "look at the file"),
        )
    return Tried(opened, draft)


def described(workspace: Path, sources: list[Path]) -> list[Described]:
    """The schemas of a recipe, of some files, or of ``schemas/``, for the dictionary.

    Raises:
        CurateError: there is none.
    """
    recipes = [source for source in sources if source.suffix in (".yaml", ".yml")]
    if recipes:
        return [one for recipe in recipes for one in _of_recipe(load(recipe))]
    found = sources or sorted((workspace / "schemas").glob("*.py"))
    told = [describe(model, file.stem) for file in found for model in _models(file)]
    if not told:
        raise UsageError(
            say("没有找到数据规范", "there is no schema"),
            say(
                "写明配方，如 curate schema doc recipes/expo.yaml",
                "name a recipe, such as curate schema doc recipes/expo.yaml",
            ),
        )
    return told


def _of_recipe(loaded: Loaded) -> list[Described]:
    told = []
    for name, corpus in loaded.recipe.corpora.items():
        if corpus.schema_:
            model = load_model(loaded.workspace, corpus.schema_)
            told.append(describe(model, name, corpus.place, corpus.tier, tuple(corpus.key), corpus.columns))
    for name, reference in (
        ("pairs", loaded.recipe.validate_.pairs),
        ("chunks", loaded.recipe.validate_.chunks),
    ):
        if reference:
            told.append(describe(load_model(loaded.workspace, reference), name))
    return told


def _models(file: Path) -> list[type[BaseModel]]:
    """The models of a file that stand for rows: those that are no part of another one there."""
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError) as error:
        raise CurateError(
            say(f"{file} 不是合法的 Python：{error}", f"{file} is not valid Python: {error}"),
            say("改好这个文件后再试", "mend that file"),
        ) from error
    classes = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
    used = {
        node.id
        for top in tree.body
        if isinstance(top, ast.ClassDef)
        for node in ast.walk(top)
        if isinstance(node, ast.Name)
    }
    return [load_model(file.parent, f"{file.name}:{name}") for name in classes if name not in used]
