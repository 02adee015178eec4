"""The measure: one Flask route that renders a page of rows, and nothing else.

`python -m bench.bare` serves it by the product's own server with the same settings. It asks no
database, signs nobody in and compresses nothing, so the product's share of its requests per second
says what everything else costs, on any machine.
"""

from flask import Flask, render_template
from jinja2 import DictLoader

from lms.config import from_environment
from lms.serve import serve

LAYOUT = """<!doctype html>
<html lang="id"><head><meta charset="utf-8"><title>{% block title %}{% endblock %}</title></head>
<body><nav>{% for item in nav %}<a href="{{ item.url }}">{{ item.label }}</a>{% endfor %}</nav>
<main>{% block content %}{% endblock %}</main></body></html>"""
PAGE = """{% extends "layout.html" %}
{% block title %}{{ title }}{% endblock %}
{% block content %}<h1>{{ title }}</h1><ol>
{% for row in rows %}
<li><a href="{{ row.url }}">{{ row.title }}</a> <span>{{ row.minutes }} menit</span></li>
{% endfor %}</ol>{% endblock %}"""

NAV = [{"url": f"/{n}", "label": f"Menu {n}"} for n in range(5)]


def create_bare_app() -> Flask:
    app = Flask("bare")
    app.jinja_loader = DictLoader({"layout.html": LAYOUT, "page.html": PAGE})

    @app.get("/rows/<int:count>")
    def page(count: int) -> str:
        rows = [
            {"url": f"/courses/contoh/learn/bagian-{n}", "title": f"Bagian ke-{n} & isinya",
             "minutes": n % 9 + 1}
            for n in range(count)
        ]  # fmt: skip
        return render_template("page.html", title="Halaman", rows=rows, nav=NAV)

    return app


if __name__ == "__main__":
    serve(create_bare_app(), from_environment())
