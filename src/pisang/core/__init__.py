"""The words of pisang: frozen values that every room shares; no deeds, standard library only."""
