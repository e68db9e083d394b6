"""Files as answers to be saved."""

from urllib.parse import quote

from fastapi import Response


def answer_file(name: str, data: bytes, media_type: str) -> Response:
    """Answer with a file; names may be Japanese (RFC 6266, RFC 8187)."""
    disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return Response(data, media_type=media_type, headers={"Content-Disposition": disposition})
