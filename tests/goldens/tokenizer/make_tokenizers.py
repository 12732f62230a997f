#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tiny tokenizers of every kind that is read, and their reference figures.

usage: make_tokenizers.py [OUT_DIR]           (default: beside this script)
       make_tokenizers.py --files FOLDER      each tokenizer.json of tokenizers.json as a file, for the fuzz target
tokenizers.json     by name: a tokenizer.json, trained on the strings of make.py, and for each string the ids that tokenizers gives with
                    special tokens, the ids of the string as plain text, and what the former decode to
sentencepiece.json  ids and pieces by sentencepiece for two models trained on the same strings
bpe.model, unigram.model, bpe.gguf   those models; the first also as a GGUF file without tensors (SentencePiece scores)
Made with tokenizers 0.22.2, sentencepiece 0.2.3, gguf 0.19.0 (Python 3.11).
"""
import io, json, pathlib, re, sys
import gguf, sentencepiece
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from make import CONTRACTIONS, TAIL, TEXTS

CASES = [t for t in TEXTS[::2] if len(t) < 60] + [
    'x' * 70 + ' ' * 40 + '7' * 30, '<s>', '</s>', 'a<s>b', ' <s> ', '<s></s>', '<mask> x', 'a <mask> b', 'a  <mask>  b', '\u3000<mask>\u2003<mask>', 'word', 'a word', 'wordy', 'sword', 'word\u0301', 'word\U0001ccf0', '(word)', 'wordword word',
    'Caf\u00e9', 'Cafe\u0301', 'a Cafe\u0301 b', 'x  New York  y', 'New York', 'aNew York', '<<mask>>', '\u2581', 'a\u2581b', ' \u2581 ', '<0x41>', '<0x0A><0xFF>', '\u212b\u2126 \ufb01 \u00bd \u00b5', '\u1e9b\u0323', 'q\u0307\u0323', '\uac01\u1100\u1161\u11a8', '\u0344',
    'a\u0315\u0300\u05ae\u0062', '\U00011938 \U00011935\U00011930', '\u32ff \ua7f2 \U00010781', '\U0001d15e', 'ABCdef GHI jklMN', '\u00c9COLE a\u00c9b', "we'LL x'S", '1234567 12', 'a/b//\n/', '...\n\n  x', 'a--b -- c', 'xx--', '--xx', '----', ' a ', 'tail ',
]
ADDED = [AddedToken('<mask>', special=True, normalized=False, lstrip=True, rstrip=True), AddedToken('word', special=False, normalized=False, single_word=True),
         AddedToken('Caf\u00e9', special=False, normalized=True), AddedToken('New York', special=False, normalized=True, lstrip=True)]
SPECIAL = ['<unk>', '<s>', '</s>']
split = lambda pattern, behavior='isolated', invert=False: pre_tokenizers.Split(Regex(pattern), behavior, invert)
TEKKEN = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
          r"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
POSSESSIVE = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s"


def byte_level(*splits, prefix=False, regex=False):
    return pre_tokenizers.Sequence([*splits, pre_tokenizers.ByteLevel(add_prefix_space=prefix, use_regex=regex)])


def spaces(metaspace):
    last = [decoders.Strip(' ', 1, 0)] if metaspace else []
    return decoders.Sequence([decoders.Replace('\u2581', ' '), decoders.ByteFallback(), decoders.Fuse(), *last])


N, P, D = normalizers, pre_tokenizers, decoders
BEFORE, AROUND = '<s> $A', '<s> $A </s>'
# name: byte-level?, normalizer, pre-tokenizer, decoder, post-processor's template, options of the model
KINDS = {
    'gpt2': (True, None, P.ByteLevel(add_prefix_space=False), D.ByteLevel(), None, {}),
    'prefixed bytes': (True, N.NFKC(), byte_level(P.Digits(individual_digits=False), prefix=True, regex=True), D.ByteLevel(), AROUND, {}),
    'llama3': (True, None, byte_level(split(CONTRACTIONS + r'\p{N}{1,3}' + TAIL)), D.ByteLevel(), BEFORE, {'ignore_merges': True}),
    'qwen2': (True, N.NFC(), byte_level(split(CONTRACTIONS + r'\p{N}' + TAIL)), D.ByteLevel(), None, {}),
    'tekken': (True, None, byte_level(split(TEKKEN)), D.ByteLevel(), BEFORE, {}),
    'possessive': (True, N.NFD(), byte_level(split(POSSESSIVE)), D.ByteLevel(), None, {}),
    'deepseek': (True, None, byte_level(split('[\r\n]'), split(r'\s?\p{L}+'), split(r'\s?\p{P}+'), split('[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+'), P.Digits(individual_digits=True)), D.ByteLevel(), BEFORE, {}),
    'prepend': (False, N.Sequence([N.Prepend('\u2581'), N.Replace(' ', '\u2581')]), None, spaces(True), BEFORE, {'byte_fallback': True, 'fuse_unk': True}),
    'metaspace first': (False, None, P.Metaspace(prepend_scheme='first', split=False), spaces(True), BEFORE, {'byte_fallback': True, 'fuse_unk': True}),
    'metaspace always': (False, N.Strip(left=True, right=True), P.Sequence([P.Metaspace(prepend_scheme='always')]), D.Metaspace(prepend_scheme='always'), AROUND, {'fuse_unk': True}),
    'metaspace never': (False, N.NFKD(), P.Metaspace(prepend_scheme='never', split=True), D.Metaspace(prepend_scheme='never'), None, {'fuse_unk': False}),
    'gemma': (False, N.Replace(' ', '\u2581'), P.Split(' ', 'merged_with_previous'), spaces(False), BEFORE, {'byte_fallback': True}),
    'words': (False, N.Replace(Regex(r'\s+'), ' '), P.Whitespace(), None, None, {}),
    'punctuation': (False, None, P.Sequence([P.WhitespaceSplit(), P.Punctuation('contiguous')]), D.Fuse(), None, {'fuse_unk': True}),
    'dashes with the next': (False, None, split('-', 'merged_with_next'), D.Fuse(), None, {}),
    'dashes with the one before': (False, None, split('-', 'merged_with_previous'), D.Fuse(), None, {}),
    'letters only': (False, None, split(r'[^\W\d]+'.replace(r'[^\W\d]', r'\p{Alphabetic}'), 'removed', invert=True), D.Fuse(), None, {}),
    'runs of letters': (False, None, split(r'\p{L}', 'contiguous'), D.Fuse(), None, {}),
}


def train(byte, normalizer, pre, decoder, template, options):
    t = Tokenizer(models.BPE(unk_token=None if byte else '<unk>', **options))
    t.normalizer, t.pre_tokenizer, t.decoder = normalizer, pre, decoder
    alphabet = P.ByteLevel.alphabet() if byte else [f'<0x{b:02X}>' for b in range(256)] if options.get('byte_fallback') else []
    bytes_first = [] if byte else alphabet
    trainer = trainers.BpeTrainer(vocab_size=len(alphabet) + 300, show_progress=False, initial_alphabet=alphabet if byte else [], limit_alphabet=150,
                                  special_tokens=SPECIAL + bytes_first)
    t.train_from_iterator([x for x in TEXTS if len(x) < 120], trainer)
    data = json.loads(t.to_str())
    data['added_tokens'] = [a for a in data['added_tokens'] if a['content'] in SPECIAL]  # bytes are the model's only
    t = Tokenizer.from_str(json.dumps(data))
    t.add_tokens(ADDED)
    if template:
        end = processors.TemplateProcessing(single=template, special_tokens=[('<s>', t.token_to_id('<s>')), ('</s>', t.token_to_id('</s>'))])
        t.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), end]) if byte else end
    return t


def tokenizers():
    result = {}
    for number, (name, kind) in enumerate(KINDS.items()):
        t = train(*kind)
        cases = []
        for text in CASES:
            ids = t.encode(text).ids
            t.encode_special_tokens = True
            plain = t.encode(text, add_special_tokens=False).ids
            t.encode_special_tokens = False
            cases.append([text, ids, plain, t.decode(ids, skip_special_tokens=False)])
        data = json.loads(t.to_str())
        if number % 2 and not any(' ' in part for merge in data['model']['merges'] for part in merge):  # the older layout
            data['model']['merges'] = [' '.join(m) for m in data['model']['merges']]
        result[name] = {'tokenizer': data, 'cases': cases}
    return result


def sentencepiece_models(out):
    result = {}
    for kind, options in (('bpe', dict(byte_fallback=True, normalization_rule_name='identity', remove_extra_whitespaces=False, user_defined_symbols=['[INST]'])),
                          ('unigram', dict(normalization_rule_name='identity'))):
        model = io.BytesIO()
        sentences = [t.replace('\x00', '') for t in TEXTS if t.strip() and len(t) < 120] * 3
        sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(sentences), model_writer=model, model_type=kind, vocab_size=900,
                                                 character_coverage=0.98, hard_vocab_limit=False, minloglevel=2, **options)
        (out / f'{kind}.model').write_bytes(model.getvalue())
        p = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
        # In runs of one character unigram segmentations tie, which versions of the library break differently.
        result[kind] = {'cases': [[text, p.encode(text)] for text in CASES if kind == 'bpe' or not re.search(r'(.)\1\1', text)]}
        if kind == 'bpe':
            write_gguf(out / 'bpe.gguf', p)
    return result


def write_gguf(path, p):
    w = gguf.GGUFWriter(path, 'llama')
    kinds = [gguf.TokenType.UNKNOWN if p.is_unknown(i) else gguf.TokenType.CONTROL if p.is_control(i) else gguf.TokenType.BYTE if p.is_byte(i) else
             gguf.TokenType.USER_DEFINED if p.id_to_piece(i) == '[INST]' else gguf.TokenType.NORMAL for i in range(len(p))]
    w.add_tokenizer_model('llama')
    w.add_tokenizer_pre('default')
    w.add_token_list([p.id_to_piece(i) for i in range(len(p))])
    w.add_token_scores([p.get_score(i) for i in range(len(p))])
    w.add_token_types(kinds)
    w.add_bos_token_id(p.bos_id())
    w.add_eos_token_id(p.eos_id())
    w.add_unk_token_id(p.unk_id())
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.close()


if sys.argv[1:2] == ['--files']:
    for number, value in enumerate(json.loads((pathlib.Path(__file__).parent / 'tokenizers.json').read_text()).values()):
        (pathlib.Path(sys.argv[2]) / f'{number}.json').write_text(json.dumps(value['tokenizer']))
elif __name__ == '__main__':
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent
    for name, value in (('tokenizers', tokenizers()), ('sentencepiece', sentencepiece_models(out))):
        lines = [json.dumps(k) + ': ' + json.dumps(v, separators=(',', ':')) for k, v in value.items()]
        (out / (name + '.json')).write_text('{\n' + ',\n'.join(lines) + '\n}\n')
