#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes probe.json: probe cases of the default model with the scores that transformers gives each head, in float32.

usage: make.py MODEL.gguf HF_DIR [OUT]
MODEL.gguf is the default model, HF_DIR the same model's Hugging Face directory (for its tokenizer). The prompts are built here from the
definition, not by the program: template prefix + haystack[:p] + needle + haystack[p:room] + question + template suffix, each part
tokenised by itself. Attention comes from eager attention with output_attentions; Eq. 1 and Eq. 2 are a few lines of numpy.
Made with torch 2.15.0, transformers 5.2.0, tokenizers 0.22.2, gguf 0.19.0, numpy 2.4.6.
"""
import json, os, pathlib, sys
os.environ.update(HF_HUB_OFFLINE='1', HF_HUB_DISABLE_PROGRESS_BARS='1', TQDM_DISABLE='1')
import numpy, torch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM

ROOT = pathlib.Path(__file__).resolve().parents[3]
PREFIX = '<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n<|im_start|>user\n'
SUFFIX = '<|im_end|>\n<|im_start|>assistant\n'
LEAD = '\n\nAnswer from the text above, in a few words. '
NEW_TOKENS, END = 12, 2
CASES = [('retrieval', 0, 160, 0.5), ('retrieval', 2, 240, 0.2), ('enhanced', 5, 200, 1.0), ('enhanced', 7, 260, 0.4),
         ('reasoning', 0, 220, 0.6), ('reasoning', 5, 180, 0.0)]  # kind, line of its needle file, length, depth
FORCED = [('retrieval', 1, 180, 0.3), ('enhanced', 4, 210, 0.7), ('reasoning', 2, 230, 0.4), ('reasoning', 7, 190, 1.0)]
MASKED = [('enhanced', 1, 190, 0.6, ['3-2', '4-4', '7-0'])]  # with heads whose output is zero


def prompt(t, hay, needle, length, depth):
    enc = lambda s: t.encode(s, add_special_tokens=False).ids
    ids, text = enc(needle['needle']), needle['needle'].encode()
    begin = text.index(needle['answer'].encode()); end = begin + len(needle['answer'].encode())
    offset, span = 0, []
    for i, x in enumerate(ids):
        n = len(t.decode([x], skip_special_tokens=False).encode())  # the needles are ASCII, so a token is its text
        if offset + n > begin and offset < end: span.append(i)
        offset += n
    room = length - len(ids)
    p = room if depth >= 1 else int(room * depth)
    while 0 < p < room and '.' not in t.decode([hay[p - 1]]): p -= 1
    head = enc(PREFIX) + hay[:p]
    return head + ids + hay[p:room] + enc(LEAD + needle['question']) + enc(SUFFIX), (len(head) + span[0], len(head) + span[-1] + 1)


def score(kind, a, span, held, emitted):
    """One step: attention a [L, H, n] of the query that led to `emitted`, over the tokens `held`."""
    n = span[1] - span[0]
    if kind == 'retrieval':
        top = a.argmax(-1)
        return ((top >= span[0]) & (top < span[1]) & (numpy.array(held)[top] == emitted)) / n
    order = numpy.argsort(-a, -1, kind='stable')[..., :n]
    return (numpy.take_along_axis(a, order, -1) * ((order >= span[0]) & (order < span[1]))).sum(-1) / n


def generate(m, kind, ids, span):
    scores, emitted = 0, []
    with torch.inference_mode():
        cache = m(torch.tensor([ids[:-1]]), use_cache=True).past_key_values
        x = ids[-1]
        while len(emitted) < NEW_TOKENS:
            out = m(torch.tensor([[x]]), past_key_values=cache, use_cache=True, output_attentions=True)
            x = int(out.logits[0, -1].argmax())
            a = numpy.stack([layer[0, :, -1].numpy() for layer in out.attentions])
            scores = scores + score(kind, a, span, ids + emitted, x)
            emitted.append(x)
            if x == END: break
    return emitted, scores


def force(m, kind, ids, span, answer):
    """The answer's tokens in one pass; what the model would have emitted at each step."""
    with torch.inference_mode():
        out = m(torch.tensor([ids + answer[:-1]]), output_attentions=True)
    last = len(ids) - 1
    a = numpy.stack([layer[0].numpy() for layer in out.attentions])  # [L, H, n, n]
    scores = sum(score(kind, a[:, :, last + i, :last + i + 1], span, ids + answer[:i], x) for i, x in enumerate(answer))
    return out.logits[0, last:].argmax(-1).tolist(), scores


def mask(m, heads):
    """Hooks that set heads' outputs to zero."""
    dim = m.config.head_dim if getattr(m.config, 'head_dim', None) else m.config.hidden_size // m.config.num_attention_heads
    hooks = []
    for layer, block in enumerate(m.model.layers):
        mine = [int(h.split('-')[1]) for h in heads if int(h.split('-')[0]) == layer]

        def zero(module, args, mine=mine):
            x = args[0].clone()
            for h in mine: x[..., h * dim:(h + 1) * dim] = 0
            return (x,)
        hooks.append(block.self_attn.o_proj.register_forward_pre_hook(zero))
    return hooks


def main():
    gguf_path = os.path.abspath(sys.argv[1])
    m = AutoModelForCausalLM.from_pretrained(os.path.dirname(gguf_path), gguf_file=os.path.basename(gguf_path), dtype=torch.float32,
                                             attn_implementation='eager').eval()
    t = Tokenizer.from_file(sys.argv[2] + '/tokenizer.json')
    hay = t.encode((ROOT / 'resources/haystack/built-in.txt').read_text(), add_special_tokens=False).ids
    cases = []
    for kind, line, length, depth, *masked in CASES + FORCED + MASKED:
        name = 'reasoning' if kind == 'reasoning' else 'facts'
        needle = json.loads((ROOT / f'resources/needles/{name}.jsonl').read_text().split('\n')[line])
        ids, span = prompt(t, hay, needle, length, depth)
        scoring = 'forced' if (kind, line, length, depth) in FORCED else 'generated'
        hooks = mask(m, masked[0]) if masked else []
        if scoring == 'forced':
            emitted, scores = force(m, kind, ids, span, t.encode(needle['answer'], add_special_tokens=False).ids)
        else:
            emitted, scores = generate(m, kind, ids, span)
        for hook in hooks: hook.remove()
        cases.append(dict(kind=kind, scoring=scoring, masked=masked[0] if masked else [], needle=needle, length=length, depth=depth,
                          prompt_ids=ids, span=span, emitted_ids=emitted, scores=[round(float(s), 6) for s in scores.ravel()]))
    out = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else pathlib.Path(__file__).parent / 'probe.json'
    out.write_text('[\n' + ',\n'.join(json.dumps(c, separators=(',', ':')) for c in cases) + '\n]\n')


if __name__ == '__main__': main()
