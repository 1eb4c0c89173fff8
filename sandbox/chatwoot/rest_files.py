"""The files of attachments, as Rails' storage serves them: the address that was told answers a redirect to the bytes."""

import base64
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sandbox.chatwoot.records import StoredFile
from sandbox.chatwoot.sandbox import ChatwootSandbox


async def redirect(request: Request) -> Response:
    """302 to where the bytes are, for who knows the signed address; no token is asked for."""
    found = _file(request)
    if found is None:
        return Response(status_code=404)
    here = str(request.url).partition("/rails/")[0]
    return RedirectResponse(
        found.redirect or f"{here}/rails/active_storage/disk/{found.key}/{quote(found.name)}", status_code=302
    )


async def download(request: Request) -> Response:
    """The bytes."""
    found = _file(request)
    if found is None or found.missing:
        return Response(status_code=404)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name)}"}
    return Response(base64.b64decode(found.content), media_type=found.content_type, headers=headers)


def _file(request: Request) -> StoredFile | None:
    sandbox: ChatwootSandbox = request.app.state.sandbox
    key = request.path_params["key"]
    return next((file for file in sandbox.store.all(StoredFile) if file.key == key), None)


ROUTES = [
    Route("/active_storage/blobs/redirect/{key}/{name}", redirect, methods=["GET"]),
    Route("/active_storage/representations/redirect/{key}/{name}", redirect, methods=["GET"]),
    Route("/active_storage/disk/{key}/{name}", download, methods=["GET"]),
]
