"""YAML 1.2 as plain values, with the line of every key and item, and all doubled keys at once."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from curate.errors import Problem
from curate.language import say

Path_ = tuple[Hashable, ...]
#: No file that people write comes near: what is larger is there to fill memory (aliases of aliases of aliases …).
MOST_BYTES, MOST_NODES, MOST_DEPTH = 5_000_000, 200_000, 60
#: tags that make plain values; any other would make an object, or has no meaning
_PLAIN = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq", "timestamp")
)
_MERGE = "tag:yaml.org,2002:merge"
#: whole numbers beyond it fit no column, and Python refuses to print the longest
_MOST_BITS = 63


@dataclass
class Document:
    """``value``: dicts, lists and scalars. ``lines``: path of keys and indices -> 1-based line."""

    file: Path
    value: Any = None
    lines: dict[Path_, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line(self, path: Iterable[Hashable]) -> int:
        """The line of the longest part of ``path`` that stands in the file; steps that do not (the name of a
        pydantic union's member, for example) are passed over.
        """
        at: Path_ = ()
        for step in path:
            if (*at, step) in self.lines:
                at = (*at, step)
        return self.lines.get(at, 1)

    def without(self, places: Collection[Path_]) -> Document:
        """A copy without the values at ``places``; what stays keeps its lines."""
        rest = Document(self.file, lines={(): self.lines.get((), 1)}, problems=self.problems)
        rest.value = self._copy(self.value, (), (), set(places), rest.lines)
        return rest

    def _copy(self, value: Any, old: Path_, new: Path_, gone: set[Path_], lines: dict[Path_, int]) -> Any:
        lines[new] = self.line(old)
        if isinstance(value, dict):
            return {
                key: self._copy(part, (*old, key), (*new, key), gone, lines)
                for key, part in value.items()
                if (*old, key) not in gone
            }
        if isinstance(value, list):
            kept = [number for number in range(len(value)) if (*old, number) not in gone]
            return [
                self._copy(value[number], (*old, number), (*new, place), gone, lines)
                for place, number in enumerate(kept)
            ]
        return value


def read_yaml(file: Path) -> Document:
    """Read a file; what is wrong with it is in ``problems``, and then ``value`` may be None."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    document = Document(file)
    try:
        if file.stat().st_size > MOST_BYTES:
            return _too_large(document, say("文件大于 5 MB", "the file is larger than 5 MB"))
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        hint = say("文件要存成 UTF-8", "save the file as UTF-8")
        document.problems.append(
            Problem(file, 0, say(f"读不出来：{error}", f"cannot be read: {error}"), hint)
        )
        return document
    try:
        yaml = YAML(typ="safe", pure=True)
        yaml.Composer = _bounded_composer()
        tree = yaml.compose(text)
        if tree is not None:
            document.value = _Builder(document, yaml).build(tree, ())
    except _TooLarge as error:
        return _too_large(document, str(error), error.line)
    except (YAMLError, ValueError, OverflowError) as error:  # the last two: "\UFFFFFFFF" is no character
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        told = " ".join(
            str(part) for part in (getattr(error, "context", None), getattr(error, "problem", None)) if part
        )
        document.value = None
        document.problems.append(
            Problem(
                file,
                mark.line + 1 if mark else 0,
                say(f"不是合法的 YAML：{told or error}", f"is not valid YAML: {told or error}"),
                say(
                    "检查缩进、冒号后的空格和引号",
                    "look at the indentation, the space behind a colon, and the quotes",
                ),
            )
        )
    return document


class _TooLarge(Exception):
    """More nodes than anybody writes, or deeper ones; ``line``: where it was too much."""

    def __init__(self, what: str, line: int) -> None:
        super().__init__(what)
        self.line = line


def _need_moderate(nodes: int, depth: int, line: int) -> None:
    if depth > MOST_DEPTH:
        raise _TooLarge(say(f"嵌套太深（多于 {MOST_DEPTH} 层）", f"nested more than {MOST_DEPTH} deep"), line)
    if nodes > MOST_NODES:
        what = say(
            f"内容太多，或锚点展开得太多（多于 {MOST_NODES} 个值）",
            f"more than {MOST_NODES} values, or anchors that multiply",
        )
        raise _TooLarge(what, line)


@cache
def _bounded_composer() -> Any:
    """Composes as ruamel does, but stops while it reads: that would take minutes, and a gigabyte, for a file of 5 MB that is all brackets."""
    from ruamel.yaml.composer import Composer

    class Bounded(Composer):
        nodes = 0

        def __init__(self, loader: Any = None) -> None:
            super().__init__(loader)
            self.warn_double_anchors = False  # YAML allows it: the last one holds

        def compose_node(self, parent: Any, index: Any) -> Any:
            self.nodes += 1
            _need_moderate(self.nodes, self.depth, self.parser.peek_event().start_mark.line + 1)
            return super().compose_node(parent, index)

    return Bounded


def _too_large(document: Document, what: str, line: int = 0) -> Document:
    document.value = None
    document.problems.append(
        Problem(
            document.file,
            line,
            say(f"{what}，没有读", f"{what}: it was not read"),
            say(
                "这不像人写的配方；查一下它是谁给的",
                "no person writes such a file: find out who gave it to you",
            ),
        )
    )
    return document


class _Builder:
    def __init__(self, document: Document, yaml: Any) -> None:
        self.document = document
        self.constructor = yaml.constructor
        self.open: set[int] = set()
        self.built = 0

    def build(self, node: Any, at: Path_) -> Any:
        from ruamel.yaml import nodes

        self.built += 1
        _need_moderate(self.built, len(at), node.start_mark.line + 1)
        self.document.lines.setdefault(at, node.start_mark.line + 1)
        if id(node) in self.open:
            self._problem(node, say("锚点引用了自己", "an anchor refers to itself"))
            return None
        if str(node.tag) not in _PLAIN:
            self._unknown(node)
            return None
        self.open.add(id(node))
        try:
            if isinstance(node, nodes.MappingNode):
                return self._mapping(node, at)
            if isinstance(node, nodes.SequenceNode):
                return [self.build(item, (*at, number)) for number, item in enumerate(node.value)]
            return self._scalar(node)
        finally:
            self.open.discard(id(node))

    def _scalar(self, node: Any) -> Any:
        """None, and a problem, where a value is not what its tag or its look says: 2026-02-30, ``!!int abc``, half a character."""
        try:
            value = self.constructor.construct_object(node)
            if isinstance(value, str):
                value.encode()
            elif isinstance(value, int) and value.bit_length() > _MOST_BITS:
                raise ValueError
        except (ValueError, KeyError):
            written = node.value[:40].encode(errors="backslashreplace").decode()
            self._problem(
                node,
                say(f"{written} 不是合法的值", f"{written} is no valid value"),
                say(
                    "没有这样的日期或数，或数太大：改正它；它若是文字，就放进引号",
                    "there is no such date or number, or it is too large: mend it; text goes into quotes",
                ),
            )
            return None
        return value

    def _unknown(self, node: Any) -> None:
        if str(node.tag) == _MERGE:
            what = say("不支持合并键 <<", "the merge key << is not supported")
            self._problem(node, what, say("把要合并的几行写出来", "write out the lines that it stands for"))
            return
        self._problem(
            node,
            say(f"不认识的标记 {node.tag}", f"the tag {node.tag} is not allowed"),
            say(
                "去掉感叹号开头的标记；配方只有普通的值",
                "take out the tag: a recipe holds plain values",
            ),
        )

    def _mapping(self, node: Any, at: Path_) -> dict[Hashable, Any]:
        found: dict[Hashable, Any] = {}
        for key_node, value_node in node.value:
            key = self.build(key_node, (*at, "?"))
            del self.document.lines[(*at, "?")]
            if not isinstance(key, Hashable):
                self._problem(key_node, say("键不能是列表或映射", "a key must be a plain word"))
                continue
            if key in found:
                self._problem(
                    key_node,
                    say(f"{key} 在这里写了两次", f"{key} is there twice"),
                    say(
                        f"第一次在第 {self.document.lines[(*at, key)]} 行，合并成一处", "put the two together"
                    ),
                )
                continue
            self.document.lines[(*at, key)] = key_node.start_mark.line + 1
            found[key] = self.build(value_node, (*at, key))
        return found

    def _problem(self, node: Any, what: str, hint: str = "") -> None:
        self.document.problems.append(Problem(self.document.file, node.start_mark.line + 1, what, hint))
