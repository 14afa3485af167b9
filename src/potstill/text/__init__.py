"""Pure functions of text: comparison keys, tokens, language, answers."""
