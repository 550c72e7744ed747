"""The recipe of the pocket bundle: corpus, tokenizer, training, export, checks."""
