"""back_translate: into English and back, which gives other words for the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from curate.clients.chat.plan import standard, then
from curate.clients.chat.request import Plan
from curate.synthesize.prompt import Writer
from curate.synthesize.reword import RewordingTask


class BackTranslate(RewordingTask):
    """问题（和答案）译成英文再译回中文，数字、日期、名称锁住不动。 / Into English and back; facts are locked.

    Two stages of the same prompt, each with its own placeholders kept; each may be corrected on its own.
    """

    variables: ClassVar = {**RewordingTask.variables, "to": "英文"}

    use: Literal["back_translate"] = "back_translate"

    def plan(self, slot: Mapping[str, Any], writer: Writer) -> Plan:
        """Two answers, one after the other; ``unchanged`` where the words came back as they went."""
        held = self.held(json.loads(slot["given"]))

        def home(english: dict[str, str]) -> Plan:
            return standard(writer.request({**english, "to": "中文"}, self.form), self.last_reader(held))

        values = {"question": held.question, "answer": held.answer, "to": "英文"}
        out = standard(writer.request(values, self.form), self.reader(held, lambda words: words))
        return then(then(out, home), self.end)
