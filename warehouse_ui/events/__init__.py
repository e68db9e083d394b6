"""Behind the organiser's screens: what to do next, how a question is laid out, the proof as a file, the words."""
