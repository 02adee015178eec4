"""How fast the product is: a scratch site, the real server, a real HTTP client, checked answers.

`python -m bench` builds a site by bulk insert (site.py, rows.py, content.py), starts the product
as it is started in production (server.py) and a bare Flask page of the same size beside it
(bare.py), drives both (client.py, scenarios.py, exams.py), and writes what it found (report.py,
chart.py) into `bench/out/`. docs/performance.md tells how to read it.

What does not belong here: tests of behaviour (tests/), anything that the product imports.
"""

from pathlib import Path

FOLDER = Path(__file__).parent
OUT = FOLDER / "out"
