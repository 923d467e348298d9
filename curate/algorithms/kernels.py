"""Compiled loops over Arrow's UTF-8 buffers: no Python object a document or a shingle.

Numba compiles them once a machine (its cache lies beside this file, or in the user's cache folder) and they
run without the interpreter's lock, so the threads of ``engines.local`` use every core. A compiled function in
one thread a shard compiles in a third of the time that ``parallel=True`` takes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

#: in ``single``: drop the character (0), look in ``many`` (top bit: length and place), not for this loop (all ones)
DROP, MANY, SLOW = 0, 0x80000000, 0xFFFFFFFF
#: Multipliers of a shingle's characters, by their place in it: odd numbers of 64 bits, as random as they come.
SALTS = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F],
    dtype=np.uint64,
)


def compiled(function: Any) -> Any:
    return njit(nogil=True, cache=True, error_model="numpy")(function)


@compiled
def decoded(data, place, end, codes):  # type: ignore[no-untyped-def]
    """UTF-8 bytes to code points; returns how many."""
    count = 0
    while place < end:
        lead = np.uint32(data[place])
        if lead < 0x80:
            codes[count] = lead
            place += 1
        elif lead < 0xE0:
            codes[count] = (lead & 0x1F) << 6 | (data[place + 1] & 0x3F)
            place += 2
        elif lead < 0xF0:
            codes[count] = (
                (lead & 0x0F) << 12 | np.uint32(data[place + 1] & 0x3F) << 6 | (data[place + 2] & 0x3F)
            )
            place += 3
        else:
            codes[count] = (
                (lead & 0x07) << 18
                | np.uint32(data[place + 1] & 0x3F) << 12
                | np.uint32(data[place + 2] & 0x3F) << 6
                | (data[place + 3] & 0x3F)
            )
            place += 4
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
def normalised(data, offsets, single, many, out, ends, slow):  # type: ignore[no-untyped-def]
    """Each text character by character through ``single`` and ``many``, as UTF-8 into ``out``; ``ends`` are the
    new offsets without the leading 0. A text with a character that cannot be taken alone is marked ``slow``
    and left empty.
    """
    longest = 0
    for row in range(len(offsets) - 1):
        longest = max(longest, offsets[row + 1] - offsets[row])
    codes = np.empty(longest + 1, np.uint32)
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
    longest = 0
    for row in rows:
        longest = max(longest, offsets[row + 1] - offsets[row])
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
def ordered(values, count, scratch, places):  # type: ignore[no-untyped-def]
    """Sorts the first ``count`` (radix sort, four passes of eight bits) and drops repeats; returns how many stay."""
    for turn in range(4):
        shift = np.uint32(8 * turn)
        for part in range(257):
            places[part] = 0
        for step in range(count):
            places[(values[step] >> shift & np.uint32(0xFF)) + 1] += 1
        for part in range(256):
            places[part + 1] += places[part]
        for step in range(count):
            part = values[step] >> shift & np.uint32(0xFF)
            scratch[places[part]] = values[step]
            places[part] += 1
        values, scratch = scratch, values  # after four turns they are where they were
    left = min(count, 1)
    for step in range(1, count):
        if values[step] != values[left - 1]:
            values[left] = values[step]
            left += 1
    return left


@compiled
def shingled(data, offsets, rows, n, salts, stops, known, out, marks, ends):  # type: ignore[no-untyped-def]
    """The sets of shingle hashes of the texts ``rows``, each sorted, one behind the other in ``out``; ``marks``: the
    value is no stop shingle; ``ends`` are the sets' ends. Returns the end of the last.
    """
    longest = 0
    for row in rows:
        longest = max(longest, offsets[row + 1] - offsets[row])
    codes = np.empty(longest + 1, np.uint32)
    values = np.empty(longest + 1, np.uint32)
    scratch = np.empty(longest + 1, np.uint32)
    places = np.empty(257, np.int64)
    at = 0
    for place in range(len(rows)):
        row = rows[place]
        count = hashed(codes, decoded(data, offsets[row], offsets[row + 1], codes), n, salts, values)
        count = ordered(values, count, scratch, places)
        for step in range(count):
            out[at + step] = values[step]
        without_stops(values, count, stops, known, marks[at : at + count])
        at += count
        ends[place] = at
    return at


@compiled
def compared(values, marks, offsets, left, right, least, full, distinct):  # type: ignore[no-untyped-def]
    """For pairs of sets their Jaccard similarity, with all shingles and with the marked ones; 0 where one of the
    two has fewer than ``least`` shingles.
    """
    for pair in range(len(left)):
        one, one_end = offsets[left[pair]], offsets[left[pair] + 1]
        other, other_end = offsets[right[pair]], offsets[right[pair] + 1]
        sizes = (one_end - one) + (other_end - other)
        full[pair] = 0.0
        distinct[pair] = 0.0
        if min(one_end - one, other_end - other) < least:
            continue
        own = 0
        for place in range(one, one_end):
            own += marks[place]
        for place in range(other, other_end):
            own += marks[place]
        both, both_own = 0, 0
        while one < one_end and other < other_end:
            a, b = values[one], values[other]
            if a == b:
                both += 1
                both_own += marks[one] and marks[other]
            one += a <= b
            other += b <= a
        full[pair] = both / (sizes - both)
        distinct[pair] = both_own / (own - both_own)


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
