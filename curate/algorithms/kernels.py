"""Compiled loops over Arrow's UTF-8 buffers: no Python object a document or a shingle.

Numba compiles them once a machine (its cache lies beside this file, or in the user's cache folder) and they
run without the interpreter's lock, so the threads of ``engines.local`` use every core. A compiled function in
one thread a shard compiles in a third of the time that ``parallel=True`` takes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from curate.algorithms import characters as kinds

#: in ``single``: drop the character (0), look in ``many`` (top bit: length and place), not for this loop (all ones)
DROP, MANY, SLOW = 0, 0x80000000, 0xFFFFFFFF
#: Multipliers of a shingle's characters, by their place in it: odd numbers of 64 bits, as random as they come.
SALTS = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F],
    dtype=np.uint64,
)

#: The bits of ``algorithms.characters``, as compiled code wants them. Numba keeps compiled code until this file changes:
#: after a change of the bits there, touch this one.
SINGLE = np.uint32(kinds.SINGLE)
IS_HAN = np.uint32(kinds.IS_HAN)
DIGIT = np.uint32(kinds.DIGIT)
NUMERAL = np.uint32(kinds.NUMERAL)
SEPARATOR = np.uint32(kinds.SEPARATOR)
WHITE = np.uint32(kinds.WHITE)
MARK = np.uint32(kinds.MARK)
LETTER = np.uint32(kinds.LETTER)
GBK_FIRST = np.uint32(kinds.GBK_FIRST)
GBK_SECOND = np.uint32(kinds.GBK_SECOND)
ONCE = np.uint32(kinds.ONCE)
READ_AS_GBK = np.uint32(kinds.READ_AS_GBK)
NUMBER = np.uint32(kinds.NUMBER)
LETTER_DIGIT = np.uint32(kinds.LETTER_DIGIT)
HAN_NUMBER = np.uint32(kinds.HAN_NUMBER)
TAG = np.uint32(kinds.TAG)
ENTITY = np.uint32(kinds.ENTITY)
URL = np.uint32(kinds.URL)
PUNCTUATION_RUN = np.uint32(kinds.PUNCTUATION_RUN)
SPACE = np.uint32(kinds.SPACE)
ANY = np.uint32(kinds.ANY)


def compiled(function: Any) -> Any:
    return njit(nogil=True, cache=True, error_model="numpy")(function)


@njit(nogil=True, inline="always")
def code_at(data, place):  # type: ignore[no-untyped-def]
    """(the code point that begins here, where the next one begins)."""
    lead = np.uint32(data[place])
    if lead < 0x80:
        return lead, place + 1
    second = np.uint32(data[place + 1] & 0x3F)
    if lead < 0xE0:
        return (lead & np.uint32(0x1F)) << np.uint32(6) | second, place + 2
    third = np.uint32(data[place + 2] & 0x3F)
    if lead < 0xF0:
        return (lead & np.uint32(0x0F)) << np.uint32(12) | second << np.uint32(6) | third, place + 3
    fourth = np.uint32(data[place + 3] & 0x3F)
    high = (lead & np.uint32(0x07)) << np.uint32(18) | second << np.uint32(12)
    return high | third << np.uint32(6) | fourth, place + 4


@compiled
def decoded(data, place, end, codes):  # type: ignore[no-untyped-def]
    """UTF-8 bytes to code points; returns how many."""
    count = 0
    while place < end:
        codes[count], place = code_at(data, place)
        count += 1
    return count


@compiled
def encoded(code, out, at):  # type: ignore[no-untyped-def]
    """A code point as UTF-8 bytes from ``at``; returns the place behind them."""
    if code < 0x80:
        out[at] = code
        return at + 1
    if code < 0x800:
        out[at] = 0xC0 | code >> 6
        out[at + 1] = 0x80 | code & 0x3F
        return at + 2
    if code < 0x10000:
        out[at] = 0xE0 | code >> 12
        out[at + 1] = 0x80 | code >> 6 & 0x3F
        out[at + 2] = 0x80 | code & 0x3F
        return at + 3
    out[at] = 0xF0 | code >> 18
    out[at + 1] = 0x80 | code >> 12 & 0x3F
    out[at + 2] = 0x80 | code >> 6 & 0x3F
    out[at + 3] = 0x80 | code & 0x3F
    return at + 4


@compiled
def longest_of(offsets):  # type: ignore[no-untyped-def]
    """The bytes of the longest text."""
    longest = 0
    for row in range(len(offsets) - 1):
        longest = max(longest, offsets[row + 1] - offsets[row])
    return longest


@compiled
def normalised(data, offsets, single, many, out, ends, slow):  # type: ignore[no-untyped-def]
    """Each text character by character through ``single`` and ``many``, as UTF-8 into ``out``; ``ends`` are the
    new offsets without the leading 0. A text with a character that cannot be taken alone is marked ``slow``
    and left empty.
    """
    codes = np.empty(longest_of(offsets) + 1, np.uint32)
    at = 0
    for row in range(len(offsets) - 1):
        begin = at
        slow[row] = False
        for place in range(decoded(data, offsets[row], offsets[row + 1], codes)):
            new = single[codes[place]] if codes[place] < len(single) else np.uint32(SLOW)
            if new == DROP:
                continue
            if new < MANY:
                at = encoded(new, out, at)
            elif new == SLOW:
                slow[row] = True
                break
            else:
                first = new & 0xFFFFFF
                for step in range(new >> 24 & 0x7F):
                    at = encoded(many[first + step], out, at)
        if slow[row]:
            at = begin
        ends[row] = at


@compiled
def hashed(codes, count, n, salts, out):  # type: ignore[no-untyped-def]
    """The 32-bit hashes of the n-character shingles, repeats included; returns how many. Fewer than n characters
    are one shingle, none are none.
    """
    if count == 0:
        return 0
    shingles = max(1, count - n + 1)
    width = min(n, count)
    for place in range(shingles):
        total = np.uint64(n)
        for step in range(width):
            total += np.uint64(codes[place + step] + np.uint32(1)) * salts[step]
        total ^= total >> np.uint64(32)
        total *= np.uint64(0xFF51AFD7ED558CCD)
        out[place] = np.uint32(total >> np.uint64(32))
    return shingles


@compiled
def first_at_least(ordered, value):  # type: ignore[no-untyped-def]
    """``np.searchsorted``, which takes Numba a second to compile."""
    low, high = 0, len(ordered)
    while low < high:
        middle = (low + high) // 2
        if ordered[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def without_stops(values, count, stops, known, marks):  # type: ignore[no-untyped-def]
    """Marks the values that are no stop shingle, all of them where less than a quarter would be left. ``known``
    (65,536 booleans): is there a stop shingle with these low 16 bits?
    """
    left = 0
    for place in range(count):
        marks[place] = True
        if known[values[place] & np.uint32(0xFFFF)]:
            at = first_at_least(stops, values[place])
            marks[place] = at == len(stops) or stops[at] != values[place]
        left += marks[place]
    if left < 0.25 * count or left == 0:
        for place in range(count):
            marks[place] = True


@compiled
def signed(data, offsets, rows, n, salts, a, b, stops, known, out, templated):  # type: ignore[no-untyped-def]
    """MinHash signatures (len(rows) x len(a)) of the texts ``rows`` without their stop shingles; see
    ``minhash.signatures_of``. ``templated``: a quarter of the shingles or more was left out. For each permutation one pass with a running minimum, which LLVM vectorises.
    """
    longest = longest_of(offsets)
    codes = np.empty(longest + 1, np.uint32)
    values = np.empty(longest + 1, np.uint32)
    marks = np.empty(longest + 1, np.bool_)
    for place in range(len(rows)):
        row = rows[place]
        count = hashed(codes, decoded(data, offsets[row], offsets[row + 1], codes), n, salts, values)
        templated[place] = False
        if len(stops):
            without_stops(values, count, stops, known, marks)
            left = 0
            for step in range(count):
                values[left] = values[step]
                left += marks[step]
            templated[place] = left <= 0.75 * count
            count = left
        for step in range(count):  # MurmurHash3's finalizer; Numba widens, so each product is cut to 32 bits
            h = values[step]
            h = np.uint32((h ^ h >> np.uint32(16)) * np.uint32(0x85EBCA6B))
            h = np.uint32((h ^ h >> np.uint32(13)) * np.uint32(0xC2B2AE35))
            values[step] = h ^ h >> np.uint32(16)
        for number in range(len(a)):
            least = np.uint32(0xFFFFFFFF)
            factor, summand = a[number], b[number]
            for step in range(count):
                least = min(least, np.uint32(values[step] * factor + summand))
            out[place, number] = least


@compiled
def banded(signatures, rows, out):  # type: ignore[no-untyped-def]
    """A 32-bit key a band of ``rows`` signature values: equal bands have equal keys."""
    for document in range(out.shape[0]):
        for band in range(out.shape[1]):
            key = np.uint64(0x9E3779B97F4A7C15)
            for column in range(band * rows, (band + 1) * rows):
                key = (key ^ np.uint64(signatures[document, column])) * np.uint64(0xFF51AFD7ED558CCD)
                key ^= key >> np.uint64(32)
            out[document, band] = np.uint32(key)


@compiled
def slot_of(value, mask):  # type: ignore[no-untyped-def]
    """Where a search for ``value`` begins in a table of ``mask + 1`` slots."""
    return np.int64(np.uint32(value * np.uint32(0x9E3779B1)) >> np.uint32(7)) & mask


@compiled
def mask_for(count):  # type: ignore[no-untyped-def]
    """Of a table that ``count`` values fill to a half at most. Small sets use a small part of it, which stays in
    the processor's cache.
    """
    mask = np.int64(15)
    while mask < 2 * count:
        mask = 2 * mask + 1
    return mask


@compiled
def shingled(data, offsets, n, salts, out, ends):  # type: ignore[no-untyped-def]
    """The sets of shingle hashes of all texts, in order of appearance, one behind the other in ``out``; ``ends`` are
    the sets' ends. Returns the end of the last.
    """
    longest = longest_of(offsets)
    codes = np.empty(longest + 1, np.uint32)
    values = np.empty(longest + 1, np.uint32)
    table = np.empty(mask_for(longest + 1) + 1, np.uint32)
    stamps = np.zeros(len(table), np.int64)  # of which text a slot's value is: nothing needs to be cleared
    at = 0
    for row in range(len(offsets) - 1):
        count = hashed(codes, decoded(data, offsets[row], offsets[row + 1], codes), n, salts, values)
        mask = mask_for(count)
        for step in range(count):
            slot = slot_of(values[step], mask)
            while stamps[slot] == row + 1 and table[slot] != values[step]:
                slot = (slot + 1) & mask
            if stamps[slot] != row + 1:
                stamps[slot] = row + 1
                table[slot] = values[step]
                out[at] = values[step]
                at += 1
        ends[row] = at
    return at


@compiled
def tabled(values, own, count, mask, turn, table, owns, turns):  # type: ignore[no-untyped-def]
    """Puts a text's shingles into the table, stamped with its ``turn``; returns how many different ones there are,
    and how many of these are its ``own``, no stop shingles.
    """
    size, size_own = 0, 0
    for step in range(count):
        slot = slot_of(values[step], mask)
        while turns[slot] == turn and table[slot] != values[step]:
            slot = (slot + 1) & mask
        if turns[slot] != turn:
            turns[slot] = turn
            table[slot] = values[step]
            owns[slot] = own[step]
            size += 1
            size_own += own[step]
    return size, size_own


@compiled
def compared(  # type: ignore[no-untyped-def]
    one, one_offsets, left, other, other_offsets, right, n, salts, stops, known, least, full, distinct
):
    """The Jaccard similarity of pairs of texts, row ``left`` of one column and row ``right`` of another: with all
    shingles, and without the stop shingles; 0 where one of the two has fewer than ``least`` shingles. Quickest
    where equal ``left`` stand together.

    A table holds the left text's shingles, stamped with its turn; the right one's are looked up in it, and marked
    or added with a stamp of the pair's own, so that repeats are not counted.
    """
    longest = 0
    for pair in range(len(left)):
        longest = max(longest, one_offsets[left[pair] + 1] - one_offsets[left[pair]])
        longest = max(longest, other_offsets[right[pair] + 1] - other_offsets[right[pair]])
    codes = np.empty(longest + 1, np.uint32)
    mine = np.empty(longest + 1, np.uint32)
    theirs = np.empty(longest + 1, np.uint32)
    mine_own = np.empty(longest + 1, np.bool_)
    theirs_own = np.empty(longest + 1, np.bool_)
    size = mask_for(2 * longest + 2) + 1
    table = np.empty(size, np.uint32)
    owns = np.empty(size, np.bool_)
    turns = np.zeros(size, np.int64)
    pairs = np.zeros(size, np.int64)
    turn, count, mask, left_size, left_own = 0, 0, np.int64(0), 0, 0
    for pair in range(len(left)):
        row = right[pair]
        letters = decoded(other, other_offsets[row], other_offsets[row + 1], codes)
        room = hashed(codes, letters, n, salts, theirs)
        without_stops(theirs, room, stops, known, theirs_own)
        if pair == 0 or left[pair] != left[pair - 1]:
            letters = decoded(one, one_offsets[left[pair]], one_offsets[left[pair] + 1], codes)
            count = hashed(codes, letters, n, salts, mine)
            without_stops(mine, count, stops, known, mine_own)
            mask = np.int64(-1)
        if mask < 0 or mask < 2 * (count + room) - 1:
            mask = mask_for(count + room)
            turn += 1
            left_size, left_own = tabled(mine, mine_own, count, mask, turn, table, owns, turns)
        both, both_own, right_size, right_own = 0, 0, 0, 0
        for step in range(room):
            slot = slot_of(theirs[step], mask)
            while (turns[slot] == turn or pairs[slot] == pair + 1) and table[slot] != theirs[step]:
                slot = (slot + 1) & mask
            if pairs[slot] == pair + 1:
                continue  # the right text has had it
            pairs[slot] = pair + 1
            right_size += 1
            right_own += theirs_own[step]
            if turns[slot] == turn:
                both += 1
                both_own += theirs_own[step] and owns[slot]
            else:
                table[slot] = theirs[step]
        full[pair], distinct[pair] = 0.0, 0.0
        if min(left_size, right_size) >= least:
            full[pair] = both / (left_size + right_size - both)
            distinct[pair] = both_own / (left_own + right_own - both_own)


@compiled
def paired(packed, full, stars, out):  # type: ignore[no-untyped-def]
    """Candidate pairs from sorted ``key << 32 | document``, packed as ``lower << 32 | higher``; returns how many
    there are, of which ``out`` holds as many as it has room for.

    In a bucket of up to ``full`` documents every pair is one; in a larger bucket each document meets the first
    ``stars`` of the bucket and the ``stars`` before it, so that pairs grow with the documents and not with
    their square.
    """
    found = 0
    low = np.uint64(0xFFFFFFFF)
    start = 0
    while start < len(packed):
        key = packed[start] >> np.uint64(32)
        end = start + 1
        while end < len(packed) and packed[end] >> np.uint64(32) == key:
            end += 1
        near = end - start if end - start <= full else stars
        for second in range(start + 1, end):
            first = start
            while first < second:
                if found < len(out):
                    out[found] = (packed[first] & low) << np.uint64(32) | packed[second] & low
                found += 1
                first += 1
                if first == start + near:
                    first = max(first, second - near)
        start = end
    return found


@compiled
def probed(keys, wanted, bits, out):  # type: ignore[no-untyped-def]
    """Pairs (place in ``keys`` << 32 | document) for the keys that are among ``wanted``, sorted
    ``key << 32 | document``; returns how many there are, of which ``out`` holds as many as it has room for.
    ``bits``, a power of two of booleans that are all False, is a filter to look in first.
    """
    mask = np.uint64(len(bits) - 1)
    for step in range(len(wanted)):
        bits[(wanted[step] >> np.uint64(32)) & mask] = True
    found = 0
    for place in range(len(keys)):
        key = np.uint64(keys[place])
        if not bits[key & mask]:
            continue
        at = first_at_least(wanted, key << np.uint64(32))
        while at < len(wanted) and wanted[at] >> np.uint64(32) == key:
            if found < len(out):
                out[found] = np.uint64(place) << np.uint64(32) | wanted[at] & np.uint64(0xFFFFFFFF)
            found += 1
            at += 1
    return found


@compiled
def character_marks(data, offsets, table, out):  # type: ignore[no-untyped-def]
    """The bits of ``algorithms.characters`` for each text."""
    for row in range(len(offsets) - 1):
        place, end = offsets[row], offsets[row + 1]
        bits = ANY
        digits = numerals = gap = same = 0
        last = np.uint32(0)  # the character before, and its kind
        last_kind = before_kind = np.uint32(0)
        while place < end:
            code, place = code_at(data, place)
            kind = table[code]
            bits |= kind & SINGLE
            if kind & (DIGIT | NUMERAL):
                gap = 0
                if kind & DIGIT:
                    digits += 1
                    if digits >= 5:
                        bits |= NUMBER
                    if last_kind & LETTER:
                        bits |= LETTER_DIGIT
                else:
                    numerals += 1
                    if numerals >= 7:
                        bits |= HAN_NUMBER
            elif kind & SEPARATOR and gap < 3:
                gap += 1
            else:
                digits = numerals = gap = 0
            if kind & LETTER:
                if last == 0x3C:
                    bits |= TAG
                elif last == 0x26:
                    bits |= ENTITY
                if last_kind & (DIGIT | IS_HAN):
                    bits |= LETTER_DIGIT
                if code == 0x77 and last == 0x77:
                    bits |= URL
            elif kind & MARK:
                same = same + 1 if code == last else 0
                if same >= 2 or (same and kind & ONCE):
                    bits |= PUNCTUATION_RUN
                if same and code == 0x2F:
                    bits |= URL
                if last == 0x3C and (code == 0x2F or code == 0x21 or code == 0x3F):
                    bits |= TAG
                elif last == 0x26 and code == 0x23:
                    bits |= ENTITY
            if kind & WHITE or code == 0x0A:
                bits |= SPACE
            elif code == 0x20:
                if last == 0x20 or last == 0:
                    bits |= SPACE
            elif last == 0x20 and kind & before_kind & IS_HAN:
                bits |= SPACE
            if kind & GBK_SECOND and last_kind & GBK_FIRST:
                bits |= READ_AS_GBK
            before_kind = last_kind
            last_kind, last = kind, code
        if last == 0x20:
            bits |= SPACE
        out[row] = bits


@compiled
def white_space_folded(data, offsets, kinds_of, out, ends, flags):  # type: ignore[no-untyped-def]
    """``algorithms.white_space``'s folding: a run of white space becomes one line feed, two, or a space, or nothing.

    Args:
        kinds_of: the table of ``algorithms.characters``.
        flags: 1 where Han characters stand alone between spaces, 2 where a line ends and goes on in the middle of a
            sentence, perhaps.
    """
    at = 0
    for row in range(len(offsets) - 1):
        place, end = offsets[row], offsets[row + 1]
        feeds = blanks = 0
        only = before = np.uint32(0)  # the only blank of a run; the character in front of it
        before_kind = np.uint32(0)
        alone = 0  # Han characters with a space in front of each, but the first
        flag = 0
        while place < end:
            start = place
            code, place = code_at(data, place)
            if code == 0x0A:
                feeds += 1
                continue
            kind = kinds_of[code]
            if code == 0x20 or kind & WHITE:
                blanks += 1
                only = code
                continue
            han = kind & IS_HAN
            if before == 0:
                pass  # white space in front of a text goes
            elif feeds:
                out[at] = 0x0A
                at += 1
                if feeds > 1:
                    out[at] = 0x0A
                    at += 1
                elif han and (before_kind & IS_HAN or before == 0xFF0C or before == 0x3001):
                    flag |= 2
                alone = 0
            elif blanks == 1 and only == 0xA0 and han and before_kind & IS_HAN:
                alone = 0
            elif blanks:
                out[at] = 0x20
                at += 1
            if han:
                alone = alone + 1 if blanks and not feeds and before_kind & IS_HAN else 1
                if alone >= 3:
                    flag |= 1
            else:
                alone = 0
            if han and not blanks and not feeds and before_kind & IS_HAN:
                alone = 0
            for step in range(start, place):
                out[at] = data[step]
                at += 1
            feeds = blanks = 0
            before, before_kind = code, kind
        flags[row] = flag
        ends[row] = at
