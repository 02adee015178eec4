"""Pure codecs: text and files in, frozen data and problems out, and back again.

Here belongs what can be read and written knowing nothing but the bytes: GIFT questions, the course
folder, tables, codes that people copy, PDF; other exchange formats when their work comes. The
standard library, and what writes a format: no other library.

Does not belong here: the database, HTTP, rendering Markdown, translating messages, deciding who may
import, and what an import changes. Those are the business of the rooms that call a codec.
"""
