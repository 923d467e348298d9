"""Where the records of a csv text begin and end: the state machine of Python's ``csv`` module, compiled.

It reads no cell; it tells which records are so regular that any reader of csv takes them for the same.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from curate.algorithms.kernels import compiled

#: states of the machine
START_RECORD, START_FIELD, IN_FIELD, IN_QUOTED, QUOTE_IN_QUOTED = range(5)
#: flags of a record: a quote where none belongs, a line that ends with a carriage return alone, or a byte order
#: mark; bytes that did not decode (``UNDECODABLE`` in UTF-8)
ODD, MARKED = 1, 2
LINE_FEED, RETURN, QUOTE = 10, 13, 34


@compiled
def records(data, start, line, delimiter, final, begins, ends, lines, cells, flags):  # type: ignore[no-untyped-def]
    """The records of UTF-8 ``data`` from ``start`` on; blank lines are none.

    Args:
        line: number of the line that begins at ``start``.
        final: nothing comes behind ``data``; else a record without its line's end is left for later.
        begins, ends, lines, cells, flags: filled, an item a record; ends behind the line's end.

    Returns:
        records found, where the first byte that belongs to none is, its line, and whether a quote is open there.
    """
    state, count, flag, commas = START_RECORD, 0, 0, 0
    begin, begin_line, place, size = start, line, start, len(data)
    while place < size:
        byte = data[place]
        place += 1
        ended = byte in (LINE_FEED, RETURN)
        if ended:
            if byte == RETURN:
                if place == size and not final:
                    break  # a line feed may follow
                if place < size and data[place] == LINE_FEED:
                    place += 1
                elif state != IN_QUOTED:
                    flag |= ODD
            line += 1
        if state == IN_QUOTED:
            if byte == QUOTE:
                state = QUOTE_IN_QUOTED
        elif ended:
            if state != START_RECORD:
                begins[count], ends[count], lines[count] = begin, place, begin_line
                cells[count], flags[count] = commas + 1, flag
                count += 1
            state, flag, commas = START_RECORD, 0, 0
            begin, begin_line = place, line
        elif byte == delimiter:
            state = START_FIELD
            commas += 1
        elif byte == QUOTE:
            if state <= START_FIELD or state == QUOTE_IN_QUOTED:
                state = IN_QUOTED
            else:
                flag |= ODD
        else:
            if state == QUOTE_IN_QUOTED:
                flag |= ODD
            state = IN_FIELD
        if byte == 0x90 and place > 2 and data[place - 2] == 0xB7 and data[place - 3] == 0xEF:
            flag |= MARKED
        if byte == 0xBF and place == begin + 3 and data[begin] == 0xEF and data[begin + 1] == 0xBB:
            flag |= ODD  # where files were put together; other readers lose it
    if final and begin < size and state not in (START_RECORD, IN_QUOTED):
        begins[count], ends[count], lines[count] = begin, size, begin_line
        cells[count], flags[count] = commas + 1, flag
        return count + 1, size, line, False
    return count, begin, begin_line, state == IN_QUOTED


def room(data: npt.NDArray[np.uint8]) -> int:
    """The most records that ``data`` can hold."""
    return int(np.count_nonzero(data == LINE_FEED) + np.count_nonzero(data == RETURN)) + 1
