"""Evaluation after training: what a model's answers to a release's test questions are worth."""

from curate.evaluate.groups import assign
from curate.evaluate.groups import compare as compare_ratings
from curate.evaluate.paired import Comparison, compare
from curate.evaluate.predictions import find_release
from curate.evaluate.rating_words import ratings_text
from curate.evaluate.scores import Scores, score
from curate.evaluate.words import compare_text, scores_text

__all__ = [
    "Comparison",
    "Scores",
    "assign",
    "compare",
    "compare_ratings",
    "compare_text",
    "find_release",
    "ratings_text",
    "score",
    "scores_text",
]
