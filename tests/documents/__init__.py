"""Tests of the documents package: files are read back, codes decoded from the rendered page."""
