"""Gates that a person answers for."""

from __future__ import annotations

from pathlib import Path

import pytest

from curate.audit import entries
from curate.errors import CurateError, GateFailed, NotAllowed, UsageError
from curate.overrides import OVERRIDABLE, overrides_of

REASON = "供应商确认是真实数据，李经理同意"


def failing(gate: str, problem: str = "噪声率 1.00%，超过 max_noise: 0.003") -> None:
    raise GateFailed(problem, "补上清洗项", gate=gate)


def test_an_overridden_gate_is_recorded_and_the_run_goes_on(tmp_path: Path) -> None:
    overrides = overrides_of(tmp_path, ["noise"], REASON)
    overrides.run = "20261122_expo"
    assert overrides.passing("noise", lambda: failing("noise")) is None
    entry = next(entries(tmp_path))
    assert (entry.action, entry.why) == ("gate.override", REASON)
    assert entry.about == {
        "gate": "noise",
        "problem": "噪声率 1.00%，超过 max_noise: 0.003",
        "run": "20261122_expo",
    }
    used = {
        "gate": "noise",
        "problem": entry.about["problem"],
        "reason": REASON,
        "who": entry.who,
        "at": entry.at,
    }
    assert overrides.used == [{**used, "audit": entry.head}]
    assert overrides.not_needed() == []


def test_a_gate_that_passes_gives_what_it_gives_and_nothing_is_recorded(tmp_path: Path) -> None:
    overrides = overrides_of(tmp_path, ["noise", "drift"], REASON)
    assert overrides.passing("noise", lambda: 7) == 7
    assert (list(entries(tmp_path)), overrides.used) == ([], [])
    assert overrides.not_needed() == [
        "--override-gate drift 用不着：这次没有走到这个关卡",
        "--override-gate noise 用不着：这个关卡通过了",
    ]


def test_another_gate_still_stops_the_run(tmp_path: Path) -> None:
    overrides = overrides_of(tmp_path, ["noise"], REASON)
    with pytest.raises(GateFailed) as error:
        overrides.passing("dedupe", lambda: failing("dedupe"))
    assert error.value.gate == "dedupe"
    assert error.value.hint.startswith("补上清洗项\n")
    assert "唯一的办法：--override-gate dedupe --reason" in error.value.hint
    assert list(entries(tmp_path)) == []


def test_it_is_the_gate_that_failed_which_counts_not_where_it_was_asked(tmp_path: Path) -> None:
    overrides = overrides_of(tmp_path, ["review"], REASON)
    with pytest.raises(GateFailed):
        overrides.passing("review", lambda: failing("privacy"))


def test_no_way_past_a_gate_that_cannot_be_overridden_is_told(tmp_path: Path) -> None:
    with pytest.raises(GateFailed) as error:
        overrides_of(tmp_path, [], None).passing("release", lambda: failing("release"))
    assert error.value.hint == "补上清洗项"


def test_what_cannot_be_recorded_is_not_overridden(tmp_path: Path) -> None:
    overrides = overrides_of(tmp_path, ["noise"], REASON)
    (tmp_path / "runs").write_text("no folder")
    with pytest.raises(CurateError, match="写不进去"):
        overrides.passing("noise", lambda: failing("noise"))
    assert overrides.used == []


def test_personal_data_of_an_example_stays_out_of_the_log(tmp_path: Path) -> None:
    overrides = overrides_of(tmp_path, ["validate"], REASON)
    overrides.passing("validate", lambda: failing("validate", "visitors:1 手机 13812345678 不合规范"))
    assert overrides.used[0]["problem"] == "visitors:1 手机 138****5678 不合规范"


def test_other_errors_are_no_gates(tmp_path: Path) -> None:
    overrides = overrides_of(tmp_path, OVERRIDABLE, REASON)

    def broken() -> None:
        raise CurateError("磁盘满了")

    with pytest.raises(CurateError, match="磁盘满了"):
        overrides.passing("noise", broken)
    assert list(entries(tmp_path)) == []


@pytest.mark.parametrize(
    ("names", "reason", "told"),
    [
        (["noise"], None, "--reason 至少 10 个字"),
        (["noise"], "   ok      ", "--reason 至少 10 个字"),
        (["nose"], REASON, "没有可以放行的关卡 nose"),
        (["release"], REASON, "release 不能放行：训练集混进测试题"),
        (["noise", "release"], REASON, "release 不能放行"),
        ([], REASON, "写了 --reason，却没有写 --override-gate"),
    ],
)
def test_an_override_needs_a_gate_and_a_reason(
    tmp_path: Path, names: list[str], reason: str | None, told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        overrides_of(tmp_path, names, reason)


def test_a_near_name_is_proposed(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        overrides_of(tmp_path, ["three-c"], REASON)
    assert "是不是 three_c？" in error.value.hint


def test_an_override_needs_the_permission(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("roles: {analyst: [run]}\ndefault: analyst\n", encoding="utf-8")
    with pytest.raises(NotAllowed, match="放行 noise"):
        overrides_of(tmp_path, ["noise"], REASON)
    assert next(entries(tmp_path)).action == "policy.denied"
    assert overrides_of(tmp_path, [], None).names == frozenset()
