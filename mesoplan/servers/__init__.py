"""What is asked of other machines: the only code that goes over a network."""
