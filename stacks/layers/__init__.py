"""The estate layer by layer: which stacks there are, what each is told, and what has to exist before it."""
