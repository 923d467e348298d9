"""Dedupe: versions of one record, the same text, nearly the same text, the same entity; each row that goes names
the row that stays.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

import polars as pl
from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from curate.cache import Cache, Place, Step
from curate.dedupe.asked import TOLD
from curate.dedupe.carry_out import carry_out, told
from curate.dedupe.decide import Decision, Source, verdicts_of
from curate.dedupe.exact import Exact
from curate.dedupe.explain import Decided
from curate.dedupe.guards import guard
from curate.dedupe.index import Index, digest_of, header_of, segment_name
from curate.dedupe.lookup import New, look_up
from curate.dedupe.minhash import Edges, Minhash
from curate.dedupe.rank import Criterion, Prefer, ranked
from curate.dedupe.records import ASKED, REVIEW, Records
from curate.dedupe.same_key import SameKey
from curate.dedupe.sign import Signed, Stops, band, own_stops, read_texts
from curate.errors import CurateError
from curate.files import sha256_of, sha256_of_file, write_parquet
from curate.language import say
from curate.options import CorpusName, problem
from curate.rows import Outcome
from curate.unit import Form

__all__ = ["CATALOGUE", "TOLD", "Dedupe", "Method", "Prefer", "Source"]

Method = SameKey | Exact | Minhash
CATALOGUE = (SameKey, Exact, Minhash, Records)
#: Raise it when the decision gives other rows for another reason than a method's.
VERSION = 4


def _index_name(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise problem(
            say(
                f"索引名 {name} 只能用小写英文、数字和下划线",
                f"the index name {name} may hold a-z, 0-9 and _ only",
            ),
            say("例如 news", "for example news"),
        )
    return name


IndexName = Annotated[str, AfterValidator(_index_name)]


def _bare(value: Any) -> Any:
    """``exact:`` with nothing behind it asks for the method with its defaults."""
    return {} if value is None else value


class Dedupe(Form):
    """去重：依次按主键、全文、近似、实体；留哪一行由 keep 决定。 / Remove duplicates: by key, text, similarity, entity.

    The methods look one after the other at the rows that the ones before left. Rows of ``reference`` corpora and
    of the indexes in ``against`` always stay. A removed row names the row it was compared with, which may itself
    have gone by a later method; ``curate trace`` follows it to the one that stays.
    """

    keep: list[Criterion] = Field(["corpus", "updated_at", "completeness", "length"])
    """留哪一行：按这个顺序比较，靠前的语料、更新的、更完整的、更长的优先；还有 quality（score_quality 的分；没有就看杂乱符号多少）和任意列 {column: 列名} / which row stays: that of the earlier corpus, the newer, the more complete, the longer; also quality (the score of score_quality, else fewer odd characters) and any column"""
    across: list[list[CorpusName]] = []
    """哪些语料之间也互相去重，例如 [[news, posts]] / corpora whose rows are also copies of each other's"""
    same_key: Annotated[SameKey | None, BeforeValidator(_bare)] = Field(None, validate_default=False)
    """主键相同只留一版 / one version of a record"""
    exact: Annotated[Exact | None, BeforeValidator(_bare)] = Field(None, validate_default=False)
    """正文相同只留一行 / one row of the same text"""
    minhash: Annotated[Minhash | None, BeforeValidator(_bare)] = Field(None, validate_default=False)
    """近似的只留一行 / one row of nearly the same text"""

    records: dict[CorpusName, Records] = {}
    """同一实体只留一行：语料名: 规则 / one row an entity: corpus: rules"""
    index: IndexName | None = None
    """索引名：记住这次的行，以后的新行与它们比较，例如 news / an index that remembers this run's rows, so that later ones are compared with them"""
    against: list[IndexName] = []
    """还要与哪些索引比较：与其中重复的行去掉，例如 [expo] / further indexes: rows that repeat one of theirs go"""
    max_loss: float = Field(0.5, gt=0, le=1)
    """一份语料因为相似被去掉的比例超过它就停下（0–1） / stop when a corpus loses a greater share by similarity"""
    max_group: float = Field(0.1, gt=0, le=1)
    """一行“吃掉”一份语料的比例超过它就停下（0–1） / stop when a greater share of a corpus goes because of one row"""

    @model_validator(mode="after")
    def _across_once(self) -> Dedupe:
        named = [name for group in self.across for name in group]
        twice = next((name for name in named if named.count(name) > 1), None)
        if twice:
            raise problem(
                say(f"across 里 {twice} 写了两次", f"across names {twice} twice"),
                say("把要互相比较的语料写进同一组", "put the corpora to be compared into one group"),
            )
        return self

    @model_validator(mode="after")
    def _index_needs_minhash(self) -> Dedupe:
        if (self.index or self.against) and self.minhash is None:
            raise problem(
                say("index 和 against 要有 minhash 才能比较", "index and against compare by minhash"),
                say("在 dedupe 下加上 minhash: {}", "add minhash: {} below dedupe"),
            )
        return self

    @property
    def methods(self) -> list[Method]:
        return [method for method in (self.same_key, self.exact, self.minhash) if method]

    def run(
        self, sources: list[Source], cache: Cache, people: pl.DataFrame | None = None
    ) -> tuple[Step, list[Step]]:
        """All methods over all corpora: sign, decide over narrow columns, then carry it out shard by shard;
        returns the decision (of corpus ``*``) and a step a corpus.

        Args:
            people: ``TOLD``, what people said of pairs of records.

        Raises:
        CurateError: an index is missing, or was made in another way.
        """
        decided = self.decide(sources, cache, people)
        return decided, [self._carry_out(source, decided.folder, cache) for source in sources]

    def decide(self, sources: list[Source], cache: Cache, people: pl.DataFrame | None = None) -> Step:
        """What ``run`` would do, without doing it; its folder holds ``review.parquet``, the pairs that people should look at, and
        with ``people`` also ``asked.parquet``, the pairs that they were asked about.
        """
        people = pl.DataFrame(schema=TOLD) if people is None else people.sort(*TOLD)
        indexes = self._indexes(cache)
        signed, stops = self._sign(sources, indexes, cache)
        new = self._new(sources, signed, stops)
        asked = self.model_dump(mode="json", include={"keep", "across"})
        key = sha256_of(
            [
                VERSION,
                asked,
                [method.fingerprint() for method in self.methods],
                {name: records.fingerprint() for name, records in self.records.items()},
                [[s.name, s.key, s.columns, s.identity, s.protected] for s in sources],
                [[index.name, sorted(index.names - new.names)] for index in indexes],
                digest_of(stops),
                *([people.rows()] if people.height else []),  # results without any stay valid
            ]
        )

        def work(folder: Path) -> dict[str, Any]:
            decision = ranked(sources, self.keep, self.across, [corpus.about["length"] for corpus in signed])
            metrics = self._decide(decision, new, indexes, people, folder)
            verdicts = told(decision)
            for number, source in enumerate(sources):
                own = verdicts.filter(pl.col("corpus") == number).drop("corpus").sort("place")
                write_parquet(verdicts_of(folder, source.name), own)
            return {"rows_in": decision.rows, "kept": decision.rows, "metrics": metrics}

        return cache.once(key, Place("dedupe", "decide", "*"), work)

    def guard(self, decided: Step, steps: list[Step]) -> None:
        """Raises:
        GateFailed: more was removed than ``max_loss`` and ``max_group`` allow.
        """
        whole = Decided(decided.folder, steps, self)
        for step in steps:
            guard(whole, step, self.max_loss, self.max_group)

    def _sign(self, sources: list[Source], indexes: list[Index], cache: Cache) -> tuple[list[Signed], Stops]:
        if not (self.exact or self.minhash):
            return [], {}
        signed = [read_texts(source.table, source.key, cache) for source in sources]
        if not self.minhash:
            return signed, {}
        stops = self._stops(signed, [source.key for source in sources], indexes, cache)
        return [
            band(corpus, source.key, stops, self.minhash.bands, cache, source.name)
            for corpus, source in zip(signed, sources, strict=True)
        ], stops

    def remember(self, sources: list[Source], decided: Step, cache: Cache) -> None:
        """Take the rows of a run that ended well into the index."""
        if self.index and self.minhash:
            signed, stops = self._sign(sources, self._indexes(cache), cache)
            header = header_of(self.minhash.bands, stops)
            Index(_home(cache) / self.index).add(sources, signed, stops, header, decided.folder)

    def _indexes(self, cache: Cache) -> list[Index]:
        """The index of this recipe and those it looks into."""
        names = ([self.index] if self.index else []) + self.against
        indexes = [Index(_home(cache) / name) for name in names]
        for index in indexes:
            if index.name in self.against and not index.segments:
                raise CurateError(
                    say(f"没有去重索引 {index.name}", f"there is no dedupe index {index.name}"),
                    say(
                        f"先运行写了 index: {index.name} 的配方，它会建在 {index.folder}",
                        f"first run the recipe that says index: {index.name}; it is made in {index.folder}",
                    ),
                )
        return indexes

    def _new(self, sources: list[Source], signed: list[Signed], stops: Stops) -> New:
        bands = self.minhash.bands if self.minhash else (0, 0)
        header = header_of(bands, stops)
        return New(signed, stops, bands, {segment_name(source, header) for source in sources})

    def _decide(
        self, decision: Decision, new: New, indexes: list[Index], people: pl.DataFrame, folder: Path
    ) -> dict[str, Any]:
        metrics: dict[str, Any] = {}
        if self.same_key:
            self.same_key.decide(decision)
        if self.exact:
            self.exact.decide(decision, new.signed)
        if self.minhash:
            for index in indexes:
                protects = index.name in self.against
                found = look_up(index, decision, new, protects, self.minhash.threshold, self.minhash.alike)
                decision.remove_known(found, "protected" if protects else "seen_before")
            edges, metrics = self.minhash.decide(decision, new.signed, new.stops)
            write_parquet(folder / "edges.parquet", _named(edges, decision))
        if self.records:
            metrics["records"] = self._match(decision, people, folder)
        return metrics

    def _match(self, decision: Decision, people: pl.DataFrame, folder: Path) -> dict[str, Any]:
        """Entities, corpus by corpus; writes the golden rows, the provenance of their values, and the review list."""
        provenance, review, asked, metrics = (
            [], [pl.DataFrame(schema=REVIEW)], [pl.DataFrame(schema=ASKED)], {}
        )  # fmt: skip
        for number, source in enumerate(decision.sources):
            if source.name in self.records:
                merged = self.records[source.name].decide(decision, number, people)
                write_parquet(folder / "golden" / f"{source.name}.parquet", merged.golden)
                provenance.append(merged.provenance.with_columns(corpus=pl.lit(source.name)))
                review.append(merged.review)
                asked.append(merged.asked)
                metrics[source.name] = merged.metrics
        write_parquet(folder / "provenance.parquet", pl.concat(provenance))
        write_parquet(folder / "review.parquet", pl.concat(review))
        if people.height:
            write_parquet(folder / "asked.parquet", pl.concat(asked))
        return metrics

    def _stops(self, signed: list[Signed], keys: list[str], indexes: list[Index], cache: Cache) -> Stops:
        """Those of the indexes, which their keys were made with; else this run's own.

        Raises:
        CurateError: two indexes have different ones.
        """
        minhash = self.minhash
        assert minhash is not None
        known = [index.stops for index in indexes if index.stops is not None]
        stops = known[0] if known else own_stops(signed, keys, cache)
        wanted = header_of(minhash.bands, stops)
        for index in indexes:
            index.check(wanted)
        return stops

    def _carry_out(self, source: Source, decided: Path, cache: Cache) -> Step:
        file = verdicts_of(decided, source.name)
        starts = [0]
        for height in source.table.heights:
            starts.append(starts[-1] + height)

        def work(number: int, rows: pl.DataFrame) -> Outcome:
            start = starts[number]
            # sorted by place: of a large file only the row groups of this shard are read
            here = pl.scan_parquet(file).filter(pl.col("place").is_between(start, start + rows.height - 1))
            return carry_out(rows, start, here.collect(), golden, source.derived_text)

        parts = ["carry_out", VERSION, source.key, sha256_of_file(file)]
        golden = None
        if source.name in self.records:
            merged = decided / "golden" / f"{source.name}.parquet"
            golden = pl.read_parquet(merged)
            parts += [sha256_of_file(merged), source.derived_text]
        key = sha256_of(parts)
        return cache.rowwise(key, Place("dedupe", "dedupe", source.name), source.table, work)


def _home(cache: Cache) -> Path:
    return cache.folder.parent / "index"


def _named(edges: Edges, decision: Decision) -> pl.DataFrame:
    """The compared pairs, by row_id."""
    corpora = pl.Series([source.name for source in decision.sources])
    better, worse = (decision.names.gather(side) for side in (edges.better, edges.worse))
    return pl.DataFrame(
        {
            "better": better,
            "worse": worse,
            "better_rank": edges.better,
            "worse_rank": edges.worse,
            "corpus": corpora.gather(decision.corpus[edges.worse]),
            "similarity": edges.full,
            "distinct": edges.distinct,
            "comparable": edges.comparable,
        }
    )
