"""What a recipe may say about records."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from curate.dedupe.matching import RecordRules


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"match": {}}, "at least 1"),
        ({"match": {"name": "company"}}, "company_name"),
        ({"match": {"name": "title"}, "merge_above": 0.7}, "review_above 不能大于 merge_above"),
        ({"match": {"name": "title"}, "weights": {"nam": 2}}, "nam 不在 match 里"),
        ({"match": {"name": "title"}, "weights": {"name": 0}}, "0 到 10"),
        ({"match": {"name": "title"}, "golden": {"tags": "all"}}, "union"),
        ({"match": {"name": "title"}, "threshold": 0.9}, "Extra inputs"),
    ],
)
def test_a_mistake_is_told(options: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        RecordRules(**options)


def test_the_defaults_are_the_issues() -> None:
    rules = RecordRules(match={"name": "company_name"})
    assert (rules.merge_above, rules.review_above) == (0.93, 0.8)
