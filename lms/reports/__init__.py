"""Pages over many people: today the team of a head of unit.

What does not belong here: anything that changes data; its buttons call the rooms below.
"""
