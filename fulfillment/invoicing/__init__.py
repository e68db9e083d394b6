"""Invoices as Japanese law knows them (適格請求書): figures, who gets one, what was issued."""
