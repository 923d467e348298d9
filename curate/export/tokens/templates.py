"""The chat templates of LLaMA-Factory 0.9.5, as data.

Source: ``llamafactory/data/template.py`` of version 0.9.5 (Apache-2.0). A template is a list of pieces for every
role; LLaMA-Factory tokenises every piece by itself, so a sequence is as long as the sum over its pieces.
``tests/live/test_token_lengths.py`` compares what follows from this table with LLaMA-Factory's own numbers.

``thought_words`` are ``<think>\\n`` and ``\\n</think>\\n\\n`` in all of them, and none has ``efficient_eos``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from curate.errors import CurateError
from curate.language import say
from curate.messages import did_you_mean

CONTENT = "{{content}}"
"""Where the text goes in a piece."""

THOUGHT = ("<think>\n", "\n</think>\n\n")
"""What encloses a thought at the start of an answer, to the letter: other spellings are not recognised."""

EMPTY_THOUGHT = "".join(THOUGHT)


class Id(Enum):
    """A piece that is one token by its number, not by its text; nothing where the tokenizer has none."""

    BOS = "bos_token"
    EOS = "eos_token"


Slots = tuple[str | Id, ...]
ToolFormat = Literal["default", "qwen", "llama3"]


@dataclass(frozen=True)
class Template:
    """One template: the pieces of every role, and what it adds by itself."""

    user: Slots = (CONTENT,)
    assistant: Slots = (CONTENT, Id.EOS)
    system: Slots = (CONTENT,)
    function: Slots = (CONTENT, Id.EOS)
    observation: Slots = (CONTENT,)
    prefix: Slots = ()
    tool_format: ToolFormat = "default"
    default_system: str = ""
    """Put in where a row has no system text."""
    stop_words: tuple[str, ...] = ()
    """Added to the tokenizer where it lacks them; with ``replace_eos`` the first is the end token."""
    replace_eos: bool = False
    reasoning: bool = False
    """Whether thoughts are put in and taken out (LLaMA-Factory's ``ReasoningTemplate``)."""
    end_of_text: str | None = None
    """What ends a text of stage pt; None stands for the end token."""


def _chatml(role: str, before: str = "", after: str = "") -> str:
    return f"<|im_start|>{role}\n{before}{CONTENT}{after}<|im_end|>\n"


def _qwen(default_system: str = "", reasoning: bool = False) -> Template:
    answer = "<|im_start|>assistant\n"
    return Template(
        user=(_chatml("user") + answer,),
        assistant=(f"{CONTENT}<|im_end|>\n",),
        system=(_chatml("system"),),
        function=(f"{CONTENT}<|im_end|>\n",),
        observation=(_chatml("user", "<tool_response>\n", "\n</tool_response>") + answer,),
        tool_format="qwen",
        default_system=default_system,
        stop_words=("<|im_end|>",),
        replace_eos=True,
        reasoning=reasoning,
    )


def _deepseek3(reasoning: bool = False) -> Template:
    asked = f"<｜User｜>{CONTENT}<｜Assistant｜>"
    return Template(user=(asked,), observation=(asked,), prefix=(Id.BOS,), reasoning=reasoning)


def _llama3() -> Template:
    def turn(role: str) -> str:
        return f"<|start_header_id|>{role}<|end_header_id|>\n\n{CONTENT}<|eot_id|>"

    answer = "<|start_header_id|>assistant<|end_header_id|>\n\n"
    return Template(
        user=(turn("user") + answer,),
        assistant=(f"{CONTENT}<|eot_id|>",),
        system=(turn("system"),),
        function=(f"{CONTENT}<|eot_id|>",),
        observation=(turn("ipython") + answer,),
        prefix=(Id.BOS,),
        tool_format="llama3",
        stop_words=("<|eot_id|>", "<|eom_id|>"),
        replace_eos=True,
        end_of_text="<|end_of_text|>",
    )


TEMPLATES: dict[str, Template] = {
    "deepseekr1": _deepseek3(reasoning=True),
    "deepseek3": _deepseek3(),
    "deepseek": Template(
        user=(f"User: {CONTENT}\n\nAssistant:",),
        system=(f"{CONTENT}\n\n",),
        observation=(f"User: {CONTENT}\n\nAssistant:",),
        prefix=(Id.BOS,),
    ),
    "qwen": _qwen("You are Qwen, created by Alibaba Cloud. You are a helpful assistant."),
    "qwen3": _qwen(reasoning=True),
    "qwen3_nothink": _qwen(),
    "llama3": _llama3(),
    "chatml": Template(
        user=(_chatml("user") + "<|im_start|>assistant\n",),
        assistant=(f"{CONTENT}<|im_end|>\n",),
        system=(_chatml("system"),),
        function=(f"{CONTENT}<|im_end|>\n",),
        observation=(_chatml("tool") + "<|im_start|>assistant\n",),
        stop_words=("<|im_end|>", "<|im_start|>"),
        replace_eos=True,
    ),
    "default": Template(
        user=(f"Human: {CONTENT}", Id.EOS, "\nAssistant:"),
        assistant=(CONTENT, Id.EOS, "\n"),
        system=(f"System: {CONTENT}", Id.EOS, "\n"),
        function=(CONTENT, Id.EOS, "\n"),
        observation=(f"Human: {CONTENT}", Id.EOS, "\nAssistant:"),
    ),
}


def find_template(name: str) -> Template:
    """The template of this name.

    Raises:
        CurateError: there is none; with the nearest name.
    """
    if name not in TEMPLATES:
        raise CurateError(
            say(f"没有名为 {name!r} 的对话模板", f"there is no chat template {name!r}"),
            did_you_mean(name, TEMPLATES),
        )
    return TEMPLATES[name]


def _named(form: str, names: str) -> frozenset[str]:
    return frozenset(form.format(name) for name in names.split())


_QWEN = _named("{}", "<tool_call> </tool_call> <tool_response> </tool_response>") | _named(
    "<|{}|>",
    "endoftext im_start im_end object_ref_start object_ref_end box_start box_end quad_start quad_end vision_start "
    "vision_end vision_pad image_pad video_pad fim_prefix fim_middle fim_suffix fim_pad repo_name file_sep",
)
_DEEPSEEK = _named("<|{}|>", "EOT") | _named(
    "<｜{}｜>",
    "begin▁of▁sentence end▁of▁sentence ▁pad▁ User Assistant fim▁hole fim▁begin fim▁end tool▁sep "
    "tool▁calls▁begin tool▁calls▁end tool▁call▁begin tool▁call▁end "
    "tool▁outputs▁begin tool▁outputs▁end tool▁output▁begin tool▁output▁end",
)
_LLAMA3 = _named(
    "<|{}|>",
    "begin_of_text end_of_text start_header_id end_header_id eot_id eom_id python_tag finetune_right_pad_id",
)

SPECIAL: dict[str, frozenset[str]] = {
    # the distilled models keep the tokens of the model that they were made from
    "deepseekr1": _DEEPSEEK | _QWEN | _LLAMA3,
    "deepseek3": _DEEPSEEK,
    "deepseek": _DEEPSEEK,
    "qwen": _QWEN,
    "qwen3": _QWEN,
    "qwen3_nothink": _QWEN,
    "llama3": _LLAMA3,
    "chatml": _named("<|{}|>", "im_start im_end endoftext"),
    "default": frozenset(),
}
"""Strings that the tokenizers of a template's models turn into one control token, wherever they stand.

In the text of a row they would forge turns or end the answer, so no text may hold one. ``<think>`` and
``</think>`` are not among them: they are allowed as the thought that leads an answer.
"""

CONTROL_TOKENS = "|".join(
    [
        *(re.escape(token) for token in sorted(frozenset().union(*SPECIAL.values()))),
        r"<\|reserved_special_token_\d+\|>",
        r"<｜place▁holder▁no▁\d+｜>",
    ]
)
"""One regular expression (Python's and Polars') for the control tokens of all templates."""
