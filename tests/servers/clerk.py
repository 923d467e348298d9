"""A chat server that does as our prompts ask: it copies sentences of the source, and now and then gets a number wrong.

``python -m tests.servers.clerk SECONDS`` starts one that answers after so many seconds, and prints its address; ``GET /paid``
tells how often each prompt was paid.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import sys
from dataclasses import dataclass
from typing import Any

from tests.servers.fault import USAGE, FaultServer, _write, choice, listening

FENCED = re.compile(r"<(资料|问题|问答)\d*>\n(.*?)\n</", re.DOTALL)
SENTENCE = re.compile(r"[^。！？\n]{12,80}[。！？]")


@dataclass
class Clerk(FaultServer):
    """Every answer is in the form of the schema that the request holds."""

    async def _respond(self, what: str, tag: str, head: str, writer: asyncio.StreamWriter) -> bool:
        body = self.bodies[-1]
        prompt = json.dumps(body["messages"], ensure_ascii=False)
        if self.delay:
            await asyncio.sleep(self.delay)
        if what != "ok":
            return await super()._respond(what, tag, head, writer)
        self.paid[hashlib.md5(prompt.encode()).hexdigest()] += 1
        answer = json.dumps(answered(body), ensure_ascii=False)
        told = {"model": "clerk-1", "choices": [choice(answer)], "usage": USAGE}
        _write(writer, 200, json.dumps(told, ensure_ascii=False).encode())
        return True


def answered(body: dict[str, Any]) -> dict[str, Any]:
    """What the schema of the request asks for."""
    user = body["messages"][-1]["content"]
    given = FENCED.search(user)
    text = given[2] if given else user
    wanted = body["response_format"]["json_schema"]["schema"]["properties"]
    if "pairs" in wanted:
        return {
            "pairs": [
                _pair(text, number, sentence) for number, sentence in enumerate(SENTENCE.findall(text)[:2])
            ]
        }
    if "summary" in wanted:
        return {"summary": "".join(SENTENCE.findall(text)[:1])}
    if "verdicts" in wanted:
        return {
            "verdicts": [
                {"id": int(number), "faithful": 5, "useful": 4, "clear": 5}
                for number in re.findall(r"编号 (\d+)：", user)
            ]
        }
    if "question" in wanted:
        return {"question": f"想打听一下，{text.rstrip('？?。')}，能告诉我吗？"}
    return {"answer": text}


def _pair(text: str, number: int, sentence: str) -> dict[str, str]:
    title = text.splitlines()[0].strip("# 　")
    # the second of two is told with another number: no gate may let it through
    answer = re.sub(r"\d", lambda digit: str((int(digit[0]) + 3) % 10), sentence) if number else sentence
    return {
        "type": "事实",
        "question": f"《{title}》里关于{sentence[:8]}是怎么说的？",
        "answer": answer,
        "evidence": sentence,
    }


async def _main(delay: float) -> None:
    server = Clerk(delay=delay)
    async with listening(server):
        print(server.base_url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(float(sys.argv[1])))
