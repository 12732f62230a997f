#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the control points of the colour maps, one "R G B" (0..255) a line, evenly spaced over 0..1.

viridis, magma (CC0, van der Walt and Smith) and cividis (CC0, Nunez, Anderton and Renslow) are sampled from matplotlib.
"diverging" is computed here: straight lines in Oklab from a dark blue over near-white to a dark red, equally light on both sides,
so equal differences of either sign look equally strong and red-green blindness does not mix the sides up.

    pip install matplotlib==3.11.2 && python make_colormaps.py
"""
from pathlib import Path

import matplotlib
import numpy as np

POINTS = 65


def from_oklab(lab):
    l, a, b = lab
    lms = np.array([l + 0.3963377774 * a + 0.2158037573 * b, l - 0.1055613458 * a - 0.0638541728 * b, l - 0.0894841775 * a - 1.2914855480 * b]) ** 3
    rgb = np.array([[4.0767416621, -3.3077115913, 0.2309699292], [-1.2684380046, 2.6097574011, -0.3413193965],
                    [-0.0041960863, -0.7034186147, 1.7076147010]]) @ lms
    rgb = np.clip(rgb, 0, 1)
    return np.where(rgb <= 0.0031308, 12.92 * rgb, 1.055 * rgb ** (1 / 2.4) - 0.055)


def side(t, hue_degrees):
    """t = 0 at the middle, 1 at the end: lightness falls evenly, chroma rises fast and then holds."""
    lightness = 0.975 - 0.625 * t
    chroma = 0.145 * np.sin(np.pi / 2 * min(1.0, t / 0.75)) * (1.0 if t < 0.75 else 1.0 - 0.30 * (t - 0.75) / 0.25)
    hue = np.deg2rad(hue_degrees)
    return from_oklab((lightness, chroma * np.cos(hue), chroma * np.sin(hue)))


def write(name, colours):
    text = "".join("%d %d %d\n" % tuple(int(round(255 * float(c))) for c in colour[:3]) for colour in colours)
    Path(__file__).with_name(name + ".txt").write_text(text)


positions = np.linspace(0, 1, POINTS)
for name in ("viridis", "cividis", "magma"):
    write(name, [matplotlib.colormaps[name](p) for p in positions])
write("diverging", [side(abs(2 * p - 1), 250 if p < 0.5 else 25) for p in positions])
