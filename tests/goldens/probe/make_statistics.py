#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes statistics.json: bootstrap intervals, split-half stability, Gini and Spearman of invented scores, by numpy.

usage: make_statistics.py [OUT]
Everything follows the definitions, not the program's code. Two ways: with the program's random numbers (the 64-bit Mersenne Twister of
the C++ standard, written out below from its definition), where every figure must be equal; and without any, over all splits into halves
there are, whose mean the program's average over many random splits must come near.
Made with numpy 2.4.6.
"""
import itertools, json, pathlib, sys
import numpy as np

LAYERS, HEADS, EXAMPLES, RESAMPLES, SPLITS, SEED = 3, 4, 10, 400, 30, 7


class Twister:
    """std::mt19937_64: w 64, n 312, m 156, r 31."""
    MASK = (1 << 64) - 1

    def __init__(self, seed):
        self.x = [seed]
        for i in range(1, 312):
            last = self.x[-1]
            self.x.append((6364136223846793005 * (last ^ (last >> 62)) + i) & self.MASK)
        self.at = 312

    def __call__(self):
        if self.at == 312:
            for i in range(312):
                y = (self.x[i] & ~0x7FFFFFFF & self.MASK) | (self.x[(i + 1) % 312] & 0x7FFFFFFF)
                self.x[i] = self.x[(i + 156) % 312] ^ (y >> 1) ^ (0xB5026F5AA96619E9 if y & 1 else 0)
            self.at = 0
        y = self.x[self.at]
        self.at += 1
        y ^= (y >> 29) & 0x5555555555555555
        y ^= (y << 17) & 0x71D67FFFEDA60000
        y ^= (y << 37) & 0xFFF7EEE000000000
        return (y ^ (y >> 43)) & self.MASK


def average_ranks(v):
    v = np.asarray(v)
    return np.array([(v < x).sum() + ((v == x).sum() + 1) / 2 for x in v])


def spearman(a, b):
    return float(np.corrcoef(average_ranks(a), average_ranks(b))[0, 1])


def main(out):
    rng = np.random.default_rng(3)
    strength = rng.gamma(0.5, 0.2, LAYERS * HEADS)
    scores = np.round(strength[:, None] * rng.uniform(0.2, 1.8, (LAYERS * HEADS, EXAMPLES)), 6)
    scores[5] = 0
    scores[9] = scores[2]  # ties
    heads = len(scores)

    random = Twister(SEED)
    means, ranks = [], []
    for _ in range(RESAMPLES):
        drawn = [random() % EXAMPLES for _ in range(EXAMPLES)]
        # A tie is decided by place: sums of equal lists are equal only where they are added in one order.
        mean = np.array([np.mean(np.sort(row[drawn])) for row in scores])
        order = sorted(range(heads), key=lambda i: (-mean[i], i))
        rank = np.empty(heads)
        rank[order] = np.arange(1, heads + 1)
        means.append(mean)
        ranks.append(rank)
    interval = lambda rows: np.quantile(np.array(rows), [0.025, 0.975], axis=0).T.tolist()

    random, half = Twister(SEED), EXAMPLES // 2
    cases, found = list(range(EXAMPLES)), {1: [], 2: [], 3: [], 5: []}
    for _ in range(SPLITS):
        for i in range(EXAMPLES, 1, -1):
            j = random() % i
            cases[i - 1], cases[j] = cases[j], cases[i - 1]
        for count, values in found.items():
            values.append(spearman(scores[:, sorted(cases[:count])].sum(1), scores[:, sorted(cases[half:half + count])].sum(1)))
    every = [spearman(scores[:, list(s)].sum(1), scores[:, [i for i in range(EXAMPLES) if i not in s]].sum(1))
             for s in itertools.combinations(range(EXAMPLES), half)]

    mean = scores.mean(1)
    groups = scores.reshape(LAYERS, 2, 2, EXAMPLES).mean(2).reshape(LAYERS * 2, EXAMPLES)
    document = {
        'layers': LAYERS, 'heads': HEADS, 'resamples': RESAMPLES, 'splits': SPLITS, 'seed': SEED, 'scores': scores.tolist(),
        'standard_errors': (scores.std(1, ddof=1) / np.sqrt(EXAMPLES)).tolist(),
        'gini': float(np.abs(mean[:, None] - mean[None, :]).sum() / (2 * heads**2 * mean.mean())),
        'means': interval(means), 'ranks': interval(ranks),
        'stability': [[count, float(np.mean(v)), float(np.std(v, ddof=1))] for count, v in found.items()],
        'every_split': float(np.mean(every)),
        'groups': groups.tolist(),
    }
    out.write_text(json.dumps(document, indent=None) + '\n')


main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).with_name('statistics.json'))
