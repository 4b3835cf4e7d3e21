"""Google's surfaces: the Developer API, Vertex AI, and the methods that go with them."""
