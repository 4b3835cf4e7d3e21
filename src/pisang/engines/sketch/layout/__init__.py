"""Layout: where everything goes. A Scene becomes Layers, in pixels of the final canvas."""
