# What can be done here; `make help` prints this file's own words. Only Python from 3.11 on and make are needed.

PYTHON ?= python3
RUN := .venv/bin/python
SOEGAKI := .venv/bin/soegaki

# Python keeps its bytecode: a start without it reads a thousand files anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup setup-demo setup-bench demo serve test test-front prove check format bench lock initial-revision clean

help: ## この一覧 / This list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## 開発の準備 (二度目は速い) / Everything for development; quick the second time
	@$(PYTHON) bootstrap.py dev

setup-demo:
	@$(PYTHON) bootstrap.py demo

setup-bench:
	@$(PYTHON) bootstrap.py bench

demo: setup-demo ## 準備して、見本データで起動 / Set up and start with sample data
	@$(SOEGAKI) demo

serve: setup-demo ## 準備して起動 / Set up and start
	@$(SOEGAKI) serve

test: setup test-front ## テスト (10 分以内) / The tests, services included
	@$(RUN) -m pytest

test-front: setup
	@$(RUN) frontend.py test

prove: setup ## 長い検証 / The long proofs: full-size properties, kill tests, simulations
	@SOEGAKI_PROVE=1 $(RUN) -m pytest --timeout 3600

check: setup ## 書式・型・依存・上限 / Format, lint, types, import contracts, budgets
	@$(RUN) -m ruff format --check .
	@$(RUN) -m ruff check .
	@$(RUN) -m mypy
	@.venv/bin/lint-imports --no-cache
	@$(RUN) frontend.py check
	@$(RUN) -m pytest tests/architecture -q -n 0

format: setup ## 書式を整える / Put the code into form
	@$(RUN) -m ruff format .
	@$(RUN) -m ruff check --fix .

bench: setup-bench ## 速さの表 / The table of speeds, beside the peers
	@$(RUN) -m bench

lock: setup ## 依存の固定をやり直す / Lock the dependencies anew (needs the registries)
	@$(RUN) bootstrap.py lock

initial-revision: setup ## 最初のリビジョンを書き出す (初版まで) / Write out the first revision (until the first release)
	@$(RUN) -m app.migrations.initial

clean: ## 作ったものを消す / Remove what was built (data stays)
	@rm -rf .venv node_modules warehouse_ui/static documents/fonts/files dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
