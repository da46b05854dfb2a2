"""Bayes' rule on an image, and the verdict: confident, uncertain or out of distribution."""
