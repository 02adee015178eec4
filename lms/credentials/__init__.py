"""Certificates: issue, the file, verification, revocation, re-issue, validity.

What does not belong here: when a course is completed (learning decides and calls), and the hours
and levels that a completion gives (competencies).
"""
