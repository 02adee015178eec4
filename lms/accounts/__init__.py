"""People, units, positions, placements, roles, and how somebody signs in.

What does not belong here: what a person learns, knows or is certified for; anything that must
know a course or a competency.
"""
