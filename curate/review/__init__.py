"""Review: what people judge, whether they agree, and what was decided."""

from curate.review.assess import Assessment, assess
from curate.review.duplicates import Duplicates
from curate.review.form import CATALOGUE, LabelStudio, Review
from curate.review.gate import passes
from curate.review.interface import Interface
from curate.review.labels import Labels
from curate.review.log import Log
from curate.review.noise_audit import NoiseAudit
from curate.review.project import Chosen, Gate, Material, Project
from curate.review.sample import Sample
from curate.review.spans import Spans

__all__ = [
    "CATALOGUE",
    "Assessment",
    "Chosen",
    "Duplicates",
    "Gate",
    "Interface",
    "LabelStudio",
    "Labels",
    "Log",
    "Material",
    "NoiseAudit",
    "Project",
    "Review",
    "Sample",
    "Spans",
    "assess",
    "passes",
]
