# The commands of this project. `make` alone explains them.

PYTHON ?= python3
BIN := .venv/bin
MO := lms/translations/en/LC_MESSAGES/messages.mo
export UV_PYTHON_DOWNLOADS = never

.PHONY: help run test faults bench bench-compare check words pictures lock clean

help: ## Show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/runtime $(MO) ## Set up and serve on http://127.0.0.1:8000 (PORT=8001 changes it, DEMO=0: no demo)
	@exec $(BIN)/python app.py

test: .venv/dev $(MO) ## Run all tests on SQLite and on PostgreSQL, and in a browser where one is found
	@$(BIN)/python -m tests.browser.find
	TEST_DATABASE=sqlite $(BIN)/python -m pytest -n 2 --dist loadfile
	TEST_DATABASE=postgresql $(BIN)/python -m pytest -n 2 --dist loadfile

faults: .venv/dev $(MO) ## Kill, lock, fill and cut in full (make test does a little of it); over an hour
	FAULTS=full TEST_DATABASE=sqlite $(BIN)/python -m pytest -s tests/faults
	FAULTS=full TEST_DATABASE=postgresql $(BIN)/python -m pytest -s tests/faults

bench: .venv/dev $(MO) ## Measure on a scratch site against bare Flask (SIZES=S DATABASES=sqlite ONLY=home,lesson)
	@$(BIN)/python -m bench $(if $(SIZES),--sizes $(SIZES)) $(if $(DATABASES),--databases $(DATABASES)) \
		$(if $(ONLY),--only $(ONLY))

bench-compare: .venv/dev ## Hold the latest measurement against bench/baseline.json
	@$(BIN)/python -m bench.compare

check: .venv/dev $(MO) ## Style, types, import contracts, and whether locks and words are up to date
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m tests.house.locks

words: .venv/runtime ## Extract the texts and update the English catalogue
	@pot=$$(mktemp) && trap 'rm -f "$$pot"' EXIT && \
	$(BIN)/pybabel -q extract -F babel.cfg -k _l -k lazy_gettext -k Words --omit-header --sort-output \
		--add-location=file -w 100 -o "$$pot" . && \
	$(BIN)/pybabel -q update -i "$$pot" -d lms/translations -l en -N --init-missing \
		--ignore-obsolete --omit-header -w 100 && \
	$(BIN)/pybabel -q compile -f -d lms/translations

pictures: .venv/dev $(MO) ## Take the pictures of the README from a running demo site
	$(BIN)/python -m tests.browser.pictures

lock: ## Pin every dependency anew, with hashes
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements.lock
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --group dev pyproject.toml -o requirements-dev.lock

clean: ## Remove the environment and what the tests leave behind (not instance/ or uploads/)
	rm -rf .venv .uv .pytest_cache .mypy_cache .ruff_cache .hypothesis $(MO)

# The smaller set takes the tools of the larger one away, so its mark goes with them.
.venv/runtime: requirements.lock
	@sh tools/environment $(PYTHON) requirements.lock
	@rm -f .venv/dev
	@touch $@

.venv/dev: requirements.lock requirements-dev.lock
	@sh tools/environment $(PYTHON) requirements-dev.lock
	@touch .venv/runtime $@

$(MO): lms/translations/en/LC_MESSAGES/messages.po | .venv/runtime
	@$(BIN)/pybabel -q compile -f -d lms/translations
