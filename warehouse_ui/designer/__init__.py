"""What the template designer's browser half works with: what can be chosen, the preview, what is wrong."""
