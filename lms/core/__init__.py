"""The ground floor: database, access, audit, errors, Markdown, files, jobs, mail, clock, words.

Everything here serves every room and knows none of them. What does not belong here: a word of
the domain (course, quiz, competency, person). Who is acting is only the `Actor` protocol.
"""
