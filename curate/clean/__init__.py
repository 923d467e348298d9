"""The catalogue of cleaners: one a file; adding one is its file, its test and a line here."""

from typing import Annotated

from pydantic import Discriminator

from curate.clean.add_pinyin import AddPinyin
from curate.clean.apply_glossary import ApplyGlossary
from curate.clean.chain import Chain, clean_key, sample_frames
from curate.clean.cleaner import Cleaner, Learner
from curate.clean.convert_script import ConvertScript
from curate.clean.drop_foreign import DropForeign
from curate.clean.drop_garbled import DropGarbled
from curate.clean.drop_long import DropLong
from curate.clean.drop_repetitive import DropRepetitive
from curate.clean.drop_short import DropShort
from curate.clean.filter_sensitive import FilterSensitive
from curate.clean.fold_punctuation import FoldPunctuation
from curate.clean.fold_space import FoldSpace
from curate.clean.fold_width import FoldWidth
from curate.clean.mask_pii import MaskPii
from curate.clean.normalize_fields import NormalizeFields
from curate.clean.null_placeholders import NullPlaceholders
from curate.clean.repair_text import RepairText
from curate.clean.score_quality import ScoreQuality
from curate.clean.strip_boilerplate import StripBoilerplate
from curate.clean.strip_html import StripHtml
from curate.clean.strip_urls import StripUrls
from curate.options import NamedUnits

__all__ = ["CATALOGUE", "AnyCleaner", "Chain", "Cleaner", "Learner", "clean_key", "sample_frames"]

CATALOGUE: tuple[type[Cleaner], ...] = (
    RepairText,
    StripHtml,
    StripBoilerplate,
    StripUrls,
    FoldWidth,
    FoldSpace,
    FoldPunctuation,
    ConvertScript,
    NullPlaceholders,
    NormalizeFields,
    AddPinyin,
    ApplyGlossary,
    MaskPii,
    FilterSensitive,
    ScoreQuality,
    DropGarbled,
    DropShort,
    DropLong,
    DropForeign,
    DropRepetitive,
)

AnyCleaner = Annotated[
    Annotated[
        RepairText
        | StripHtml
        | StripBoilerplate
        | StripUrls
        | FoldWidth
        | FoldSpace
        | FoldPunctuation
        | ConvertScript
        | NullPlaceholders
        | NormalizeFields
        | AddPinyin
        | ApplyGlossary
        | MaskPii
        | FilterSensitive
        | ScoreQuality
        | DropGarbled
        | DropShort
        | DropLong
        | DropForeign
        | DropRepetitive,
        Discriminator("use"),
    ],
    NamedUnits(*CATALOGUE),
]
