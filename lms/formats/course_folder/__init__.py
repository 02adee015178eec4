"""A course as a folder of plain text (docs/course-format.md), format 1.

`content` is what such a folder says, `reader` reads and checks it, `quiz` the settings of a quiz,
`settings` one TOML table, and `markup` looks at Markdown without rendering it. Writing a folder
would belong here too; storing what was read does not.
"""
