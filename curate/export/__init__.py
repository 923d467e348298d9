"""The catalogue of exporters: one format a file."""

from typing import Annotated

from pydantic import Discriminator

from curate.export.llamafactory import Llamafactory
from curate.export.rag import Rag
from curate.options import NamedUnits

__all__ = ["CATALOGUE", "AnyExporter", "Llamafactory", "Rag"]

CATALOGUE = (Llamafactory, Rag)

AnyExporter = Annotated[Annotated[Llamafactory | Rag, Discriminator("use")], NamedUnits(*CATALOGUE)]
