"""What the screens of experiments need: the plan as a form, results in plain words, a chart."""
