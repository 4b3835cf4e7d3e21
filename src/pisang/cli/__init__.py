"""The command line: one module per noun; each command is options, a call, and what it prints."""
