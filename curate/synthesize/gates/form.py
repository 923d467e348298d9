"""Gates of form: whole, of the right length and language, and nothing of the prompt in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from curate.algorithms.grounding import language_ok, leaked, question_ok
from curate.algorithms.grounding.plain import unmarked
from curate.synthesize.gates.found import Finding, Words

if TYPE_CHECKING:
    from curate.synthesize.gates import Gates

#: Characters that no person writes: of broken encodings, and the controls but tab and line feed.
_BROKEN = re.compile("[\ufffd\x00-\x08\x0b-\x1f\x7f]")
#: The fences of our own prompts.
_FENCE = re.compile(r"</?(?:资料|材料|问题|回答|问答)\d*>")
#: How people, and models, begin to think aloud; before an answer it would be chatter.
_THINKING = re.compile(r"^(?:好的?|嗯+|让我想想)[，,。]")
#: Words of one who was told the answer: a thought that uses them was not thought.
_TOLD_ANSWER = re.compile(r"(?:参考|标准|给定的?|给出的|已知的?|正确|提供的)答案")
#: An answer that is so much of the text it should sum up does not sum it up.
ECHO = 0.8


def look_at_form(words: Words, gates: Gates) -> Iterator[Finding]:
    """From the cheapest on."""
    yield Finding("bad_turns", bool(words.broken), words.broken)
    yield Finding("fields_missing", any(not part.strip() for turn in words.turns for part in turn))
    whole = "\n".join([words.thought, *(part for turn in words.turns for part in turn)])
    broken = _BROKEN.search(whole)
    yield Finding("garbled", bool(broken), repr(broken[0]) if broken else "")
    yield from _lengths(words, gates)
    for question, answer in words.turns:
        for said in (question, answer):
            yield Finding("wrong_language", not language_ok(said, gates.language), said[:40])
    if gates.leaked:
        yield from _leaks(words, whole)
    if gates.stand_alone and not words.seen:
        # later questions of a conversation may point back at what was said
        unseen = question_ok(words.turns[0][0])
        yield Finding("refers_to_unseen", unseen is not None, words.turns[0][0])
    yield from _echoes(words)


def _lengths(words: Words, gates: Gates) -> Iterator[Finding]:
    for question, answer in words.turns:
        asked, said = len(question.strip()), len(answer.strip())
        yield Finding("question_too_short", asked < gates.min_question_chars, str(asked))
        yield Finding("question_too_long", asked > gates.max_question_chars, str(asked))
        yield Finding("answer_too_short", said < gates.min_answer_chars, str(said))
        yield Finding("answer_too_long", said > gates.max_answer_chars, str(said))


def _leaks(words: Words, whole: str) -> Iterator[Finding]:
    fence = _FENCE.search(whole)
    if fence and fence[0] not in words.source:
        yield Finding("leaked_prompt", True, fence[0])
    told = _TOLD_ANSWER.search(words.thought)
    yield Finding("leaked_prompt", bool(told), told[0] if told else "")
    for said in (*(part for turn in words.turns for part in turn), _THINKING.sub("", words.thought)):
        # a question that brings its text along may speak of it
        phrase = None if said == words.turns[0][0] and words.seen else leaked(said)
        yield Finding("leaked_prompt", phrase is not None, phrase or "")


def _echoes(words: Words) -> Iterator[Finding]:
    text = unmarked(words.seen)
    for question, answer in words.turns:
        said = unmarked(answer)
        yield Finding("echo", said == unmarked(question), answer[:40])
        if text:
            yield Finding("echo", said in text and len(said) >= ECHO * len(text), answer[:40])
    questions = [unmarked(question) for question, _ in words.turns]
    yield Finding("echo", len(set(questions)) < len(questions), questions[-1][:40])
