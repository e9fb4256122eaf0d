"""The training loop, optimisers, batches and checkpoints."""
