"""Tables, queries and the engine; the only layer that knows SQL."""
