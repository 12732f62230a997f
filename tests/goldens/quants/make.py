#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes quants.gguf: for each tensor type that the program reads, two rows of random blocks and, as NAME.expected, what the gguf package
makes of them in float32. The model-wide offsets of blocks (half-precision scales) are drawn from a normal distribution, all other bits are uniform.

usage: make.py [OUT_DIR]      (default: beside this script)
Made with gguf 0.19.0, numpy 2.4.6.
"""
import pathlib, sys
import gguf, numpy

# Where a block has half-precision numbers, in bytes.
HALVES = {'F16': [0], 'Q4_0': [0], 'Q4_1': [0, 2], 'Q5_0': [0], 'Q5_1': [0, 2], 'Q8_0': [0], 'Q2_K': [80, 82], 'Q3_K': [108], 'Q4_K': [0, 2], 'Q5_K': [0, 2],
          'Q6_K': [208], 'IQ4_NL': [0]}
ROWS, COLUMNS = 2, 512


def blocks(kind, random):
    elements, size = gguf.GGML_QUANT_SIZES[kind]
    raw = random.integers(0, 256, (ROWS * COLUMNS // elements, size), dtype=numpy.uint8)
    if kind.name == 'BF16':
        raw = (random.standard_normal(len(raw)).astype(numpy.float32).view(numpy.uint32) >> 16).astype('<u2').view(numpy.uint8).reshape(len(raw), 2)
    for at in HALVES.get(kind.name, []):
        raw[:, at:at + 2] = (0.1 * random.standard_normal(len(raw))).astype('<f2').view(numpy.uint8).reshape(len(raw), 2)
    return raw.reshape(ROWS, -1)


def main():
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent
    random = numpy.random.default_rng(5)
    writer = gguf.GGUFWriter(out / 'quants.gguf', 'llama')
    for name in ['BF16', *HALVES]:
        kind = gguf.GGMLQuantizationType[name]
        raw = blocks(kind, random)
        data = raw.view('<f2') if name == 'F16' else raw
        writer.add_tensor(name.lower(), data, raw_dtype=kind)
        writer.add_tensor(name.lower() + '.expected', gguf.dequantize(raw, kind).astype(numpy.float32).reshape(ROWS, COLUMNS))
    writer.write_header_to_file(); writer.write_kv_data_to_file(); writer.write_tensors_to_file(); writer.close()


main()
