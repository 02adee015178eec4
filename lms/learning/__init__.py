"""Enrolment, the player, progress, completion: the conductor of the rooms below.

What does not belong here: how an answer is graded (quizzes), what evidence means (competencies),
what a course contains (courses); and reports over many people (reports).
"""
