"""Courses, their immutable published versions, and the catalogue.

What does not belong here: who is enrolled, how far somebody is, what a completion leads to.
"""
