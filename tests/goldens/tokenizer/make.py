#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the reference figures of the text tests.

usage: make.py MODEL.gguf [OUT_DIR]      (MODEL: the default model; OUT_DIR: default beside this script)
smollm.json   ids of many strings by the default model's vocabulary, with special tokens read and as plain text
rules.json    the pieces into which each split rule cuts strings, and ids by a tiny vocabulary trained on them
metrics.json  unigram recall and token F1 by the published definitions
Strings that are not well-formed UTF-8 are given as hexadecimal bytes.
Made with tokenizers 0.22.2, gguf 0.19.0 (Python 3.11).
"""
import collections, json, pathlib, re, string, sys
import gguf
from tokenizers import AddedToken, Regex, Tokenizer, models, pre_tokenizers, trainers

TEXTS = [
    '', ' ', 'a', 'Hello, world!', 'The cat sat on the mat.', ' leading', 'trailing ', '  two', 'a  b   c    d', '\t', '\ttab', 'a\tb', ' \t \t', '\n', '\n\n', 'a\nb', 'a\n\nb',
    'line\r\nline\r\n', '\r', '\r\r\n', 'a \n b', ' \n ', '\n \n', 'x   \n\n   y', 'end.   ', 'tabs\t\tand  spaces ', '    indented', '\x0b\x0c', 'a\x0bb\x0cc',
    "I'm you're he's we've they'll I'd don't", "I'M YOU'RE HE'S WE'VE THEY'LL I'D DON'T", "'s 't 're 've 'm 'll 'd", "''s", "rock 'n' roll", "o'clock 'tis", 'it\u2019s \u2018so\u2019', "'\u017f x'\u017f", "'S'T",
    '0', '7', '42', '1234567890', '3.14159', '1,000,000', '-5', '2024-02-29', '12:34:56', 'a1b2c3', 'v2.0.1', '0x1F', '1e-9', '  5', ' 5 6', 'x  7', '5  ', '100%', '$9.99', '\u0663\u0664\u0665', '\u0967\u0968\u0969',
    '\uff11\uff12\uff13', 'x\u00b2+y\u00b3', '\u00bd cup', '\u2167 \u216b', '\u2460\u2461', '\u3007\u4e00\u4e8c', '\u00b9\u2070\u2074', '\U0001d7d8\U0001d7d9', '\u0e53\u0e54', '  \u0665', '\u19da\u09f4',
    'na\u00efve caf\u00e9 r\u00e9sum\u00e9', 'cafe\u0301', 'Stra\u00dfe \u00dcber', 'S\u00e3o Paulo', 'ma\u00f1ana \u00bfqu\u00e9?', 'Za\u017c\u00f3\u0142\u0107 g\u0119\u015bl\u0105', 'P\u0159\u00edli\u0161', 'T\u00fcrk\u00e7e \u0130\u0131',
    '\u0417\u0434\u0440\u0430\u0432\u0441\u0442\u0432\u0443\u0439 \u043c\u0438\u0440', '\u0393\u03b5\u03b9\u03b1 \u03c3\u03bf\u03c5', '\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd', '\u0645\u0631\u062d\u0628\u0627 \u0628\u0643', '\u0645\u064f\u062d\u064e\u0645\u0651\u064e\u062f', '\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645',
    '\u0928\u092e\u0938\u094d\u0924\u0947 \u0926\u0941\u0928\u093f\u092f\u093e', '\u09ac\u09be\u0982\u09b2\u09be', '\u0ba4\u0bae\u0bbf\u0bb4\u0bcd', '\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35', '\u1019\u103c\u1014\u103a\u1019\u102c', '\u10d2\u10d0\u10db\u10d0\u10e0', '\u0532\u0561\u0580\u0587', '\u12a0\u121b\u122d\u129b',
    '\u4f60\u597d\uff0c\u4e16\u754c\u3002', '\u3053\u3093\u306b\u3061\u306f', '\u30ab\u30bf\u30ab\u30ca\u30fc', '\uc548\ub155\ud558\uc138\uc694', '\u1112\u1161\u11ab', '\u0f56\u0f7c\u0f51', '\u1798\u1793\u17bb', '\u16a0\u16a2\u16a6', '\U00010330\U00010331', '\U00020000\U0002a6d6', 'mixed \u6df7\u5408 text \u0442\u0435\u043a\u0441\u0442',
    '\U0001f600', '\U0001f600\U0001f600 \U0001f680', '\U0001f44d\U0001f3fd', '\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466', '\U0001f3f3\ufe0f\u200d\U0001f308', '\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7', '1\ufe0f\u20e3', '\u2764\ufe0f', '\U0001f9d1\U0001f3ff\u200d\U0001f680!', '\u2603\ufe0e', '\U0001f3f4\U000e0067\U000e0062\U000e007f',
    'e\u0301\u0302\u0303', '\u0301', 'a\u0300 \u0300', 'Z\u0335\u0353a\u0334\u0347', '\u200b', 'a\u200bb', 'a\u200db', '\ufeffBOM', '\u00ad soft', 'a\u00a0b', '\u00a0\u00a0x', '\u3000\u5168\u89d2', '\u2003\u2003em', '\u2028\u2029', 'a\u2028b', 'x\u202fy', '\u1680o', '\u180ea', ' \u180e ', '\u205fz', '\u0085', 'a\u0085\u0085b',
    '\x00', 'a\x00b', '\x01\x02\x03', '\x04\x06\x13\x14\x16\x1d', 'a\x04b', '!\x06!', '\x1b[31mred\x1b[0m', '\x7f', '\x1c\x1d\x1e\x1f', 'a\x1fb', '\x80\x9f', '\ufffd', '\ufffd\ufffd a', '\ufffe\uffff', '\U0010ffff', '\U00040000', '\U000e0001', '\ue000\uf8ff', '\U000f0000',
    '<|im_start|>', '<|im_end|>', '<|endoftext|>', '<|im_start|>user\nHi<|im_end|>\n', '<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>assistant\n', 'a<|im_end|>b', ' <|im_end|> ', '<|im_end|><|im_end|>', '<|im_end', '|im_end|>', '<|im_ end|>', '<|IM_END|>', '<|<|im_end|>|>', '<|im_start|><|im_st', '<repo_name>x<file_sep>y',
    '<reponame>', '<repo_name', '<filename>a.py', '<gh_stars>10', '<issue_start>t<issue_comment>c<issue_closed>', '<jupyter_start><jupyter_text>n<jupyter_code>c<jupyter_output>o<jupyter_script>', '<empty_output>', '<s></s>', '[INST] x [/INST]', '<|eot_id|>', '<unk>', '  <|im_end|>  x', '5<|im_end|>5', "<|im_end|>'s",
    'def f(x):\n    return x ** 2\n', 'for (int i = 0; i < n; ++i) { a[i] += b[i]; }', '#include <vector>\n\nint main() {}\n', 'if x != None and y >= 3:', 'SELECT * FROM t WHERE id = 42;', '{"key": [1, 2.5, null, true]}', '<a href="x">y</a>', '\\frac{a}{b} \\alpha_1', 'ls -la | grep foo > out.txt 2>&1', 'https://example.org/a?b=c&d=%20#e',
    'camelCaseAndPascalCase snake_case_name SCREAMING_CASE', 'a.b.c(d)->e::f', '// comment\n/* block */', '\t\tif (a)\n\t\t\tb();\n', 'x=1;y=2', '=====', '-----', '...', '!?!?', '((((()))))', '"quoted" \'single\' `back`', '\u201ccurly\u201d \u00abguillemets\u00bb', 'em\u2014dash en\u2013dash', '\u2026', '\u00a9\u00ae\u2122', '\u20ac5 \u00a35 \u00a55', '\u2200x\u2208\u211d: x\u00b2\u22650', '\u2192\u2190\u21d2', '\u2500\u2502\u250c', '\u2588\u2591',
    'a' * 300, ' ' * 300, ' ' * 299 + 'x', '\n' * 100, '\t' * 65, '9' * 120, '!' * 200, 'ab' * 150, '\u4e2d' * 90, '\U0001f600' * 40, '\u0301' * 60, 'A' * 77 + ' ' * 33 + 'b', '\u00a0' * 30, ' \n' * 30 + 'z', '\r\n' * 40, '<|im_end|>' * 20, '<' * 100, '\u200d' * 20, "'" * 50, '. ' * 60,
    'Supercalifragilisticexpialidocious', 'antidisestablishmentarianism', 'iPhone 15 Pro\u2122', 'C++20 & C#', 'AT&T', 'U.S.A.', 'e.g., i.e., etc.', 'Mr. Smith\u2019s 2nd-floor flat', 'wow!!! really???', 'hEllO WoRLd', '   Mixed\u3000 \u00a0 spaces \t\n end', 'no\u2011break', '\u01c5\u01c8 titlecase', '\u02b0\u02b1 modifiers', '\ufb01\ufb02 ligatures', '\u1e9e\u017f',
    '\u1c89\u1c8a', '\ua7cb\ua7dc', ' \U00010d40\U00010d41', '  \U0001ccf0', ' \U00011de0', ' \U00016ff4', '\U00031350 \U0002ebf0', '\U00010d50 x', 'a\U0001e5f1b', '\u0378\u0379',
]
BROKEN = [b'\xff', b'a\xffb', b'\xc3', b'\xc3(', b'\xe2\x82', b'\xe2\x82A', b'\xf0\x9f\x98', b'\xf0\x9f\x98 \xf0\x9f', b'\xed\xa0\x80', b'\xed\xbf\xbf', b'\xc0\xaf', b'\xe0\x80\x80', b'\xf5\x80\x80\x80', b'\xf4\x90\x80\x80', b'\x80\x80',
          b'ok \xe4\xbd\xa0\xe5', b'<|im_end|>\xff<|im_end|>', b'\xf0\x80\x80\x80', b'\xfe\xff', b'\xef\xbf\xbd\xef\xbf']

CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"
TAIL = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
CASED = {'llama-bpe': CONTRACTIONS + r'\p{N}{1,3}' + TAIL, 'qwen2': CONTRACTIONS + r'\p{N}' + TAIL}


def splitter(rule):
    """The reference pre-tokenizer of a rule, ending in GPT-2's spelling of bytes."""
    if rule in CASED:
        return pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(CASED[rule]), 'isolated'), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    gpt2 = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    return gpt2 if rule == 'gpt-2' else pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), gpt2])


def smollm(path):
    fields = gguf.GGUFReader(path).fields
    get = lambda key: fields['tokenizer.ggml.' + key].contents()
    assert (get('model'), get('pre')) == ('gpt2', 'smollm'), 'not the default model'
    tokens, result = get('tokens'), []
    def make(special):
        t = Tokenizer(models.BPE(vocab={s: i for i, s in enumerate(tokens)}, merges=[tuple(m.split(' ')) for m in get('merges')]))
        t.pre_tokenizer = splitter('smollm')
        if special:
            t.add_special_tokens([AddedToken(s, normalized=False, special=True) for s, k in zip(tokens, get('token_type')) if k == gguf.TokenType.CONTROL])
        return t
    parse, plain = make(True), make(False)
    for text in TEXTS + BROKEN:
        name, text = ('hex', text) if isinstance(text, bytes) else ('text', text)
        decoded = text.decode('utf-8', 'replace') if name == 'hex' else text
        entry = {name: text.hex() if name == 'hex' else text, 'ids': parse.encode(decoded).ids}
        if (ids := plain.encode(decoded).ids) != entry['ids']:
            entry['plain_ids'] = ids
        result.append(entry)
    return result


def rules():
    result = {}
    for rule in ('smollm', 'gpt-2', 'llama-bpe', 'qwen2'):
        t = Tokenizer(models.BPE(ignore_merges=rule == 'llama-bpe'))
        t.pre_tokenizer = splitter(rule)
        t.train_from_iterator(TEXTS, trainers.BpeTrainer(vocab_size=700, show_progress=False, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
        model = json.loads(t.to_str())['model']
        if rule == 'llama-bpe':  # an entry that no merges lead to: only the look-up of whole pieces finds it
            model['vocab']['\u0120world'] = len(model['vocab'])
            t = Tokenizer(models.BPE(vocab=model['vocab'], merges=[tuple(m) for m in model['merges']], ignore_merges=True))
            t.pre_tokenizer = splitter(rule)
        cases = []
        for text in TEXTS:
            pieces = [text[a:b] for _, (a, b) in t.pre_tokenizer.pre_tokenize_str(text)]
            assert ''.join(pieces) == text
            cases.append([pieces, t.encode(text).ids])
        result[rule] = {'tokens': sorted(model['vocab'], key=model['vocab'].get), 'merges': [' '.join(m) for m in model['merges']], 'cases': cases}
    return result


PAIRS = [('', ''), ('a', ''), ('', 'a word'), ('the cat sat', 'The cat sat.'), ('cat', 'the cat'), ('A cat, an owl; the end', 'cat owl end'), ('the the the', 'the'), ('dog dog', 'dog dog dog'), ('dog dog dog', 'dog dog'),
         ("It's Bob's", 'its bobs'), ('well-known fact', 'wellknown fact'), ('well-known fact', 'well known fact'), ('42 apples', '42 oranges'), ('x\ty\nz', 'x y z'), ('\u201cthe dog\u201d', 'dog'), ('the\u2014end', 'end'),
         ('caf\u00e9 noir', 'caf\u00e9'), ('\u043c\u043e\u0441\u043a\u0432\u0430 \u0438 \u0442\u0443\u043b\u0430', '\u0442\u0443\u043b\u0430'), ('\u4f60\u597d\u3000\u4e16\u754c', '\u4e16\u754c'), ('a\u00a0b c', 'b c a'), ('!!!', '...'), ('eat a sandwich and sit in Dolores Park on a sunny day', 'sit in dolores park, eat a SANDWICH'),
         ('\u00bfqu\u00e9? s\u00ed', 'qu\u00e9 s\u00ed'), ('under_score', 'under score'), ('theatre anthem', 'the an a'), ('\u2018a\u2019 b', 'b'), ('x\u00b2 y', 'x\u00b2'), ('one two three four', 'four three two one zero')]


def metrics():
    def recall(text, reference):
        words = lambda s: re.findall(r'[^\W_]+', s.lower())
        r = collections.Counter(words(reference))
        return 100 * (collections.Counter(words(text)) & r).total() / r.total() if r else 0
    def f1(text, reference):
        def words(s):
            s = ''.join(c for c in s.lower() if c not in string.punctuation)
            return collections.Counter(re.sub(r'\b(a|an|the)\b', ' ', s).split())
        t, r = words(text), words(reference)
        shared = (t & r).total()
        return 200 * shared / (t.total() + r.total()) if shared else 0
    return [{'text': t, 'reference': r, 'rouge1': recall(t, r), 'f1': f1(t, r)} for t, r in PAIRS]


if __name__ == '__main__':
    out = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else pathlib.Path(__file__).parent
    for name, value in (('smollm', smollm(sys.argv[1])), ('rules', rules()), ('metrics', metrics())):
        lines = [json.dumps(v) for v in value] if isinstance(value, list) else [json.dumps(k) + ': ' + json.dumps(v) for k, v in value.items()]
        braces = '[]' if isinstance(value, list) else '{}'
        (out / (name + '.json')).write_text(braces[0] + '\n' + ',\n'.join(lines) + '\n' + braces[1] + '\n')
