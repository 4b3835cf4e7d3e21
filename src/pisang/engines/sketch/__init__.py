"""The embedded engine: an illustrator that needs no key, network or weights.

The pipeline, and the file or room that does each step::

    request  -> turns.py      last scene, supplied pictures, what the user says now
    prompt   -> read/         words -> mentions -> a typed Scene (or edits of the last one)
    Scene    -> layout/       where everything goes: Layers, in pixels
    Layers   -> paint/        pixels, by libvips
    engine.py                 all of it in order, as events
"""
