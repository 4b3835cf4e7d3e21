"""Google's ``generateContent`` dialect, both halves: a server's and a client's."""
