"""``pisang token``: an access token of a service account, as ``gcloud auth print-access-token`` is.

For programs that cannot sign in with a key file themselves: Node's google-auth-library, curl.
"""

import asyncio
import time
from pathlib import Path
from typing import Annotated

import typer

from pisang.cli.options import JsonOption
from pisang.cli.output import Terminal
from pisang.client import access_token
from pisang.core.errors import RequestError
from pisang.wire import key_file

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def token(
    file: Annotated[
        Path | None,
        typer.Option(
            "--service-account",
            envvar="GOOGLE_APPLICATION_CREDENTIALS",
            metavar="FILE",
            help="The key file; see: pisang service-accounts create",
            show_default=False,
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Print an access token of a service account; it is good for the server's `token_minutes`."""
    if file is None:
        raise RequestError(
            "Name a key file with --service-account or GOOGLE_APPLICATION_CREDENTIALS; "
            "`pisang service-accounts create` writes one.",
            field="service-account",
        )
    account = _read(file)
    signed = key_file.sign(account, at=time.time())
    got, seconds = asyncio.run(access_token(account.token_uri, signed))
    Terminal().tell(
        {"access_token": got, "expires_in": seconds, "token_type": "Bearer"}, got, json=json
    )


def _read(file: Path) -> key_file.KeyFile:
    try:
        data = file.read_bytes()
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise RequestError(
            f"Cannot read the key file {file}: {why}.", field="service-account"
        ) from error
    return key_file.read(data)
