"""Tests of fulfillment.backtest."""
