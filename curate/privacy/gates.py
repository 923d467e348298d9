"""The gates of anonymisation, in words: counts, kinds and row_ids, never values."""

from __future__ import annotations

from typing import Any

from curate.algorithms.personal_data.words import LABELS
from curate.errors import GateFailed
from curate.language import say


def level_word(name: str) -> str:
    """``as_is`` -> ``原值``."""
    words = {
        "as_is": ("原值", "as it is"), "suppressed": ("全部隐去", "suppressed"), "city": ("市", "city"),
        "province": ("省", "province"), "region": ("大区", "region"), "day": ("日", "day"), "month": ("月", "month"),
        "quarter": ("季度", "quarter"), "year": ("年", "year"), "decade": ("年代", "decade"),
    }  # fmt: skip
    return say(*words[name]) if name in words else name


def kind_word(what: str) -> str:
    """A kind of personal data, or the column whose value was found."""
    labels: dict[str, str] = {str(kind): word for kind, word in LABELS[say("zh", "en")].items()}  # type: ignore[index]
    return labels.get(what) or say(f"本行的 {what}", f"{what} of the row")


def levels_text(metrics: dict[str, Any]) -> str:
    """``age → 10，city → 省``."""
    return say("，", ", ").join(
        f"{name} → {level_word(told['name'])}" for name, told in metrics["levels"].items()
    )


def gate_decided(metrics: dict[str, Any], max_loss: float | None) -> None:
    """Raises:
    GateFailed: nothing reaches k and l, or what does loses too much.
    """
    corpus, k, rows = metrics["corpus"], metrics["k"], metrics["rows"]
    if not rows:
        return
    if not metrics["reached"]:
        short = rows < k
        raise GateFailed(
            say(f"语料 {corpus} 做不到 k-匿名：只有 {rows} 行，k 是 {k}", f"{corpus} cannot be k-anonymous: {rows} rows, and k is {k}")
            if short
            else say(
                f"语料 {corpus} 做不到：准标识符全部隐去（最粗的一级），敏感列也不足 {metrics['l']} 种值",
                f"{corpus} cannot be made so: even with all quasi-identifiers suppressed, a sensitive column has fewer than {metrics['l']} values",
            ),
            say("这份语料太小，不能这样发布：多收集一些行，或从 corpora 里去掉它", "the corpus is too small to release so: collect more rows, or leave it out")
            if short
            else say("把 l 改小，或去掉只有一种值的敏感列", "lower l, or take out the sensitive column with one value"),
            gate="privacy",
        )  # fmt: skip
    if max_loss is not None and metrics["loss"] > max_loss:
        raise GateFailed(
            say(
                f"语料 {corpus} 要达到 k = {k}，最少也要损失 {metrics['loss']:.1%} 的信息，超过 max_loss: {max_loss}（最好的一种：{levels_text(metrics)}）",
                f"{corpus} reaches k = {k} only with a loss of {metrics['loss']:.1%}, more than max_loss: {max_loss} (the best: {levels_text(metrics)})",
            ),
            say(
                "给损失大的列多写几级（例如 bands: [5, 10, 20]），放宽 max_suppressed，或把不需要的准标识符列入 identifiers",
                "declare finer levels for the columns that lose most, allow more max_suppressed, or name a quasi-identifier you can do without in identifiers",
            ),
            gate="privacy",
        )


def gate_measured(metrics: dict[str, Any]) -> None:
    """Raises:
    GateFailed: the finished rows are not k-anonymous, or free text gives away what the release hides.
    """
    if metrics["short"]:
        raise GateFailed(
            say(
                f"语料 {metrics['corpus']} 匿名以后仍有 {metrics['short']} 行在不足 k = {metrics['k']} 行的类里（最小 {metrics['smallest']} 行）",
                f"{metrics['corpus']} still has {metrics['short']} rows in classes of fewer than k = {metrics['k']} (the smallest: {metrics['smallest']})",
            ),
            say(
                "行数太少或程序有误：先看 curate show anonymize",
                "too few rows, or a defect: see curate show anonymize",
            ),
            gate="privacy",
        )
    stopped = {name: told for name, told in metrics["free_text"].items() if told["action"] == "stop"}
    if not stopped:
        return
    parts = [
        say(
            f"{name} 列 {told['cells']} 格（{'、'.join(f'{kind_word(what)} {cells}' for what, cells in told['kinds'].items())}；例如 {'、'.join(told['rows'])}）",
            f"{told['cells']} cells of {name} ({', '.join(f'{kind_word(what)}: {cells}' for what, cells in told['kinds'].items())}; such as {', '.join(told['rows'])})",
        )
        for name, told in stopped.items()
    ]
    first = next(iter(stopped))
    raise GateFailed(
        say(
            f"语料 {metrics['corpus']} 的自由文本里还有个人信息，或这一行被隐去的值：{'；'.join(parts)}",
            f"free text of {metrics['corpus']} still holds personal data, or values of its row that are hidden: {'; '.join(parts)}",
        ),
        say(
            f"在 privacy.anonymize.{metrics['corpus']} 写 free_text: {{{first}: redact}}（遮去那几个字）或 drop（清空这一格）；确认不必查的列写进 keep",
            f"under privacy.anonymize.{metrics['corpus']} write free_text: {{{first}: redact}} or drop; name a column that need not be searched in keep",
        ),
        gate="privacy",
    )
