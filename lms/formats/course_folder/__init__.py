"""A course as a folder of plain text (docs/course-format.md), format 1.

`content` is what such a folder says. `reader` reads and checks it, `parts` the lessons, quizzes and
files in it, `quiz` the settings of a quiz, `settings` one TOML table; `reading` keeps what is known
on the way. `markup` looks at Markdown without rendering it, `craft` at what could be better.
Writing a folder would belong here too; storing what was read does not.
"""
