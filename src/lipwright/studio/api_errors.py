"""Failures in the API: problem+json (RFC 9457) with the error and hint of the command line."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lipwright.errors import (
    EngineError,
    EngineUnavailable,
    LipwrightError,
    OutputError,
    QueueFull,
    UsageError,
)
from lipwright.studio.job_view import NotReady
from lipwright.studio.service import NoSuchJob

MEDIA_TYPE = "application/problem+json"


class WrongMediaType(UsageError):
    """The body of a request has a media type that the route does not accept."""


STATUS: Mapping[type[LipwrightError], int] = {
    WrongMediaType: 415,
    NoSuchJob: 404,
    NotReady: 409,
    QueueFull: 429,
    EngineUnavailable: 503,
    EngineError: 500,
    OutputError: 507,
    LipwrightError: 422,
}
"""HTTP status by error class; a class that is not listed has the status of its base class."""
RETRY_AFTER_S = 30
FORM_TYPES = frozenset({"multipart/form-data", "application/x-www-form-urlencoded"})


class Problem(BaseModel):
    """The description of a failed request (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    error: str = Field(description="The error message, as on the command line.")
    hint: str = Field(description="What the client can do about the failure.")
    exit_code: int | None = Field(description="Exit code of the command line for this failure.")


def problem_response(
    status: int,
    error: str,
    hint: str,
    headers: Mapping[str, str] | None = None,
    *,
    exit_code: int | None = None,
) -> JSONResponse:
    """Make the HTTP response for a failure with this status, error message and hint."""
    problem = Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=error,
        error=error,
        hint=hint,
        exit_code=exit_code,
    )
    return JSONResponse(problem.model_dump(), status, dict(headers or {}), MEDIA_TYPE)


def problem_of(error: LipwrightError) -> JSONResponse:
    """Make the HTTP response for an error of lipwright."""
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    headers = {"retry-after": str(RETRY_AFTER_S)} if status == HTTPStatus.TOO_MANY_REQUESTS else None
    return problem_response(status, error.message, error.hint, headers, exit_code=error.exit_code)


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI description of a route's failures."""
    return {status: {"description": HTTPStatus(status).phrase, "model": Problem} for status in statuses}


async def check_media_type(request: Request) -> None:
    """Check that the body of a request, if it has one, has a media type that the route accepts.

    Raises:
        WrongMediaType: the body has another media type.
    """
    body = request.scope["route"].body_field
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if body is None or not given:
        return
    if body.field_info.media_type == "application/json":
        expected, fits = "application/json", bool(re.fullmatch(r"application/(.+\+)?json", given))
    else:
        expected, fits = "multipart/form-data", given in FORM_TYPES
    if not fits:
        raise WrongMediaType(f"the body has the media type {given}", hint=f"send the body as {expected}")


class PlainFailures:
    """Middleware that converts error responses of the web framework itself, such as 416, to a `Problem`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; replace an error response in another format with a `Problem`."""
        if scope["type"] != "http" or not scope["path"].startswith("/v1/"):
            await self._app(scope, receive, send)
            return
        replaced = False

        async def sent(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start" and message["status"] >= 400:
                headers = Headers(scope=message)
                replaced = headers.get("content-type") != MEDIA_TYPE
                if replaced:
                    kept = {"content-range": headers["content-range"]} if "content-range" in headers else None
                    status = HTTPStatus(message["status"])
                    problem = problem_response(status, status.phrase.lower(), "see /docs", kept)
                    await problem(scope, receive, send)
            if not replaced:
                await send(message)

        await self._app(scope, receive, sent)


def translate_failures(app: FastAPI) -> None:
    """Make the application answer every failure with a `Problem`."""
    app.add_middleware(PlainFailures)

    @app.exception_handler(LipwrightError)
    async def of_ours(request: Request, error: LipwrightError) -> JSONResponse:
        return problem_of(error)

    @app.exception_handler(RequestValidationError)
    async def of_form(request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where, *parts = first["loc"]
        if first["type"] == "json_invalid":
            parts = [part for part in parts if isinstance(part, str)]  # without the position in the text
        place = ".".join(map(str, parts)) or where
        return problem_response(
            422, f"{place}: {first['msg']}", "see /docs for what is expected", exit_code=2
        )

    @app.exception_handler(HTTPException)
    async def of_http(request: Request, error: HTTPException) -> JSONResponse:
        return problem_response(error.status_code, str(error.detail), "see /docs", error.headers)

    @app.exception_handler(Exception)
    async def of_defect(request: Request, error: Exception) -> JSONResponse:
        logging.getLogger(__name__).error("%s %s", request.method, request.url.path, exc_info=error)
        text = f"unexpected {type(error).__name__}"
        return problem_response(500, text, "this is a bug in lipwright: please report it", exit_code=5)
