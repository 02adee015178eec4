"""GIFT, Moodle's text format for questions, in the types that quizzes know.

`questions` says what a question is, `reader` makes questions of GIFT, `writer` GIFT of questions.
Other question formats of Moodle (XML, Aiken) do not belong here; they may share `questions`.
"""
