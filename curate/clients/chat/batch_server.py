"""A batch at the server: submitted once, looked at, downloaded."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from curate.clients.chat.body import Manner
from curate.clients.chat.connect import key_of, masked
from curate.clients.chat.entries import unpaid
from curate.clients.chat.failures import Refusal, verdict_on
from curate.clients.chat.journal import Journal
from curate.clients.chat.request import Endpoint
from curate.clients.chat.submission import Submission
from curate.errors import CurateError, Waiting
from curate.language import say

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types import Batch

ENDED = {"completed", "expired", "failed", "cancelled"}
#: repetitions of calls that may be repeated without harm; the library does it
REPEATED = 4


class BatchServer:
    """The server's files and batches, for one submission.

    Every method raises CurateError where the server refuses or does not answer. Where it takes no batch, or finds fault with the
    whole of it, the submission is over: it cost nothing, and its requests are free to be asked again.
    """

    def __init__(
        self, client: AsyncOpenAI, endpoint: Endpoint, journal: Journal, project: str, submission: Submission
    ) -> None:
        self.client, self.looking = client, client.with_options(max_retries=REPEATED)
        self.endpoint, self.journal, self.project, self.submission = endpoint, journal, project, submission

    async def arrived(self) -> bool:
        """Whether the submission of an earlier run is at the server. Where it never came there it is forgotten: the next one
        may be of a recipe that has changed.
        """
        state = self.submission.state
        if "file" in state and "batch" not in state:
            async with self._explained():
                async for batch in self.looking.batches.list(limit=100):
                    if batch.input_file_id == state["file"]:
                        self.submission.note(batch=batch.id)
                        return True
        if "batch" not in state:
            self._give_up()
        return "batch" in state

    async def submit(self) -> None:
        """The batch is at the server when this returns."""
        try:
            manner = await self._manner()
        except CurateError:
            self._give_up()
            raise
        path = self.submission.upload(manner)
        async with self._explained(submitting=True):
            file = await self.looking.files.create(file=path, purpose="batch")
        self.submission.note(file=file.id)  # before the batch is made: by its file it is found again
        self.submission.note(batch=await self._create(file.id))
        path.unlink()

    async def _manner(self) -> Manner:
        """How this model is told what to do."""
        if self.endpoint.structured != "auto":
            return Manner(self.endpoint.structured)
        from curate.clients.chat.probe import capabilities

        first = self.submission.first
        found = await capabilities(
            self.client, self.endpoint, first.model, self.journal, project=self.project, extra=first.extra
        )
        return Manner(found.structured, found.max_tokens_field, found.temperature)

    async def _create(self, file: str) -> str:
        async with self._explained(submitting=True):
            # never repeated: where the answer is lost, the batch may run all the same
            batch = await self.client.batches.create(
                input_file_id=file, endpoint="/v1/chat/completions", completion_window="24h",
                metadata={"project": self.project[:512]},
            )  # fmt: skip
        return batch.id

    async def ended(self, until: float, poll_s: float) -> Batch:
        """The batch, once it is over.

        Args:
            until: of the monotonic clock.

        Raises:
            Waiting: it is not by then.
        """
        name = self.submission.state["batch"]
        while True:
            async with self._explained():
                batch = await self.looking.batches.retrieve(name)
            if batch.status == "failed":
                errors = batch.errors.data if batch.errors and batch.errors.data else []
                self._give_up()
                raise self.refuses("; ".join(error.message or "" for error in errors[:3]) or batch.status)
            if batch.status in ENDED:
                return batch
            left = until - time.monotonic()
            if left <= 0:
                counts = batch.request_counts
                done = f"{counts.completed + counts.failed}/{counts.total}" if counts else batch.status
                raise Waiting(
                    say(f"批量任务 {name} 还在服务器上（{done}）", f"batch {name} is at the server ({done})"),
                    say(
                        "过些时候再运行一次：会接着做，不会重复提交",
                        "run again later: it goes on, and submits nothing twice",
                    ),
                )
            await asyncio.sleep(min(poll_s, left))

    async def download(self, file: str, path: Path) -> None:
        """A file of the batch, which may be large, onto the disk."""
        async with self._explained():
            async with self.looking.files.with_streaming_response.content(file) as response:
                await response.stream_to_file(path)

    @asynccontextmanager
    async def _explained(self, submitting: bool = False) -> AsyncIterator[None]:
        """Errors of the library in words.

        Args:
            submitting: a refusal means that there is no batch, hence no submission.
        """
        import httpx2
        from openai import APIStatusError, NotFoundError

        key, url = key_of(self.endpoint), self.endpoint.base_url
        try:
            yield
        except CurateError:
            raise
        except httpx2.HTTPError as error:  # in the middle of a download, where the library lets it through
            told = masked(f"{type(error).__name__}: {error}", key)
        except Exception as error:
            verdict = verdict_on(error, self.endpoint, self.submission.first.model, key)
            if submitting and isinstance(error, APIStatusError) and error.status_code < 500:
                self._give_up()
            elif isinstance(error, NotFoundError) and "batch" in self.submission.state:
                raise self._gone() from None
            if isinstance(verdict, CurateError):
                raise verdict from None
            if isinstance(verdict, Refusal):
                raise self.refuses(verdict.error) from None
            told = verdict.why
        else:
            return
        raise CurateError(
            say(f"{url} 没有回答：{told}", f"{url} does not answer: {told}"),
            say(
                "过些时候再运行：会接着做，不会重复提交",
                "run again later: it goes on, and submits nothing twice",
            ),
        )

    def _gone(self) -> CurateError:
        name, folder = self.submission.state["batch"], self.submission.folder
        return CurateError(
            say(
                f"服务器上找不到批量任务 {name} 或它的结果",
                f"the server has no batch {name}, or not its answers any more",
            ),
            say(
                f"用提交它的那个账户的密钥再运行；确定找不回来就删除 {folder}，请求会重新提交并付费",
                f"run again with the key of the account that submitted it; if it is lost for certain remove {folder}: its "
                "requests are submitted, and paid, anew",
            ),
        )

    def _give_up(self) -> None:
        self.journal.write([unpaid(asked.call) for _, asked in self.submission.lines()])
        self.submission.forget()

    def refuses(self, told: str) -> CurateError:
        """The error for the user, from the server's words."""
        url = self.endpoint.base_url
        return CurateError(
            say(f"{url} 没有执行批量任务：{told}", f"{url} did not run the batch: {told}"),
            say(
                "按服务器的说明改好后再运行；这一批没有产生费用，会重新提交",
                "mend it by the server's words, then run again; this batch cost nothing and is submitted anew",
            ),
        )
