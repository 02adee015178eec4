"""The quiz engine: questions and their versions, attempts, answers, grading.

Knows persons by id and whoever holds an attempt by a UUID. What does not belong here: who is
enrolled, which course a quiz stands in, what a pass leads to; `learning` conducts.
"""
