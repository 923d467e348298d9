"""Compiled loops over Arrow's UTF-8 buffers for ``text_shape`` and ``char_model``; see ``kernels`` for the style."""

from __future__ import annotations

import numpy as np

from curate.algorithms.kernels import compiled, decoded, longest_of, mask_for

#: Kinds of characters; bits above them mark those that may end a line of prose and
#: begin an entry of a list.
WHITE, HAN, LATIN, KANA, HANGUL, LETTER, DIGIT, SIGN = range(8)
KIND, ENDS_LINE, BEGINS_ENTRY = np.uint8(15), np.uint8(16), np.uint8(32)
LINE_FEED = np.uint32(0x0A)
#: an odd number of 64 bits: the base of the n-grams' polynomial
BASE = np.uint64(0x9E3779B97F4A7C15)
#: In the tables of a model bits are whole numbers of ``1 / STEPS``, in so many bits: 18 hold 64 bits of surprise.
STEP_BITS, STEPS = 18, 4096


@compiled
def mixed(value):  # type: ignore[no-untyped-def]
    """MurmurHash3's finalizer: each bit of the value reaches each bit of the hash."""
    value ^= value >> np.uint64(33)
    value *= np.uint64(0xFF51AFD7ED558CCD)
    value ^= value >> np.uint64(33)
    value *= np.uint64(0xC4CEB9FE1A85EC53)
    return value ^ value >> np.uint64(33)


@compiled
def repeated_in(sums, count, n, power, table, stamps, turn):  # type: ignore[no-untyped-def]
    """How many of ``count`` letters and digits lie in an n-gram that was there before; as Gopher counts, a repeat is passed
    over as a whole.
    """
    mask = mask_for(count)
    place = total = 0
    while place + n <= count:
        key = mixed(sums[place + n] - sums[place] * power)
        slot = np.int64(key >> np.uint64(20)) & mask
        while stamps[slot] == turn and table[slot] != key:
            slot = (slot + 1) & mask
        if stamps[slot] == turn:
            total += n
            place += n
        else:
            stamps[slot] = turn
            table[slot] = key
            place += 1
    return total


@compiled
def most_in(sums, count, n, power, table, stamps, counts, turn):  # type: ignore[no-untyped-def]
    """How often the commonest n-gram stands in ``count`` letters and digits."""
    mask = mask_for(count)
    most = 0
    for place in range(count - n + 1):
        key = mixed(sums[place + n] - sums[place] * power)
        slot = np.int64(key >> np.uint64(20)) & mask
        while stamps[slot] == turn and table[slot] != key:
            slot = (slot + 1) & mask
        if stamps[slot] == turn:
            counts[slot] += 1
        else:
            stamps[slot] = turn
            table[slot] = key
            counts[slot] = 1
        most = max(most, counts[slot])
    return most


@compiled
def seen_line(key, mask, table, stamps, turn):  # type: ignore[no-untyped-def]
    """Was this line there before? It is from now on."""
    slot = np.int64(key >> np.uint64(20)) & mask
    while stamps[slot] == turn and table[slot] != key:
        slot = (slot + 1) & mask
    if stamps[slot] == turn:
        return True
    stamps[slot] = turn
    table[slot] = key
    return False


@compiled
def power_of(n):  # type: ignore[no-untyped-def]
    power = np.uint64(1)
    for _ in range(n):
        power *= BASE
    return power


@compiled
def lines_of(codes, letters, kinds, short, mask, table, stamps, turn, sums, counted, lines):  # type: ignore[no-untyped-def]
    """Counts a text's characters by kind and its lines, see ``shapes``; ``sums`` gets the polynomials of its letters and digits,
    whose number is returned.
    """
    counted[:] = 0
    lines[:] = 0
    count = width = 0
    sums[0] = 0
    line_hash = np.uint64(0)
    first = last = np.uint8(WHITE)
    for place in range(letters + 1):
        code = codes[place] if place < letters else LINE_FEED
        kind = kinds[code]
        if kind & KIND != WHITE:
            counted[kind & KIND] += 1
            if kind & KIND != SIGN:
                count += 1
                sums[count] = sums[count - 1] * BASE + np.uint64(code + np.uint32(1))
            line_hash = line_hash * BASE + np.uint64(code + np.uint32(1))
            first = first if width else kind
            last = kind
            width += 1
            continue
        counted[WHITE] += place < letters
        if code != LINE_FEED:
            continue
        lines[3] += place < letters
        if width:
            lines[0] += 1
            lines[1] += (last & ENDS_LINE) | (first & BEGINS_ENTRY) > 0
            lines[2] += width < short
            if seen_line(mixed(line_hash), mask, table, stamps, turn):
                lines[4] += 1
                lines[5] += width
        width = 0
        line_hash = np.uint64(0)
    return count


@compiled
def shapes(data, offsets, kinds, short, repeats, tops, counted, lines, repeated, most):  # type: ignore[no-untyped-def]
    """What ``text_shape.shape_of`` tells, as counts.

    Args:
        kinds: the kind of each code point.
        short: a line with fewer characters is a short one.
        repeats: the n of the n-grams whose repeats are counted, ascending.
        tops: the n of those of which the commonest is counted.
        counted: (texts x 8) characters by kind.
        lines: (texts x 6) lines, lines that end in punctuation or begin an entry, short lines, line feeds, repeated lines, and the
            characters in them.
        repeated: (texts x repeats) letters and digits in n-grams that repeat an earlier one.
        most: (texts x tops) how often the commonest stands there.
    """
    longest = longest_of(offsets)
    codes = np.empty(longest + 1, np.uint32)
    sums = np.empty(longest + 2, np.uint64)
    table = np.empty(mask_for(longest + 1) + 1, np.uint64)
    stamps = np.zeros(len(table), np.int64)
    counts = np.empty(len(table), np.int64)
    turn = 0
    for row in range(len(offsets) - 1):
        letters = decoded(data, offsets[row], offsets[row + 1], codes)
        turn += 1
        mask = mask_for(letters + 1)
        count = lines_of(
            codes, letters, kinds, short, mask, table, stamps, turn, sums, counted[row], lines[row]
        )
        any_repeat = True
        for step in range(len(repeats)):
            repeated[row, step] = 0
            if any_repeat:  # characters that a longer n-gram repeats, a shorter one repeats too
                turn += 1
                n = repeats[step]
                repeated[row, step] = repeated_in(sums, count, n, power_of(n), table, stamps, turn)
                any_repeat = repeated[row, step] > 0
        for step in range(len(tops)):
            turn += 1
            n = tops[step]
            most[row, step] = most_in(sums, count, n, power_of(n), table, stamps, counts, turn)


@compiled
def trigrams(data, offsets, fold, out):  # type: ignore[no-untyped-def]
    """The folded code points of all texts as trigrams ``a << 42 | b << 21 | c``; a text begins with two 0. Returns how
    many there are.
    """
    codes = np.empty(longest_of(offsets) + 1, np.uint32)
    at = 0
    low = np.uint64((1 << 42) - 1)
    for row in range(len(offsets) - 1):
        key = np.uint64(0)
        for place in range(decoded(data, offsets[row], offsets[row + 1], codes)):
            key = (key & low) << np.uint64(21) | np.uint64(fold[codes[place]])
            out[at] = key
            at += 1
    return at


@compiled
def slot_for(key, shift, table):  # type: ignore[no-untyped-def]
    """Where a key stands in an open table, or the empty slot where it would. Above its lowest ``shift`` bits, which
    are the key's value, a slot holds ``key + 1``.
    """
    mask = len(table) - 1
    slot = np.int64(key * BASE >> np.uint64(24)) & mask
    key += np.uint64(1)
    while table[slot] != np.uint64(0) and table[slot] >> shift != key:
        slot = (slot + 1) & mask
    return slot


@compiled
def filled(keys, values, shift, table):  # type: ignore[no-untyped-def]
    """Puts keys with their values into an empty table, whose slots are a power of two."""
    for number in range(len(keys)):
        slot = slot_for(keys[number], shift, table)
        table[slot] = keys[number] + np.uint64(1) << shift | values[number]


@compiled
def scored(data, offsets, ids, sizes, one, two, three, bits, alone, counts):  # type: ignore[no-untyped-def]
    """The bits of each text under a model (see ``char_model``), those of its characters alone, and their number.

    Args:
        ids: the number of each code point.
        sizes: bits that tell which of a number's code points it is.
        one: bits of each number alone, and of leaving it as a context.
        two: table of bigrams ``b << 13 | c``; its values: bits of the bigram, and of leaving it as a context.
        three: table of trigrams ``a << 26 | b << 13 | c``; its values: their bits.
    """
    chars, wide = np.uint64(13), np.uint64(2 * STEP_BITS)
    narrow, low = np.uint64(STEP_BITS), np.uint64((1 << STEP_BITS) - 1)
    codes = np.empty(longest_of(offsets) + 1, np.uint32)
    for row in range(len(offsets) - 1):
        count = decoded(data, offsets[row], offsets[row + 1], codes)
        before = last = np.uint64(0)
        steps = np.uint64(0)
        total = single = rare = 0.0
        for place in range(count):
            code = codes[place]
            number = np.uint64(ids[code])
            rare += sizes[code]
            single += one[number, 0]
            pair = before << chars | last
            slot = three[slot_for(pair << chars | number, narrow, three)]
            if slot:
                steps += slot & low
            else:
                steps += two[slot_for(pair, wide, two)] & low
                slot = two[slot_for(last << chars | number, wide, two)]
                if slot:
                    steps += slot >> narrow & low
                else:
                    total += one[last, 1] + one[number, 0]
            before, last = last, number
        bits[row] = total + rare + steps / STEPS
        alone[row] = single + rare
        counts[row] = count
