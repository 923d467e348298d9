"""Sources: files of many kinds become shards of parquet with ids; what can't be read is kept with its reason."""

from curate.sources.corpus import Corpus
from curate.sources.fetch import fetch
from curate.sources.identify import identify
from curate.sources.read import read

__all__ = ["Corpus", "fetch", "identify", "read"]
