"""The nouns of the search: folding, sound keys, nicknames, word lists, numbers, subjects, ranking. Pure."""
