"""One parent for web, workers and keeper: starts them, restarts what dies, and leaves nothing behind."""
