"""How people sign in: by a password of this server, or by an issuer of the operator's choice."""
