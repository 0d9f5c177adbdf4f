# SPDX-License-Identifier: MIT
"""The one table of "make bench": each row a ratio, of two that were measured in turn."""

TAKEN = '*'
# Two that are this near are the same.
TOLERANCE = 1.05


def median(values):
    """The middle value, or the mean of the two middle ones."""
    values = sorted(values)
    half = len(values) // 2
    return values[half] if len(values) % 2 else (values[half - 1] + values[half]) / 2


def print_head(where):
    """Above the rows of each place in which something was measured."""
    print('\n%-52s %12s %12s %7s   %-11s' % (where, 'azfiles', 'peer', 'ratio', 'aim'))


def value(number, unit):
    """Three digits that count."""
    if number is None:
        return '-'
    digits = 0 if number >= 100 or number == int(number) else 1 if number >= 10 else 2
    return '%.*f %s' % (digits, number, unit) if unit else '%.*f' % (digits, number)


def print_row(what, ours, peer=None, unit='ms', *, most=None, times=None, taken=False):
    """MOST is the aim for OURS, TIMES that for the ratio. TAKEN: PEER was not measured now."""
    ratio = ours / peer if peer else None
    aims, missed = [], False
    if times is not None:
        aims.append('%.2gx' % times)
        missed = ratio is not None and ratio > times * TOLERANCE
    if most is not None:
        aims.append(value(most, unit))
        missed = missed or ours > most
    print('%-52s %12s %12s %7s   %-11s %s' % (
        what, value(ours, unit), value(peer, unit) + (TAKEN if taken else ''),
        '-' if ratio is None else '%.2f' % ratio if ratio >= 0.095 else '%.3f' % ratio,
        ', '.join(aims), '' if not aims else 'missed' if missed else 'met'), flush=True)
