"""The ledgers of what people can do: evidence, learning hours (JP), levels, gaps.

Knows people, positions and evidence. What does not belong here: courses, quizzes, enrolments;
whoever learns something elsewhere calls `record_evidence` and `record_hours`.
"""
