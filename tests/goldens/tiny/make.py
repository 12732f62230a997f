#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the tiny models and their reference figures: random weights, the llama architecture, a byte-level vocabulary.

usage: make.py [OUT_DIR]      (default: beside this script)
Writes tiny-<type>.gguf for each tensor type that the program reads, tiny-vocabulary.gguf (no tensors) and tiny.json: for fixed ids,
the log-probability of each next token by transformers in float32 from the dequantised weights, the attention rows of the last token,
and a greedy continuation.
Made with torch 2.15.0, transformers 5.2.0, gguf 0.19.0, numpy 2.4.6.
"""
import json, pathlib, sys
import gguf, numpy, torch, transformers

TYPES = {'f32': gguf.GGMLQuantizationType.F32, 'f16': gguf.GGMLQuantizationType.F16, 'bf16': gguf.GGMLQuantizationType.BF16,
         'q8_0': gguf.GGMLQuantizationType.Q8_0, 'q4_0': gguf.GGMLQuantizationType.Q4_0, 'q4_1': gguf.GGMLQuantizationType.Q4_1}
LAYERS, HEADS, KV_HEADS, HEAD_DIM, HIDDEN, FEED_FORWARD, CONTEXT = 2, 4, 2, 16, 64, 96, 512
MERGES = ['Ġ t', 'h e', 'i n', 'Ġt he', 'a n', 'e r', 'Ġ a', 'o u', 'r e', 'Ġ s', 'Ġ w', 'o n', 'Ġa n', 'Ġan d', 'i s', 'i t', 'e n', 'e s', 'o r', 'Ġ o', 'Ġo f',
          'i ng', 'n g', 'in g', 'e d', 'a r', 'a t', 'Ġ i', 'Ġi n', 'Ġ b', 'l l']
SPECIAL = ['<|endoftext|>', '<|im_start|>', '<|im_end|>']
TEMPLATE = ("{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
            "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}")


def byte_characters():
    """GPT-2's printable character for each byte."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    return [chr(b) if b in plain else chr(256 + [c for c in range(256) if c not in plain].index(b)) for b in range(256)]


def vocabulary():
    tokens = SPECIAL + byte_characters()
    merges = [m for m in MERGES]
    known, kept = set(tokens), []
    for m in merges:
        a, b = m.split(' ')
        if a in known and b in known and a + b not in known:
            known.add(a + b); tokens.append(a + b); kept.append(m)
    return tokens, kept


def tensors(vocabulary_size):
    r = numpy.random.default_rng(7)
    matrix = lambda rows, columns: (r.standard_normal((rows, columns)) * 1.5 / numpy.sqrt(columns)).astype(numpy.float32)
    norm = lambda: (1 + 0.2 * r.standard_normal(HIDDEN)).astype(numpy.float32)
    t = {'token_embd.weight': matrix(vocabulary_size, HIDDEN), 'output_norm.weight': norm()}
    for i in range(LAYERS):
        p = f'blk.{i}.'
        t |= {p + 'attn_norm.weight': norm(), p + 'ffn_norm.weight': norm(),
              p + 'attn_q.weight': 2 * matrix(HEADS * HEAD_DIM, HIDDEN), p + 'attn_k.weight': 2 * matrix(KV_HEADS * HEAD_DIM, HIDDEN),
              p + 'attn_v.weight': matrix(KV_HEADS * HEAD_DIM, HIDDEN), p + 'attn_output.weight': matrix(HIDDEN, HEADS * HEAD_DIM),
              p + 'ffn_gate.weight': matrix(FEED_FORWARD, HIDDEN), p + 'ffn_up.weight': matrix(FEED_FORWARD, HIDDEN),
              p + 'ffn_down.weight': matrix(HIDDEN, FEED_FORWARD)}
    return t


def write(path, tokens, merges, weights, kind):
    """Writes the file; returns the weights as a reader will see them, after quantisation."""
    w = gguf.GGUFWriter(path, 'llama')
    w.add_name('Tiny ' + path.stem.removeprefix('tiny-').upper())
    w.add_block_count(LAYERS); w.add_embedding_length(HIDDEN); w.add_feed_forward_length(FEED_FORWARD); w.add_context_length(CONTEXT)
    w.add_head_count(HEADS); w.add_head_count_kv(KV_HEADS); w.add_layer_norm_rms_eps(1e-5); w.add_rope_freq_base(10000.0)
    w.add_rope_dimension_count(HEAD_DIM); w.add_vocab_size(len(tokens))
    w.add_tokenizer_model('gpt2'); w.add_tokenizer_pre('smollm'); w.add_token_list(tokens); w.add_token_merges(merges)
    w.add_token_types([gguf.TokenType.CONTROL] * len(SPECIAL) + [gguf.TokenType.NORMAL] * (len(tokens) - len(SPECIAL)))
    w.add_bos_token_id(1); w.add_eos_token_id(2); w.add_chat_template(TEMPLATE)
    seen = {}
    for name, data in weights.items():
        if data.ndim == 1 or kind == gguf.GGMLQuantizationType.F32:
            w.add_tensor(name, data); seen[name] = data
        else:
            packed = gguf.quantize(data, kind)
            w.add_tensor(name, packed, raw_dtype=kind); seen[name] = gguf.dequantize(packed, kind).astype(numpy.float32).reshape(data.shape)
    w.write_header_to_file(); w.write_kv_data_to_file(); w.write_tensors_to_file(); w.close()
    return seen


def reference(weights, vocabulary_size):
    """transformers' model of the weights. Files of this architecture hold rotary pairs side by side; transformers wants halves."""
    config = transformers.LlamaConfig(vocab_size=vocabulary_size, hidden_size=HIDDEN, intermediate_size=FEED_FORWARD, num_hidden_layers=LAYERS,
                                      num_attention_heads=HEADS, num_key_value_heads=KV_HEADS, head_dim=HEAD_DIM, max_position_embeddings=CONTEXT,
                                      rms_norm_eps=1e-5, rope_theta=10000.0, tie_word_embeddings=True, attn_implementation='eager')
    model = transformers.LlamaForCausalLM(config).eval()
    halves = lambda m, heads: m.reshape(heads, HEAD_DIM // 2, 2, HIDDEN).swapaxes(1, 2).reshape(m.shape)
    names = {'token_embd.weight': 'model.embed_tokens.weight', 'output_norm.weight': 'model.norm.weight'}
    for i in range(LAYERS):
        for a, b in {'attn_norm': 'input_layernorm', 'ffn_norm': 'post_attention_layernorm', 'attn_q': 'self_attn.q_proj', 'attn_k': 'self_attn.k_proj',
                     'attn_v': 'self_attn.v_proj', 'attn_output': 'self_attn.o_proj', 'ffn_gate': 'mlp.gate_proj', 'ffn_up': 'mlp.up_proj',
                     'ffn_down': 'mlp.down_proj'}.items():
            names[f'blk.{i}.{a}.weight'] = f'model.layers.{i}.{b}.weight'
    state = {}
    for name, data in weights.items():
        heads = HEADS if 'attn_q.' in name else KV_HEADS if 'attn_k.' in name else 0
        state[names[name]] = torch.from_numpy(numpy.ascontiguousarray(halves(data, heads) if heads else data))
    state['lm_head.weight'] = state['model.embed_tokens.weight']
    model.load_state_dict(state)
    return model


def figures(model, ids):
    with torch.inference_mode():
        out = model(torch.tensor([ids]), output_attentions=True)
        logs = torch.log_softmax(out.logits[0], -1)
        greedy, x = [], list(ids)
        for _ in range(12):
            x.append(int(model(torch.tensor([x])).logits[0, -1].argmax())); greedy.append(x[-1])
    return dict(token_logprobs=[round(float(logs[i, ids[i + 1]]), 6) for i in range(len(ids) - 1)], greedy=greedy,
                last_attention=[[[round(float(v), 6) for v in a[0, h, -1]] for h in range(HEADS)] for a in out.attentions])


def main():
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent
    tokens, merges = vocabulary()
    weights = tensors(len(tokens))
    ids = numpy.random.default_rng(11).integers(3, len(tokens), 48).tolist()
    result = dict(versions={m.__name__: m.__version__ for m in (torch, transformers, numpy)} | {'gguf': __import__('importlib.metadata').metadata.version('gguf')},
                  ids=ids, models={})
    for name, kind in TYPES.items():
        seen = write(out / f'tiny-{name}.gguf', tokens, merges, weights, kind)
        result['models'][name] = figures(reference(seen, len(tokens)), ids)
    write(out / 'tiny-vocabulary.gguf', tokens, merges, {}, TYPES['f32'])
    (out / 'tiny.json').write_text(json.dumps(result, separators=(',', ':')).replace('},', '},\n') + '\n')


if __name__ == '__main__': main()
