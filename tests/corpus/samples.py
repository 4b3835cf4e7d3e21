"""Pictures that corpus cases supply: a landscape, an apple on white, a portrait and a card.

They are drawn here rather than stored, by libvips from a few lines of SVG.
"""

import functools

import pyvips

_LANDSCAPE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 600">
<defs><linearGradient id="s" x2="0" y2="1"><stop stop-color="#6db3e8"/><stop offset="1"
stop-color="#dff1fb"/></linearGradient></defs>
<path fill="url(#s)" d="M0 0h900v600H0z"/><circle cx="700" cy="120" r="50" fill="#ffe08a"/>
<path fill="#7c8fa8" d="M0 380 180 180 300 300 470 130 700 360 900 240V600H0z"/>
<path fill="#3f7d5a" d="M0 420C200 360 380 440 560 400S800 380 900 420V600H0z"/>
<path fill="#3a8fc0" d="M120 600C220 500 620 480 760 600z"/></svg>"""
_APPLE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 600">
<path fill="#fff" d="M0 0h600v600H0z"/>
<path fill="#d3262e" d="M300 190c-120-70-210 20-190 150 16 110 90 190 150 170 26-9 54-9 80 0
60 20 134-60 150-170 20-130-70-220-190-150z"/>
<path fill="#5b3a21" d="M292 190c0-60 10-90 40-120l22 14c-28 30-38 60-38 106z"/>
<path fill="#4f9a3d" d="M330 130c30-60 90-70 140-50-30 60-90 70-140 50z"/></svg>"""
_PORTRAIT = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 640">
<path fill="#c9d6df" d="M0 0h480v640H0z"/><path fill="#34495e" d="M70 640c0-150 340-150 340 0z"/>
<circle cx="240" cy="270" r="120" fill="#f0c9a0"/>
<path fill="#4a2f1b" d="M112 270C90 80 390 80 368 270 340 190 150 190 112 270z"/>
<circle cx="200" cy="275" r="10"/><circle cx="280" cy="275" r="10"/>
<path fill="none" stroke="#a33" stroke-width="8" d="M195 330q45 35 90 0"/></svg>"""
_CARD = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 700 500">
<path fill="#f6e7d2" d="M0 0h700v500H0z"/>
<path fill="none" stroke="#b5502f" stroke-width="10" d="M40 40h620v420H40z"/>
<circle cx="350" cy="250" r="110" fill="#e2a14a"/></svg>"""
_DRAWN = {
    "landscape.png": _LANDSCAPE,
    "apple.png": _APPLE,
    "portrait.png": _PORTRAIT,
    "card.png": _CARD,
}


@functools.cache
def picture(name: str) -> bytes:
    """The PNG file of a sample, by the name that cases use."""
    image = pyvips.Image.svgload_buffer(_DRAWN[name].encode())
    data: bytes = image.flatten(background=255).pngsave_buffer()
    return data
