"""``python -m pisang`` is the ``pisang`` command."""

from pisang.cli.main import run

if __name__ == "__main__":
    run()
