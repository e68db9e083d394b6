"""Tests of advice: what is claimed is so."""
