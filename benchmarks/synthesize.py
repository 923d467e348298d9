"""Synthesis: what asking a model costs where the model costs nothing, what a kill pays twice, and what grounding catches.

``python -m benchmarks.synthesize`` prints the tables and one line of JSON. Requests go to a local server that answers at once, with 64
in flight, through the same journal and the same client as in a run; beside it the same requests by a bare loop over ``httpx2``
that keeps nothing. Server and client are processes of their own and share the machine. ``--requests 100000`` shows whether
memory grows: each number is measured beside its tenth. The peak is ``VmHWM`` of the client, imports included.

Kills: one run of 200 slots is killed and started again until it was killed 20 times and has ended. The server counts a request
as paid when it arrives, so a request in flight at the kill is paid twice, and no other may be.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.chat_server import ROOT, served, told
from benchmarks.dedupe import head, show

IN_FLIGHT = 64
#: of the kills: slots, kills, requests in flight, seconds that the server takes, seconds until a kill at the most
SLOTS, KILLS, FEW, DELAY, SOON = 200, 20, 4, 0.2, 0.6
SPAN = (
    "第十二届华东装备展览会于 2026 年 3 月 5 日至 7 日在上海举行，展出面积 3.6 万平方米，共有 1,200 家企业参展，"
    "其中境外企业 86 家，三天共接待专业观众 41,230 人次，比上一届增长 8.5%。"
) * 5
SCHEMA = {
    "type": "object",
    "properties": {"question": {"type": "string"}, "answer": {"type": "string"}},
    "required": ["question", "answer"],
    "additionalProperties": False,
}


def _plans(count: int) -> Iterator[tuple[str, Any]]:
    from curate.clients.chat.plan import standard
    from curate.clients.chat.request import Request

    for number in range(count):
        prompt = f"#{number}# 请根据材料写一个问题和它的答案。\n\n{SPAN}"
        messages = (("system", "你为展会行业写训练数据。"), ("user", prompt))
        yield (
            str(number),
            standard(Request("instant", messages, 512, temperature=0.7, schema=SCHEMA), json.loads),
        )


def _endpoint(base_url: str, in_flight: int) -> Any:
    from curate.clients.chat.request import Endpoint

    return Endpoint(base_url, structured="json_schema", concurrency=in_flight)


def _ask(base_url: str, count: int, folder: Path, in_flight: int) -> dict[str, Any]:
    import openai  # noqa: F401  # before the time is taken, and before a kill is due

    from curate.clients.chat.ask import Budget, ask
    from curate.clients.chat.journal import Journal

    journal = Journal(folder / "requests.sqlite")
    print("asking", flush=True)
    start, used = time.perf_counter(), time.process_time()
    done = ask(_plans(count), _endpoint(base_url, in_flight), journal, project="benchmark", budget=Budget())
    return {
        "seconds": time.perf_counter() - start,
        "used": time.process_time() - used,
        "calls": done.calls,
        "unanswered": len(done.unanswered),
    }


def _read(base_url: str, count: int, folder: Path, in_flight: int) -> dict[str, Any]:
    """The second run: everything is in the journal."""
    from curate.clients.chat.ask import Budget, ask, read
    from curate.clients.chat.journal import Journal
    from curate.clients.chat.request import Accepted

    journal = Journal(folder / "requests.sqlite")
    start, used = time.perf_counter(), time.process_time()
    done = ask(_plans(count), _endpoint(base_url, in_flight), journal, project="benchmark", budget=Budget())
    good = sum(isinstance(settled.end, Accepted) for settled in read(_plans(count), journal))
    assert good == count, f"{count - good} of {count} slots have no answer"
    return {"seconds": time.perf_counter() - start, "used": time.process_time() - used, "calls": done.calls}


def _bare(base_url: str, count: int, _: Path, in_flight: int) -> dict[str, Any]:
    """What a script of twenty lines does: post, parse, forget."""
    import httpx2

    async def post(client: httpx2.AsyncClient, numbers: Iterator[int]) -> None:
        for number in numbers:
            body = {
                "model": "instant", "max_tokens": 512, "temperature": 0.7,
                "messages": [{"role": "user", "content": f"#{number}# 请根据材料写一个问题和它的答案。\n\n{SPAN}"}],
            }  # fmt: skip
            answer = await client.post(f"{base_url}/chat/completions", json=body)
            json.loads(answer.json()["choices"][0]["message"]["content"])

    async def all_of_them() -> None:
        limits = httpx2.Limits(max_connections=in_flight, max_keepalive_connections=in_flight)
        async with httpx2.AsyncClient(limits=limits, timeout=60, trust_env=False) as client:
            numbers = iter(range(count))
            await asyncio.gather(*(post(client, numbers) for _ in range(in_flight)))

    start, used = time.perf_counter(), time.process_time()
    asyncio.run(all_of_them())
    return {"seconds": time.perf_counter() - start, "used": time.process_time() - used, "calls": count}


MODES = {"ask": _ask, "read": _read, "bare": _bare}
WAYS = {
    "ask": "curate, journal included",
    "read": "curate, a second time, and read",
    "bare": "a bare loop over httpx2",
}


def _command(mode: str, base_url: str, count: int, folder: Path, in_flight: int) -> list[str]:
    told = ["--mode", mode, "--base-url", base_url, "--requests", str(count), "--folder", str(folder)]
    return [sys.executable, "-m", "benchmarks.synthesize", *told, "--in-flight", str(in_flight)]


def child(mode: str, base_url: str, count: int, folder: Path, in_flight: int = IN_FLIGHT) -> dict[str, Any]:
    """One mode in a process of its own."""
    command = _command(mode, base_url, count, folder, in_flight)
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if done.returncode:
        raise RuntimeError(f"{mode} failed:\n{done.stderr[-3000:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def measure(count: int) -> list[dict[str, Any]]:
    """One row a way of asking so many, over one server and one journal."""
    rows = []
    with tempfile.TemporaryDirectory() as name, served() as base_url:
        for mode, words in WAYS.items():
            before = told(base_url)["paid"]
            one = child(mode, base_url, count, Path(name))
            arrived = told(base_url)["paid"] - before
            assert arrived == one["calls"] == (0 if mode == "read" else count), (mode, arrived, one)
            rows.append(
                {
                    "way": words,
                    "slots": count,
                    "calls": one["calls"],
                    "seconds": round(one["seconds"], 2),
                    "slots a minute": round(60 * count / one["seconds"]),
                    "processor share": round(one["used"] / one["seconds"], 2),
                    "processor ms a slot": round(1000 * one["used"] / count, 2),
                    "peak MiB": round(one["peak"]),
                }
            )
    return rows


def killed(how: signal.Signals, times: int, chance: random.Random) -> dict[str, Any]:
    """A run of ``SLOTS`` that is killed so many times, and what was paid for it."""
    kills, ended = 0, False
    with tempfile.TemporaryDirectory() as name, served(DELAY) as base_url:
        while not ended:
            command = _command("ask", base_url, SLOTS, Path(name), FEW)
            process = subprocess.Popen(
                command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
            assert process.stdout
            process.stdout.readline()  # it is asking now
            if kills < times:
                time.sleep(chance.uniform(0.05, SOON))
                process.send_signal(how)
            _, words = process.communicate(timeout=300)
            ended = process.returncode == 0
            kills += not ended
            if kills > times:
                raise RuntimeError(f"the run failed by itself:\n{words[-3000:]}")
        counts = told(base_url)
        again = child("read", base_url, SLOTS, Path(name), FEW)
    assert counts["distinct"] == SLOTS, counts
    assert again["calls"] == 0, again
    repeated = counts["paid"] - counts["distinct"]
    return {"signal": how.name, "kills": kills, "slots": SLOTS, "in flight": FEW, "paid": counts["paid"], "repeated": repeated,
            "allowed": FEW * kills if how is signal.SIGKILL else 0}  # fmt: skip


def main() -> None:
    """Print the tables and a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--mode", choices=MODES, help=argparse.SUPPRESS)
    parser.add_argument("--base-url", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--in-flight", type=int, default=IN_FLIGHT, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.mode:
        one = MODES[given.mode](given.base_url, given.requests, given.folder, given.in_flight)
        [peak] = [
            line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")
        ]
        print(json.dumps(one | {"peak": int(peak.split()[1]) / 1024}))
        return
    begin = time.perf_counter()
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}")
    head(f"{IN_FLIGHT} in flight against a local server that answers at once")
    few, many = measure(given.requests // 10), measure(given.requests)
    show([*few, *many])
    head(f"A run of {SLOTS} slots, killed and started again")
    chance = random.Random(20261122)
    kills, terms = killed(signal.SIGKILL, KILLS, chance), killed(signal.SIGTERM, KILLS // 4, chance)
    show([kills, terms])
    head(
        "Grounding",
        "Shares of answers rejected, by what is wrong with them; right and paraphrased ones should be kept.",
    )
    grounding = ground()
    asked, bare = many[0], many[2]
    print(
        "\n"
        + json.dumps(
            {
                "requests_per_min": asked["slots a minute"], "peak_mib": asked["peak MiB"], "peak_mib_at_a_tenth": few[0]["peak MiB"],
                "times_bare_loop": round(asked["seconds"] / bare["seconds"], 2), "processor_share": asked["processor share"], "processor_ms": asked["processor ms a slot"],
                "repeated_paid_calls": kills["repeated"], "repeated_after_sigterm": terms["repeated"], "kills": kills["kills"],
                **grounding, "requests": given.requests, "seconds": round(time.perf_counter() - begin),
            }
        )
    )  # fmt: skip


def ground() -> dict[str, float]:
    """What grounding catches, and what it rejects wrongly: a table, and the figures of all cases and of those held out."""
    from benchmarks.grounding import LABELS, measured

    told = {split: measured(split) for split in ("tune", "held", "")}
    show(
        [
            {
                "answers": label.replace("_", " "),
                **{f"rejected, {split or 'all'}": one[f"ground_{label}"] for split, one in told.items()},
            }
            for label in LABELS
        ]
    )
    names = ("ground_recall_numbers", "ground_false_rejects")
    return {name: told[""][name] for name in names} | {f"{name}_held": told["held"][name] for name in names}


if __name__ == "__main__":
    main()
