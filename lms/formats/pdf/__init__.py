"""Sheets to print or send, drawn from finished values: the same values are the same bytes.

Does not belong here: what a certificate or transcript says of somebody, and who may have it.
"""
