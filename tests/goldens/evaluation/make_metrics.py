#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the reference figures of the answer metrics.

usage: make_metrics.py [OUT.json]      (default: metrics.json beside this script)
metrics.json  [{metric, prediction, answers, classes?, score}…], scores 0…100: hand-made cases, and random ones from a seed.
The scores are LongBench's (its metrics.py and eval.py): ROUGE-L by rouge, code similarity by fuzzywuzzy over difflib, the others
by their few lines of Python. Made with rouge 1.0.1 and fuzzywuzzy 0.18.0, without python-Levenshtein (Python 3.11).
"""
import collections, json, pathlib, random, re, string, sys, warnings

warnings.simplefilter('ignore')
from fuzzywuzzy import fuzz
from rouge import Rouge


def qa_f1(prediction, truth, _):
    def words(text):
        text = ''.join(c for c in text.lower() if c not in set(string.punctuation))
        return re.sub(r'\b(a|an|the)\b', ' ', text).split()
    p, t = words(prediction), words(truth)
    shared = sum((collections.Counter(p) & collections.Counter(t)).values())
    if shared == 0:
        return 0
    precision, recall = shared / len(p), shared / len(t)
    return 2 * precision * recall / (precision + recall)


def rouge_l(prediction, truth, _):
    try:
        return Rouge().get_scores([prediction], [truth], avg=True)['rouge-l']['f']
    except ValueError:  # no sentence
        return 0


def classification(prediction, truth, classes):
    said = [c for c in classes if c in prediction]
    for c in said:  # walks the list that it shortens, as published
        if c in truth and c != truth:
            said.remove(c)
    return 1 / len(said) if truth in said else 0


def share(number, prediction):
    numbers = re.findall(r'\d+', prediction)
    return sum(n == number for n in numbers) / len(numbers) if numbers else 0


def retrieval(prediction, truth, _):
    return share(re.findall(r'Paragraph (\d+)', truth)[0], prediction)


def count(prediction, truth, _):
    return share(truth, prediction)


def code_similarity(prediction, truth, _):
    line = next((l for l in prediction.lstrip('\n').split('\n') if not any(mark in l for mark in ('`', '#', '//'))), '')
    return fuzz.ratio(line, truth) / 100


METRICS = {f.__name__: f for f in (qa_f1, rouge_l, classification, retrieval, count, code_similarity)}


def case(metric, prediction, answers, classes=None):
    score = max([0] + [100 * METRICS[metric](prediction, a, classes) for a in answers])
    result = {'metric': metric, 'prediction': prediction, 'answers': answers, 'score': score}
    return result if classes is None else {**result, 'classes': classes}


TEXTS = [
    ('', ['']), ('', ['something']), ('something', ['']), ('...', ['a dot. another']), (' . . ', ['a dot']), ('. .', ['. . .']), ('!?', ['!?']), ('The Red Mill', ['red mill', 'the blue mill']),
    ('the the the mill', ['a mill']), ("It's Ada's boat", ['its adas boat']), ('Ferry at noon. Ferry at night.', ['The ferry leaves at noon. It comes back at night.']), ('a\tb\nc', ['a b c']),
    ('no full stop here', ['no full stop there']), ('One. Two. Three.', ['Three. Two. One.']), ('Version 2.5 came out.', ['Version 2.5 came out in May.']), ('x' * 300, ['x' * 299]),
    ('\u00c9T\u00c9 \u00e0 Lyon', ['\u00e9t\u00e9 \u00e0 lyon']), ('STRASSE', ['stra\u00dfe']), ('\u041c\u041e\u0421\u041a\u0412\u0410, \u0440\u0435\u043a\u0430', ['\u043c\u043e\u0441\u043a\u0432\u0430 \u0440\u0435\u043a\u0430']),
    ('\u039f\u0394\u039f\u03a3 \u03a3\u03a9\u03a3', ['\u03bf\u03b4\u03cc\u03c2 \u03c3\u03c9\u03c2', '\u03bf\u03b4\u03bf\u03c2 \u03c3\u03c9\u03c2']), ('\u0130zmir', ['i\u0307zmir', 'izmir']),
    ('\u201cthe\u201d mill \u2014 an\u2026', ['mill']), ('\u2192the mill', ['\u2192 mill']), ('the\u0301 mill', ['the mill']), ('\u6771\u4eac the \u5927\u962a', ['\u6771\u4eac\u3000\u5927\u962a']), ('a\u00a0mill\u2003by', ['by mill']),
    ('a\x1cb\x85c', ['c b']), ('\U0001f600 smile', ['smile \U0001f600']), ('under_score an_other', ['underscore another']), ('caf\u00e9', ['cafe\u0301']),
    ('The baker sold forty loaves before the bell. Nobody had counted them, but the miller kept a list.', ['The miller kept a list of the forty loaves that the baker sold. Nobody else counted.', 'A list was kept.']),
]
CLASSES = ['River', 'River port', 'River port with a mill', 'Hill', 'Hill fort', 'Island', 'port', 'Hill', '\u00cele']
CLASSIFICATION = [('River port', 'River port'), ('River', 'River port'), ('River port with a mill', 'River port with a mill'), ('It is a River port with a mill.', 'River port'), ('river port', 'River port'),
                  ('Hill fort', 'Hill fort'), ('Hill fort', 'Hill'), ('Hill or Island', 'Island'), ('', 'Island'), ('Island', 'Marsh'), ('\u00cele', '\u00cele'), ('port', 'River port')]
NUMBERS = [('Paragraph 3', '3'), ('3', '3'), ('Paragraph 3, or 13', '3'), ('13', '3'), ('03', '3'), ('none', '3'), ('', '3'), ('3.0', '3'), ('3 3 3 4', '3'), ('\u0663', '3'), ('\u0663', '\u0663'), ('x3y', '3'),
           ('1,234', '1234'), ('-3', '3'), ('\u00b3', '3'), ('\uff13', '\uff13')]
CODE = [('return total', 'return total'), ('', ''), ('', 'x = 1'), ('x = 1', ''), ('\n\n\nx = 1\ny = 2', 'x = 1'), ('# a note\n// another\n`y`\nz = 3', 'z = 3'), ('```python\nreturn a + b\n```', 'return a - b'),
        ('# only a note', 'x'), ('url = "http://example.org"\nport = 80', 'port = 81'), ('    if size > limit:\n        break', '    if size >= limit:'), ('a b c d', 'd c b a'), ('abab' * 20, 'baba' * 20),
        ('ab', 'a'), ('abc', 'xbcde'), ('\u0394x = \u03bb', '\u0394y = \u03bb'), ('a' * 250, 'a' * 250 + 'b'), ('a' * 199 + 'b', 'a' * 199 + 'c'), ('x = 1\r\ny', 'x = 1'), ('int n = 0;', 'int n=0;'),
        ('qwertyuiop' * 30, 'qwertyuiop' * 30 + '!'), ('(' * 120 + 'value' + ')' * 120, '(' * 118 + 'value' + ')' * 122), ('ab', 'ba'), ('abcdefg', 'bcdefgh'), ('aXbXcX' * 40, 'XaXbXc' * 40)]
WORDS = ('the a an miller mill river boat ferry noon bell keeps sells crosses under over old new Red Blue forty-two 42 bridge, bridge market? market letters Letters lost found again and again near '
         'caf\u00e9 \u00dcber na\u00efve \u041c\u043e\u0441\u0442 \u03a3\u03bf\u03c6\u03af\u03b1').split()
TOKENS = 'self . value = count + 1 ( ) [ i ] for in range if not None : return == "name" , total -= 0x1F lambda # // { } ; std:: vector < int > & auto \u00e9 \t'.split(' ')


def text(rng, longest):
    pieces = [rng.choice(WORDS) + rng.choice(['', '', '', '', '.', '. ', ',', '\n', ' ..']) for _ in range(rng.randint(0, longest))]
    return ' '.join(pieces)


def altered(rng, pieces, share, choices):
    return [p if rng.random() > share else rng.choice(choices) for p in pieces if rng.random() > share / 3]


def code_line(rng, longest):
    return [rng.choice(TOKENS) for _ in range(rng.randint(1, longest))]


def random_cases(rng):
    for _ in range(60):
        yield case('qa_f1', text(rng, 12), [text(rng, 6) for _ in range(rng.randint(1, 3))])
        yield case('rouge_l', text(rng, 40), [text(rng, 30) for _ in range(rng.randint(1, 2))])
        classes = rng.sample(CLASSES, rng.randint(2, len(CLASSES)))
        yield case('classification', ' or '.join(rng.sample(classes, rng.randint(1, 2))), [rng.choice(classes)], classes)
        number = rng.randint(1, 30)
        said = ' '.join(rng.choice(['Paragraph', 'number', 'and', str(number), str(rng.randint(1, 30))]) for _ in range(6))
        yield case('retrieval', said, [f'Paragraph {number}'])
        yield case('count', said, [str(number)])
        line = code_line(rng, rng.choice([8, 20, 90, 200]))
        truth = ''.join(altered(rng, line, rng.choice([0.05, 0.2, 0.6]), TOKENS))
        yield case('code_similarity', '\n' * rng.randint(0, 2) + ''.join(line) + rng.choice(['', '\nnext()']), [truth])


def main():
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).with_name('metrics.json')
    cases = [case(metric, p, a) for p, a in TEXTS for metric in ('qa_f1', 'rouge_l', 'code_similarity')]
    cases += [case('classification', p, [a], CLASSES) for p, a in CLASSIFICATION]
    cases += [case('retrieval', p, [f'Paragraph {a}']) for p, a in NUMBERS if a != '\u0663'] + [case('count', p, [a]) for p, a in NUMBERS]
    cases += [case('retrieval', '7', ['Paragraph x, Paragraph 7, Paragraph 8']), case('count', '4', ['3', '4']), case('count', '4', [])]
    cases += [case('code_similarity', p, [a]) for p, a in CODE]
    cases += random_cases(random.Random(2024))
    out.write_text('[\n' + ',\n'.join(json.dumps(c) for c in cases) + '\n]\n')


if __name__ == '__main__':
    main()
