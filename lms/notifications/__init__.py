"""The inbox of each person: what happened that they should know.

What does not belong here: deciding when something is worth telling (the room where it happens
does), and mail (core sends it).
"""
