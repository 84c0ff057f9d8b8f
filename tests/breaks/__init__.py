"""Deliberate one-line breaks of the code, and the command that shows which test finds each of them."""
