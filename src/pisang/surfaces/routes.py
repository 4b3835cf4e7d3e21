"""The list of all routes: a surface is a module with its own ``ROUTES``, named once here."""

from collections.abc import Sequence
from typing import Final

from starlette.routing import BaseRoute, Mount, Route

from pisang.surfaces import assets, health, metrics, signin, token
from pisang.surfaces.admin import engines as admin_engines
from pisang.surfaces.admin import openapi as admin_openapi
from pisang.surfaces.admin import routes as admin_routes
from pisang.surfaces.admin import sessions as admin_sessions
from pisang.surfaces.admin import table as admin_table
from pisang.surfaces.dispatch import Dispatch
from pisang.surfaces.google import files, gemini, imagen, interactions, uploading, vertex
from pisang.surfaces.openai import chat, images, models, responses

SURFACES: Final[Sequence[Route]] = (
    *assets.ROUTES,
    *token.ROUTES,
    *signin.ROUTES,
    *admin_sessions.ROUTES,
    *admin_table.RECORDS,
    *admin_engines.ROUTES,
    *admin_routes.ROUTES,
    *admin_openapi.ROUTES,
    *uploading.ROUTES,
    *files.ROUTES,
    *images.ROUTES,
    *chat.ROUTES,
    *models.ROUTES,
    *responses.ROUTES,
    *interactions.ROUTES,
    *imagen.ROUTES,
    *vertex.ROUTES,
    *gemini.ROUTES,
)
"""What stands behind the ``prefix`` setting."""

PROBES: Final[Sequence[Route]] = (*health.ROUTES, *metrics.ROUTES)
"""For probes, which know no prefix."""


def routes(prefix: str) -> Sequence[BaseRoute]:
    """All routes of a server; ``prefix`` is empty or begins with a slash."""
    if not prefix:
        return (*PROBES, *SURFACES)
    return (*PROBES, Mount(prefix, app=Dispatch(SURFACES)))
