"""The built scripts, styles and fonts. An address with its content's hash may be kept for ever."""

from pathlib import Path
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
SERVICE_WORKER = "service-worker.js"


class BuiltFiles(StaticFiles):
    """A folder that may not be built yet; then nothing is found instead of everything failing."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, check_dir=False)
        self._folder = folder
        self.config_checked = True

    async def get_response(self, path: str, scope: Scope) -> Response:
        if not self._folder.is_dir():
            raise HTTPException(404)
        response = await super().get_response(path, scope)
        hashed = "v" in parse_qs(scope["query_string"].decode("latin-1"))
        response.headers["cache-control"] = FOR_EVER if hashed and response.status_code < 400 else ASK_AGAIN
        if path == SERVICE_WORKER:
            # The bench works offline on pages above /static.
            response.headers["service-worker-allowed"] = "/"
        return response
