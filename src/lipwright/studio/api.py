"""The HTTP API of the studio: its routes are under /v1, and /docs describes them."""

from __future__ import annotations

from typing import Any

from fastapi import Depends, FastAPI
from fastapi.responses import HTMLResponse

from lipwright import __version__
from lipwright.reports.page import render_page
from lipwright.studio.api_answers import answers
from lipwright.studio.api_errors import MEDIA_TYPE, Problem, check_media_type, translate_failures
from lipwright.studio.api_jobs import check_routes, video_routes
from lipwright.studio.service import StudioService
from lipwright.studio.webhooks import Webhooks


class Api(FastAPI):
    """The FastAPI application, with an OpenAPI description that describes every failure as a `Problem`."""

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI description of all routes."""
        return _with_files(_with_problems(super().openapi()))


def make_api(service: StudioService, webhooks: Webhooks) -> FastAPI:
    """Make the application of the API; the page can be mounted on it."""
    app = Api(
        title="lipwright studio",
        version=__version__,
        description="Makes lip-synced videos, and checks whether a video is in sync.",
        docs_url=None,  # FastAPI's own page loads its scripts from the network
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
        dependencies=[Depends(check_media_type)],
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    translate_failures(app)
    for router in (video_routes(service, webhooks), check_routes(service, webhooks), answers(service)):
        app.include_router(router)

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(render_page("api.html.j2", name="lipwright studio API", api=app.openapi()))

    return app


def _with_problems(schema: dict[str, Any]) -> dict[str, Any]:
    """Describe every failure in an OpenAPI schema as a `Problem`, including FastAPI's own failures."""
    components = schema["components"]["schemas"]
    components["Problem"] = Problem.model_json_schema()
    for name in ("HTTPValidationError", "ValidationError"):
        components.pop(name, None)
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for methods in schema["paths"].values():
        for route in methods.values():
            for status, answer in route["responses"].items():
                if int(status) >= 400:
                    answer["content"] = content
    return schema


def _with_files(schema: dict[str, Any]) -> dict[str, Any]:
    """Add `format: binary` to every uploaded file in an OpenAPI schema; client generators look for it."""
    places: list[Any] = [schema["components"]["schemas"]]
    while places:
        place = places.pop()
        if isinstance(place, dict):
            if place.get("contentMediaType") == "application/octet-stream":
                place["format"] = "binary"
            places += place.values()
        elif isinstance(place, list):
            places += place
    return schema
