# The work is done by make.py, which also runs where there is no make.
PYTHON ?= python3

.PHONY: demo test check setup clean
demo test check setup clean:
	@$(PYTHON) make.py $@
