#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tiny models with random weights of each family that the program reads, as Hugging Face directories and as GGUF, and their reference figures.

usage: make.py LLAMA_CPP [OUT_DIR]      (LLAMA_CPP: a checkout of llama.cpp, whose converter writes the GGUF files; OUT_DIR: default beside this script)
Writes NAME/config.json and NAME/model.safetensors (in shards for qwen3), NAME.gguf, and families.json: for each model the log-probability of each next token and the
attention rows of the last token, by transformers in float32 with plain (eager) attention. Variants of a family (scalings of its rotary embedding) share its weights:
their directories hold a config.json only, and `weights` names the directory with the tensors. llama-split-…: llama.gguf in parts.
Made with torch 2.15.0, transformers 5.2.0, safetensors 0.8.0, llama.cpp as vendored by llama-cpp-python 0.3.36 (gguf 0.19.0), numpy 2.4.6.
"""
import copy, json, logging, pathlib, shutil, sys
import torch, transformers

BASE = dict(vocab_size=64, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=64, rms_norm_eps=1e-5,
            pad_token_id=0, bos_token_id=1, eos_token_id=2, head_dim=8)
LLAMA3 = dict(rope_type='llama3', factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=16)
YARN = dict(rope_type='yarn', factor=4.0, original_max_position_embeddings=16)
LONGROPE = dict(rope_type='longrope', short_factor=[1.0, 1.1, 1.3, 1.4], long_factor=[1.0, 1.5, 2.5, 4.0], original_max_position_embeddings=24)
# name: (class, changes to BASE, directory of the weights or None for its own, GGUF too)
MODELS = {
    'llama': ('Llama', {}, None, True),
    'llama-tied': ('Llama', dict(tie_word_embeddings=True, attention_bias=True, mlp_bias=True), None, False),
    'llama-llama3': ('Llama', dict(rope_parameters=dict(LLAMA3, rope_theta=500000.0)), 'llama', True),
    'llama-linear': ('Llama', dict(rope_parameters=dict(rope_type='linear', factor=4.0, rope_theta=10000.0)), 'llama', True),
    'llama-dynamic': ('Llama', dict(max_position_embeddings=16, rope_parameters=dict(rope_type='dynamic', factor=2.0, rope_theta=10000.0)), 'llama', False),
    'llama-yarn': ('Llama', dict(rope_parameters=dict(YARN, rope_theta=10000.0)), 'llama', True),
    'llama-yarn-mscale': ('Llama', dict(rope_parameters=dict(YARN, rope_theta=10000.0, beta_fast=16.0, beta_slow=2.0, mscale=0.8, mscale_all_dim=0.5)), 'llama', False),
    'mistral': ('Mistral', dict(sliding_window=12), None, False),
    'mistral-full': ('Mistral', dict(sliding_window=None), 'mistral', True),
    'qwen2': ('Qwen2', dict(head_dim=None, use_sliding_window=True, sliding_window=10, max_window_layers=1), None, False),
    'qwen2-full': ('Qwen2', dict(head_dim=None, tie_word_embeddings=False), 'qwen2', True),
    'qwen3': ('Qwen3', dict(), None, True),
    'smollm3': ('SmolLM3', dict(num_hidden_layers=5, head_dim=None), None, True),
    'phi3': ('Phi3', dict(head_dim=None, sliding_window=20, tie_word_embeddings=False), None, False),
    'phi3-longrope': ('Phi3', dict(head_dim=None, hidden_size=32, rope_parameters=dict(LONGROPE, rope_theta=10000.0, partial_rotary_factor=1.0)), None, True),
    'gemma2': ('Gemma2', dict(sliding_window=12, query_pre_attn_scalar=8, num_hidden_layers=3), None, True),
    'gemma3': ('Gemma3Text', dict(sliding_window=12, query_pre_attn_scalar=8, num_hidden_layers=7), None, True),
}


def make(kind, changes):
    settings = {k: v for k, v in (BASE | changes).items() if v is not None or k == 'sliding_window'}
    config = getattr(transformers, {'Gemma3Text': 'Gemma3TextConfig'}.get(kind, kind + 'Config'))(**settings)
    config._attn_implementation = 'eager'
    torch.manual_seed(3)
    model = getattr(transformers, {'Gemma3Text': 'Gemma3ForCausalLM'}.get(kind, kind + 'ForCausalLM'))(config).eval().float()
    with torch.no_grad():
        for name, p in model.named_parameters():
            if p.ndim == 1:  # norms around one (Gemma's around zero), biases of some size
                p.add_(0.3 * torch.randn_like(p))
            else:
                p.copy_(torch.randn_like(p) * 1.5 / p.shape[1] ** 0.5)
            if 'q_proj.weight' in name or 'k_proj.weight' in name:
                p.mul_(2)
            p.copy_(p.bfloat16().float())  # so that files in bfloat16 hold the same model
        model.tie_weights()
    return model


def figures(model, ids):
    with torch.inference_mode():
        out = model(torch.tensor([ids]), output_attentions=True)
    logs = torch.log_softmax(out.logits[0].float(), -1)
    return dict(token_logprobs=[round(float(logs[i, ids[i + 1]]), 6) for i in range(len(ids) - 1)],
                last_attention=[[[round(float(v), 5) for v in head[-1]] for head in layer[0]] for layer in out.attentions])


def write_gguf(llama_cpp, directory, path, tensors_a_part=0):
    """By llama.cpp's converter, without a tokenizer; with tensors_a_part in several files (NAME-00001-of-0000N.gguf)."""
    sys.path.insert(0, str(llama_cpp)); sys.path.insert(1, str(llama_cpp / 'gguf-py'))
    import gguf
    from conversion import ModelBase, ModelType, get_model_architecture, get_model_class
    logging.disable(logging.CRITICAL)
    hparams = ModelBase.load_hparams(directory, False)
    cls = get_model_class(get_model_architecture(hparams, ModelType.TEXT))
    cls.set_vocab = lambda self: None
    cls(directory, gguf.LlamaFileType.MOSTLY_BF16 if path.stem in ('llama', 'llama-split') else gguf.LlamaFileType.ALL_F32, path, is_big_endian=False, use_temp_file=False, eager=False,
        metadata_override=None, model_name='Tiny ' + path.stem, split_max_tensors=tensors_a_part, split_max_size=0, dry_run=False, small_first_shard=False).write()


def main():
    llama_cpp = pathlib.Path(sys.argv[1])
    out = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else pathlib.Path(__file__).parent
    ids = [1] + torch.randint(3, 64, (39,), generator=torch.Generator().manual_seed(9)).tolist()
    result = dict(ids=ids, models={})
    for name, (kind, changes, weights, with_gguf) in MODELS.items():
        model = make(kind, changes)
        directory = out / name
        if directory.exists():
            shutil.rmtree(directory)
        saved = copy.deepcopy(model).bfloat16() if name in ('llama', 'qwen2') else model
        saved.save_pretrained(directory, **(dict(max_shard_size='14KB') if name == 'qwen3' else {}))
        for extra in directory.glob('generation_config.json'):
            extra.unlink()
        result['models'][name] = dict(weights=weights or name, gguf=with_gguf, **figures(model, ids))
        if with_gguf:
            if 'gemma' in name:  # the converter counts the tokens
                (directory / 'tokenizer.json').write_text(json.dumps(dict(model=dict(vocab={str(i): i for i in range(64)}), added_tokens=[])))
            write_gguf(llama_cpp, directory, out / (name + '.gguf'))
        if name == 'llama':
            write_gguf(llama_cpp, directory, out / 'llama-split.gguf', 8)
        for extra in [directory / 'tokenizer.json', *(directory.glob('model*') if weights else [])]:
            extra.unlink(missing_ok=True)
    (out / 'families.json').write_text(json.dumps(result, separators=(',', ':')))


main()
