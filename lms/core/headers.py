"""Security headers of every response (ux.md section 0; ASVS 3.4)."""

from flask import Flask, Response, request

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "media-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def show_frames(response: Response) -> None:
    """Let a page show files of this site in a frame."""
    response.headers[_POLICY] = f"{CONTENT_SECURITY_POLICY}; frame-src 'self'"


def confine_document(response: Response) -> None:
    """Let a PDF be shown by the browser's own reader, also in a frame of this site's pages, and let
    nothing in it run, load or send. No sandbox: browsers show no PDF in one."""
    response.headers[_POLICY] = _DOCUMENT


def confine(response: Response) -> None:
    """Let nothing run or load in a file that a browser may open as a page of its own (SVG)."""
    response.headers[_POLICY] = "default-src 'none'; frame-ancestors 'none'; sandbox"


_POLICY = "Content-Security-Policy"
_DOCUMENT = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
TRANSPORT_SECURITY = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")


def init_app(app: Flask) -> None:
    app.after_request(_add_headers)


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers[TRANSPORT_SECURITY[0]] = TRANSPORT_SECURITY[1]
    if "Cache-Control" not in response.headers:
        # Pages hold personal data and office computers are shared.
        response.headers["Cache-Control"] = "no-store"
    return response
