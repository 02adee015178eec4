"""Keeping a site: backups, restores, the move to PostgreSQL, and proving the records.

Works on the database and the files as a whole and finds the tables by itself. What a single row
means belongs to the rooms.
"""
