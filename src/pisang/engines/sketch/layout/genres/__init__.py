"""One composition per kind of picture; the table in ``layout`` names them all."""
