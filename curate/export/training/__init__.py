"""Training: which model, what fits in which card, and the files that LLaMA-Factory 0.9.5 is started with."""
