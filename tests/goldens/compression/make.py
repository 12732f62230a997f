#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tiny random Llama models of several group sizes, and what an independent computation in numpy says of compressing
their caches: compression.json. Needs numpy 2, safetensors 0.6, torch 2 and transformers 5 (which checks the numpy model).

For each model, method and granularity: a prompt, the positions that each list keeps, the log-probabilities of 64 fed
tokens under attention to those positions alone, then a second turn and what is kept after it.
"""
import json
import math
from pathlib import Path

import numpy as np
import safetensors.numpy
import torch
import transformers

HERE = Path(__file__).parent
SHAPES = {'g1': (4, 4), 'g3': (6, 2), 'g4': (4, 1), 'g8': (8, 1)}  # query heads, KV heads
LAYERS, HIDDEN, DIM, FEED, VOCABULARY, CONTEXT = 3, 24, 8, 32, 48, 256
PROMPT, STEPS, TURN = 90, 64, 30
BUDGET, WINDOW, KERNEL, SINKS = 24, 8, 7, 4
ALPHA, RETRIEVAL = 0.2, 0.15
BETA = {'headkv': 1.2, 'pyramidkv': 20}
METHODS = ('full', 'streaming', 'h2o', 'snapkv', 'pyramidkv', 'ada-snapkv', 'razor', 'headkv')


def make_model(name, heads, groups):
    rng = np.random.default_rng(sum(map(ord, name)))
    # Large queries and keys: attention that is far from even leaves no near ties.
    def matrix(rows, columns, scale):
        return (rng.normal(size=(rows, columns)) * scale / math.sqrt(columns)).astype(np.float16)
    weights = {'model.embed_tokens.weight': matrix(VOCABULARY, HIDDEN, 5),
               'model.norm.weight': np.ones(HIDDEN, np.float16)}
    for layer in range(LAYERS):
        at = f'model.layers.{layer}.'
        weights |= {at + 'self_attn.q_proj.weight': matrix(heads * DIM, HIDDEN, 1.5),
                    at + 'self_attn.k_proj.weight': matrix(groups * DIM, HIDDEN, 1.5),
                    at + 'self_attn.v_proj.weight': matrix(groups * DIM, HIDDEN, 1),
                    at + 'self_attn.o_proj.weight': matrix(HIDDEN, heads * DIM, 1),
                    at + 'mlp.gate_proj.weight': matrix(FEED, HIDDEN, 1),
                    at + 'mlp.up_proj.weight': matrix(FEED, HIDDEN, 1),
                    at + 'mlp.down_proj.weight': matrix(HIDDEN, FEED, 1),
                    at + 'input_layernorm.weight': (1 + rng.normal(size=HIDDEN) / 8).astype(np.float16),
                    at + 'post_attention_layernorm.weight': (1 + rng.normal(size=HIDDEN) / 8).astype(np.float16)}
    config = {'architectures': ['LlamaForCausalLM'], 'model_type': 'llama', 'hidden_size': HIDDEN,
              'intermediate_size': FEED, 'num_hidden_layers': LAYERS, 'num_attention_heads': heads,
              'num_key_value_heads': groups, 'head_dim': DIM, 'vocab_size': VOCABULARY, 'rms_norm_eps': 1e-5,
              'max_position_embeddings': CONTEXT, 'rope_theta': 10000.0, 'tie_word_embeddings': True,
              'hidden_act': 'silu', 'torch_dtype': 'float16'}
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    (folder / 'config.json').write_text(json.dumps(config, indent=1) + '\n')
    safetensors.numpy.save_file(weights, folder / 'model.safetensors', metadata={'format': 'pt'})
    return {key: value.astype(np.float64) for key, value in weights.items()}


class List:
    """What a list (a query head's or a KV head's) holds; weights: how many tokens an entry stands for."""
    def __init__(self):
        self.positions = np.zeros(0, int)
        self.keys = np.zeros((0, DIM))
        self.values = np.zeros((0, DIM))
        self.weights = np.zeros(0)

    def extended(self, positions, keys, values):
        other = List()
        other.positions = np.concatenate([self.positions, positions])
        other.keys = np.concatenate([self.keys, keys])
        other.values = np.concatenate([self.values, values])
        other.weights = np.concatenate([self.weights, np.ones(len(positions))])
        return other

    def taken(self, indices, compensate):
        other = List()
        for field in ('positions', 'keys', 'values', 'weights'):
            setattr(other, field, getattr(self, field)[indices])
        dropped = np.setdiff1d(np.arange(len(self.positions)), indices)
        if compensate and len(dropped):
            weights = self.weights[dropped]
            mean = lambda rows: (weights @ rows[dropped] / weights.sum())[None]
            other.positions = np.concatenate([[-1], other.positions])
            other.keys = np.concatenate([mean(self.keys), other.keys])
            other.values = np.concatenate([mean(self.values), other.values])
            other.weights = np.concatenate([[weights.sum()], other.weights])
        return other


def rows(queries, positions, entries):
    """Attention [T, n] of queries at positions over entries, causal."""
    scores = queries @ entries.keys.T / math.sqrt(DIM) + np.log(entries.weights)
    scores[entries.positions[None, :] > positions[:, None]] = -np.inf
    scores = np.exp(scores - scores.max(1, keepdims=True))
    return scores / scores.sum(1, keepdims=True)


def pooled(scores):
    padded = np.pad(scores, KERNEL // 2, constant_values=-np.inf)
    return np.lib.stride_tricks.sliding_window_view(padded, KERNEL).max(1)


def best(scores, count):
    return np.sort(np.lexsort((np.arange(len(scores)), -scores))[:count])


class Run:
    def __init__(self, weights, heads, groups, method, granularity, importance):
        self.weights, self.heads, self.groups, self.method = weights, heads, groups, method
        self.kv = granularity == 'kv-head'
        self.lists = groups if self.kv else heads
        self.shared = heads // self.lists  # query heads a list
        by_list = np.array(importance).reshape(LAYERS * self.lists, -1).mean(1)
        self.importance = by_list / by_list.sum()
        self.cache = [[List() for _ in range(self.lists)] for _ in range(LAYERS)]
        self.length = 0

    def capacities(self, layer, tokens, scores):
        b, room = BUDGET - WINDOW, tokens - WINDOW
        m = self.method
        if m == 'full':
            return [room] * self.lists
        if m == 'pyramidkv':
            least = b // BETA[m]
            most = 2 * b - least
            if most >= room:
                most, least = room, 2 * b - room
            return [most - layer * ((most - least) // (LAYERS - 1))] * self.lists
        if m == 'ada-snapkv':
            if max(map(len, scores)) <= b:
                return [b] * self.lists
            flat = sorted(((-s, t, i) for i, row in enumerate(scores) for t, s in enumerate(row)))[:b * self.lists]
            taken = np.bincount([i for _, _, i in flat], minlength=self.lists)
            return [round(float(n * (1 - ALPHA) + int(b * ALPHA))) for n in taken]
        if m == 'razor':
            count = round(RETRIEVAL * LAYERS * self.lists)
            order = np.argsort(-self.importance, kind='stable')[:count]
            return [room if layer * self.lists + i in order else b for i in range(self.lists)]
        if m == 'headkv':
            q = b // BETA[m]
            everything = np.rint(self.importance * (q * LAYERS * self.lists) + (b - q)).astype(int)
            return list(everything[layer * self.lists:(layer + 1) * self.lists])
        return [b] * self.lists

    def compress(self, layer, queries, candidates):
        """queries [H, T, DIM] of this turn."""
        turn = queries.shape[1]
        positions = np.arange(self.length, self.length + turn)
        groups = queries.reshape(self.lists, self.shared, turn, DIM)
        window = min(WINDOW, turn)
        scores = []
        for i, entries in enumerate(candidates):
            first = int(entries.positions[0] < 0)
            if self.method == 'h2o':
                sums = np.mean([rows(q, positions, entries).sum(0) for q in groups[i]], 0)
                scores.append(sums[first:-WINDOW])
            else:
                seen = [rows(q[-window:], positions[-window:], entries) for q in groups[i]]
                mean = np.mean(seen, (0, 1))[:-WINDOW]
                scores.append(pooled(mean)[first:])
        longest = max(len(entries.positions) for layer_lists in self.before for entries in layer_lists) + turn
        kept = []
        for i, capacity in enumerate(self.capacities(layer, longest, scores)):
            entries = candidates[i]
            first = int(entries.positions[0] < 0)
            count = len(entries.positions) - first
            if count - WINDOW <= capacity:
                kept.append(entries)
                continue
            if self.method in ('streaming', 'razor'):
                total = capacity + WINDOW
                indices = np.concatenate([np.arange(SINKS), np.arange(count - total + SINKS, count)])
            else:
                indices = np.concatenate([best(scores[i], capacity), np.arange(count - WINDOW, count)])
            kept.append(entries.taken(indices + first, self.method == 'razor'))
        return kept

    def feed(self, ids, prompt):
        """Log-probabilities [V] behind the last token."""
        w = self.weights
        self.before = [list(lists) for lists in self.cache]
        hidden = w['model.embed_tokens.weight'][ids]
        positions = np.arange(self.length, self.length + len(ids))
        def norm(x, name):
            return x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-5) * w[name]
        angles = positions[:, None] * 10000.0 ** (-np.arange(0, DIM, 2) / DIM)
        cos, sin = (np.concatenate([f(angles)] * 2, 1) for f in (np.cos, np.sin))
        def rotate(x):  # [heads, T, DIM]
            return x * cos + np.concatenate([-x[..., DIM // 2:], x[..., :DIM // 2]], -1) * sin
        for layer in range(LAYERS):
            at = f'model.layers.{layer}.'
            x = norm(hidden, at + 'input_layernorm.weight')
            project = lambda name: (x @ w[at + f'self_attn.{name}_proj.weight'].T).reshape(len(ids), -1, DIM).swapaxes(0, 1)
            q, k, v = rotate(project('q')), rotate(project('k')), project('v')
            group = lambda i: i * self.groups // self.lists
            candidates = [entries.extended(positions, k[group(i)], v[group(i)])
                          for i, entries in enumerate(self.cache[layer])]
            output = np.stack([rows(q[h], positions, candidates[h // self.shared]) @ candidates[h // self.shared].values
                               for h in range(self.heads)], 1)
            self.cache[layer] = self.compress(layer, q, candidates) if prompt else candidates
            hidden = hidden + output.reshape(len(ids), -1) @ w[at + 'self_attn.o_proj.weight'].T
            x = norm(hidden, at + 'post_attention_layernorm.weight')
            gate = x @ w[at + 'mlp.gate_proj.weight'].T
            up = x @ w[at + 'mlp.up_proj.weight'].T
            hidden = hidden + (gate / (1 + np.exp(-gate)) * up) @ w[at + 'mlp.down_proj.weight'].T
        self.length += len(ids)
        logits = norm(hidden[-1], 'model.norm.weight') @ w['model.embed_tokens.weight'].T
        return logits - np.logaddexp.reduce(logits)

    def kept(self):
        return [[[int(p) for p in entries.positions if p >= 0] for entries in lists] for lists in self.cache]


def check_model(name, weights, heads, groups, ids):
    """The numpy model is transformers' Llama."""
    model = transformers.AutoModelForCausalLM.from_pretrained(HERE / name, dtype=torch.float32)
    with torch.no_grad():
        expected = torch.log_softmax(model(torch.tensor([ids])).logits[0, -1].double(), -1).numpy()
    run = Run(weights, heads, groups, 'full', 'kv-head', np.ones(LAYERS * heads))
    difference = np.abs(run.feed(np.array(ids), True) - expected).max()
    assert difference < 2e-5, difference


def main():
    rng = np.random.default_rng(7)
    prompt, fed, turn = (rng.integers(0, VOCABULARY, count) for count in (PROMPT, STEPS, TURN))
    result = {'versions': {'numpy': np.__version__, 'transformers': transformers.__version__},
              'prompt': prompt.tolist(), 'fed': fed.tolist(), 'turn': turn.tolist(),
              'settings': {'budget': BUDGET, 'window': WINDOW}, 'models': {}}
    for name, (heads, groups) in SHAPES.items():
        weights = make_model(name, heads, groups)
        check_model(name, weights, heads, groups, prompt.tolist())
        importance = np.round(rng.gamma(0.5, size=LAYERS * heads), 3)
        cases = []
        for method in METHODS:
            for granularity in ('query-head', 'kv-head'):
                if method == 'full' and granularity == 'query-head':
                    continue  # nothing is stored twice
                run = Run(weights, heads, groups, method, granularity, importance)
                first = run.feed(prompt, True)
                kept = run.kept()
                lengths = [[len(entries.positions) for entries in lists] for lists in run.cache]
                logprobs = [first[fed[0]]]
                for step in range(STEPS):
                    after = run.feed(fed[step:step + 1], False)
                    logprobs.append(after[fed[(step + 1) % STEPS]])
                run.feed(turn, True)
                cases.append({'method': method, 'granularity': granularity, 'kept': kept, 'lengths': lengths,
                              'logprobs': [round(float(value), 6) for value in logprobs], 'second_turn': run.kept()})
        result['models'][name] = {'importance': importance.tolist(), 'cases': cases}
    (HERE / 'compression.json').write_text(json.dumps(result, separators=(',', ':')) + '\n')


main()
