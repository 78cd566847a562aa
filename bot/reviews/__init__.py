"""The catalogue: what a review is, the files it comes from, and finding one by title."""
