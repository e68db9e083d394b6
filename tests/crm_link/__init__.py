"""Tests of crm_link."""
