"""The data folder and the database in it, once: tables, connections, migrations."""
