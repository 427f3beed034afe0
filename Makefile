# Two commands: `make run` and `make test`. Everything else is for the engineer.
PYTHON ?= $(shell command -v python3.11 || echo python3)
VENV := .venv
PY := $(VENV)/bin/python
export RASA_TELEMETRY_ENABLED := false
export TF_CPP_MIN_LOG_LEVEL := 2
# Without compiled modules every start takes three times as long.
unexport PYTHONDONTWRITEBYTECODE

# Parts of packages that nothing here reads, 280 MB: C++ headers and a compiler, the packages' own tests, the
# descriptions of Amazon's services, the names of months in 700 languages, programs for other systems, and Django's
# own words in other languages than English and Spanish.
UNREAD := tensorflow/include tensorflow/python/_pywrap_tfcompile.so botocore/data babel/locale-data \
  selenium/webdriver/common/macos selenium/webdriver/common/windows \
  django/conf/locale/[a-df-z]* django/contrib/*/locale/[a-df-z]* \
  $(foreach package,numpy scipy sklearn matplotlib networkx spacy,$(package)/tests $(package)/*/tests $(package)/*/*/tests)

.PHONY: run test test-postgresql check bench lock clean

run: $(VENV)/.installed
	@$(PY) -m bot run

test: $(VENV)/.installed
	@$(PY) -m bot train --quiet
	@$(PY) -m pytest -m ""

# What touches a database or several processes, on a PostgreSQL and a Redis of the tests' own
# (docs/grown-up.md says what is not run twice, and why).
test-postgresql: $(VENV)/.installed
	@TEST_ON=postgresql $(PY) -m pytest -m "not browser" tests/records tests/channels tests/desk tests/standin \
	   tests/dialogue/test_trackers.py tests/scheduling/test_dialogues.py --ignore tests/records/test_backup.py

check: $(VENV)/.installed
	$(PY) -m ruff check .
	$(PY) -m mypy bot actions

bench: $(VENV)/.installed
	$(PY) -m bench
	$(PY) -m bench.texts
	$(PY) -m bench.widget

# Dependencies are locked as one set; Rasa's own pins do not allow Python 3.11, so no resolver runs here.
$(VENV)/.installed: requirements.lock
	@found=$$(command -v $(PYTHON) || command -v python3 || true); \
	 [ -n "$$found" ] && "$$found" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' \
	  || { echo "Python 3.11 is needed (found: $$($$found --version 2>&1 || echo none)). Set PYTHON=/path/to/python3.11" >&2; exit 1; }; \
	 "$$found" -m venv --clear $(VENV)
	@echo "Installing the locked packages (once, about two minutes) …"
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --ignore-requires-python --no-compile \
	   --require-hashes -r requirements.lock
	@cd $(VENV)/lib/python3.11/site-packages && rm -rf $(UNREAD)
	@touch $@

# Needs uv (https://docs.astral.sh/uv/); the ranges and their reasons are in pyproject.toml.
lock:
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
	   --no-emit-index-url --no-emit-find-links --no-annotate --no-header -o requirements.lock $(LOCK_FLAGS)

clean:
	rm -rf $(VENV) var models .rasa
