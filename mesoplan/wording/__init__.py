"""The sentences that a reader sees, made from codes and values."""
