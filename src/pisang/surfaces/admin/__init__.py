"""The admin API: engines and routes while the server runs, for keys that may."""
