"""The page of settings, from the rows that the settings themselves give."""

from pisang import shown
from tools.docs.markdown import code, table

_INTRO = """\
# Settings

A value comes from the first of these that has it:

1. the command line (only what a command has as an option: see [commands](commands.md));
2. an environment variable: `PISANG_` and the name in capitals;
3. a TOML file: `--config FILE`, else the one that `PISANG_CONFIG` names, else `./pisang.toml`, else
   `pisang.toml` in the data folder;
4. the default.

An unknown name is an error, and so is a wrong value: pisang does not start, names the setting and
leaves with [exit code](exit-codes.md) 78. `pisang config` shows every value and where it comes
from. An empty environment variable counts as not set.
"""

_MORE = """\
## In a file

```toml
# pisang.toml
host = "127.0.0.1"
port = 8787
compatibility = "strict"
font_dirs = ["/usr/share/fonts/truetype", "/srv/fonts"]
fetch_allow = ["images.internal", "cdn.internal:8080"]

[buckets]
photos = "/srv/photos"

[engines.studio]
kind = "google"
api_keys = ["env:GEMINI_API_KEY"]

[[routes]]
model = "*"
engines = ["studio"]
```

[Engines and routes](../how-to/routes.md) have a guide; in the environment they are JSON. Other
lists are one text there, or JSON. Folders and buckets are split like `PATH`, all others by commas:
`PISANG_FONT_DIRS=/usr/share/fonts/truetype:/srv/fonts`, `PISANG_BUCKETS=photos=/srv/photos`,
`PISANG_FETCH_ALLOW=images.internal,cdn.internal:8080`, `PISANG_FETCH_ALLOW=["images.internal"]`.

## Variables that are no settings

| variable | what |
| --- | --- |
| `PISANG_CONFIG` | the settings file |
| `PISANG_SERVER` | the server that commands with `--server` ask |
| `PISANG_KEY` | the API key they send |
| `GEMINI_API_KEY`, `GOOGLE_API_KEY` | a key of Google's: a [route](../how-to/routes.md) by itself |
| `GOOGLE_APPLICATION_CREDENTIALS` | a key file: Google's for a route, ours for `pisang token` |
| `GOOGLE_CLOUD_PROJECT`, `GOOGLE_CLOUD_LOCATION` | what goes with a key file of Google's |
| `PISANG_TRACEBACK` | set to anything: the command line shows Python's traceback of an error |
| `NO_COLOR` | set to anything: no colour in the terminal |
"""


def page() -> str:
    rows = [
        (code(row.name), code(row.variable), row.type, _default(row), row.sentence)
        for row in shown.rows()
    ]
    listed = table(("setting", "variable", "type", "default", "what it does"), rows)
    return f"{_INTRO}\n{listed}\n\n{_MORE}"


def _default(row: shown.Row) -> str:
    words = row.default
    plain = words == "none" or "`" in words or " " in words
    return words if plain else code(words)
