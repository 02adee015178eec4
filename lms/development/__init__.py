"""What people learn outside the platform: external training and certificates, with a document,
entered by the person, verified by the superior and then by HR.

What does not belong here: the ledgers themselves (competencies), and ratings that a superior or an
assessor gives without the person's asking (competencies too).
"""
