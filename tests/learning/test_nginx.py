"""A real nginx in front, set up as docs/deployment.md says, hands out what the product allows."""

import os
import re
import shutil
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.serving import make_server

from lms.config import ROOT
from lms.core.db import db
from lms.courses.models import MediaFile
from tests.cast import Cast
from tests.client import PageClient
from tests.running import free_port, until
from tests.sample_course import PNG, import_course, write_course

DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9"/></svg>'
PICTURE = "/courses/melayani/learn/01-dasar/media/loket.png"
SVG = "/courses/melayani/learn/01-dasar/media/alur.svg"


@dataclass
class Front:
    url: str
    cookie: str

    def get(self, path: str, **headers: str) -> tuple[int, Message, bytes]:
        """Signed in, unless told another cookie; "_" in a header's name is "-"."""
        sent = {"Host": "localhost", "Cookie": self.cookie}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.url + path, headers=sent)
        opener = urllib.request.build_opener(_Stay)
        try:
            with opener.open(request, timeout=20) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def _kept_location(folder: Path) -> str:
    """As the page for operators has it, but for the folder."""
    text = (ROOT / "docs" / "deployment.md").read_text("utf-8")
    found = re.search(r"^ +location /kept/ \{.*?^ +\}", text, re.MULTILINE | re.DOTALL)
    assert found
    return found[0].replace("/var/lib/kompeten/uploads/media/", f"{folder}/media/")


@pytest.fixture
def front(
    app: Flask, client: PageClient, cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Front]:
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        pytest.skip("no nginx on this machine")
    uploads = tmp_path / "uploads"
    monkeypatch.setitem(app.config, "UPLOADS_URL", "/kept/")
    monkeypatch.setitem(app.config, "UPLOADS_DIR", str(uploads))
    course = write_course(tmp_path / "kursus")
    (course / "01-dasar" / "media" / "alur.svg").write_text(DRAWING)
    lesson = course / "01-dasar" / "01-sapa.md"
    lesson.write_text(lesson.read_text() + "\n![Alur](media/alur.svg)\n")
    with app.app_context():
        import_course(course)
        db.session.remove()
    client.sign_in(cast.people["learner"])
    client.send("/courses/melayani/enrol")
    found = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert found
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = free_port()
    (tmp_path / "logs").mkdir()
    (tmp_path / "nginx.conf").write_text(
        f"""
        {"user root;" if os.geteuid() == 0 else ""}
        daemon off; pid {tmp_path}/nginx.pid; error_log {tmp_path}/logs/error.log;
        events {{}}
        http {{
            access_log off;
            client_body_temp_path {tmp_path}/body; proxy_temp_path {tmp_path}/proxy;
            fastcgi_temp_path {tmp_path}/a; uwsgi_temp_path {tmp_path}/b;
            scgi_temp_path {tmp_path}/c;
            server {{
                listen 127.0.0.1:{port};
                location / {{
                    proxy_pass http://127.0.0.1:{server.port}; proxy_set_header Host $host;
                }}
                {_kept_location(uploads)}
            }}
        }}
        """
    )
    process = subprocess.Popen([nginx, "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")])
    site = Front(f"http://127.0.0.1:{port}", f"{found.key}={found.value}")
    try:
        until(lambda: _answers(site), "nginx answers", 20)
        yield site
    finally:
        process.terminate()
        process.wait(20)
        server.shutdown()
        server.server_close()


def _answers(site: Front) -> bool:
    try:
        return site.get("/healthz")[0] == 200
    except OSError:
        time.sleep(0.05)
        return False


def test_a_file_comes_from_the_disk_for_who_may_have_it(front: Front, app: Flask) -> None:
    status, headers, content = front.get(PICTURE)
    assert (status, content) == (200, PNG)
    assert headers["Content-Type"] == "image/png"
    assert headers["Cache-Control"] == "private, max-age=3600"
    assert "X-Accel-Redirect" not in headers
    assert headers["Last-Modified"], "nginx read it: the product says no such thing"
    status, headers, content = front.get(PICTURE, Range="bytes=3-7")
    assert (status, content) == (206, PNG[3:8])
    assert headers["Content-Range"] == f"bytes 3-7/{len(PNG)}"
    assert front.get(PICTURE, If_None_Match=headers["ETag"])[0] == 304
    assert front.get(PICTURE, Range=f"bytes={len(PNG)}-")[0] == 416


def test_nobody_else_has_it_and_the_place_itself_is_closed(front: Front, app: Flask) -> None:
    assert front.get(PICTURE, Cookie="")[0] in (302, 401)
    with app.app_context():
        digest = db.session.scalars(sa.select(MediaFile.digest)).first()
        db.session.remove()
    assert digest
    for path in (f"/kept/{digest[:2]}/{digest}", "/kept/", f"/kept/../kept/{digest[:2]}/{digest}"):
        assert front.get(path)[0] == 404


def test_what_could_run_is_confined_as_without_it(front: Front) -> None:
    status, headers, content = front.get(SVG)
    assert (status, content.decode()) == (200, DRAWING)
    assert headers["Content-Type"].startswith("image/svg+xml")
    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; frame-ancestors 'none'; sandbox"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
