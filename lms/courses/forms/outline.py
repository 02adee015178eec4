"""What is typed about modules and parts."""

import re
from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import NumberRange, Optional, ValidationError
from wtforms.widgets import HiddenInput

from lms.core.forms import Form, Whole, at_most, required
from lms.courses.forms.fields import Moment
from lms.formats.course_folder.medium import POSTERS
from lms.formats.course_folder.settings import MOST_DAYS

TITLE_MAX = 120
MINUTES_MAX = 6000
TEXT_MAX = 50_000
_SUFFIXES = {
    "video": (".mp4", ".webm"),
    "audio": (".mp3",),
    "document": (".pdf",),
    "image": (".png", ".jpg", ".jpeg", ".webp", ".gif", ".svg"),
}

_ADDRESS = re.compile(r"https://[^/?#\s]+")
_POSTERS = tuple(f".{suffix}" for suffix in POSTERS)


def tidy(typed: str | None) -> str:
    return " ".join((typed or "").split())


def _title() -> StringField:
    return StringField(_l("Judul"), [required(_l("Isi judul")), at_most(TITLE_MAX)], filters=[tidy])


def _minutes(label: str, least: int, description: str = "") -> Whole:
    words = _l("Tulis menit dari %(least)d sampai %(most)d", least=least, most=MINUTES_MAX)
    return Whole(
        label,
        [required(_l("Isi menit")), NumberRange(least, MINUTES_MAX, words)],
        default=least,
        description=description,
    )


class AddModuleForm(Form):
    title = StringField(
        _l("Judul modul baru"),
        [required(_l("Isi judul")), at_most(TITLE_MAX)],
        id="module-title",
        filters=[tidy],
    )


class AddPartForm(Form):
    kind = SelectField(_l("Jenis"))
    module = SelectField(_l("Modul"), [required(_l("Pilih modul"))], validate_choice=False)
    title = StringField(
        _l("Judul bagian baru"), [required(_l("Isi judul")), at_most(TITLE_MAX)], filters=[tidy]
    )
    address = StringField(
        _l("Alamat tautan"),
        [at_most(500)],
        description=_l("Hanya untuk tautan luar, misalnya https://contoh.go.id/panduan."),
        filters=[tidy],
    )

    def validate_address(self, field: StringField) -> None:
        if self.kind.data == "link" and not _ADDRESS.match(field.data or ""):
            raise ValidationError(_l("Tulis alamat yang diawali https://"))
        if set(field.data or "") & set(" <>()\"'"):
            raise ValidationError(_l("Alamat tidak boleh memuat spasi, kurung, atau tanda kutip"))


class PlaceForm(Form):
    """Where something is put that comes from another course."""

    place = SelectField(_l("Taruh di"), validate_choice=False)


class SettingsForm(Form):
    """Settings of a module or part; `number` is the save that they were read from, `base` what they
    said then (`views.conflicts`)."""

    number = Whole(widget=HiddenInput())
    base = HiddenField()
    title = _title()
    requires = SelectMultipleField(
        _l("Yang harus selesai lebih dahulu"),
        description=_l("Peserta baru dapat membukanya sesudah semua yang dicentang selesai."),
        validate_choice=False,
    )

    def settings(self) -> dict[str, Any]:
        """As the course folder has them; None where a setting is left out."""
        return {"title": self.title.data, "requires": self.requires.data or None}


class ModuleSettingsForm(SettingsForm):
    pass


class QuizSettingsForm(SettingsForm):
    minutes = _minutes(_l("Perkiraan waktu (menit)"), 1)
    opens_after = Whole(
        _l("Dibuka sesudah (hari)"),
        [NumberRange(0, MOST_DAYS, _l("Tulis 0 sampai %(most)d", most=MOST_DAYS))],
        default=0,
        description=_l(
            "Hari sejak peserta mulai, atau sejak angkatannya mulai. 0: tidak menunggu."
        ),
    )
    optional = BooleanField(
        _l("Tidak wajib"),
        description=_l("Kursus selesai tanpanya; tidak dihitung dalam kemajuan dan nilai akhir."),
    )

    def settings(self) -> dict[str, Any]:
        return {
            **super().settings(),
            "minutes": self.minutes.data,
            "opens_after": self.opens_after.data or None,
            "optional": self.optional.data or None,
        }


class OpeningForm(QuizSettingsForm):
    """Settings of what opens by itself; when a quiz opens stands with its other limits."""

    opens = Moment(
        _l("Dibuka pada"),
        [Optional()],
        description=_l("Menurut jam setempat. Kosong: sejak awal."),
    )

    def settings(self) -> dict[str, Any]:
        return {**super().settings(), "opens": self.opens.data}


class LessonSettingsForm(OpeningForm):
    read_to_end = BooleanField(_l("Selesai bila dibaca sampai akhir"))
    min_minutes = _minutes(
        _l("Waktu paling sedikit (menit)"),
        0,
        _l("0: tidak ada. Tanpa keduanya, peserta sendiri yang menandai selesai."),
    )

    def validate_min_minutes(self, field: Whole) -> None:
        if (field.data or 0) > (self.minutes.data or 0):
            raise ValidationError(_l("Tidak boleh melebihi perkiraan waktu"))

    def settings(self) -> dict[str, Any]:
        return {
            **super().settings(),
            "read_to_end": self.read_to_end.data or None,
            "min_minutes": self.min_minutes.data or None,
        }


class MediumSettingsForm(OpeningForm):
    file = SelectField(
        _l("Berkas"), description=_l("Unggah berkasnya di halaman Media."), validate_choice=False
    )
    captions = SelectField(_l("Takarir (WebVTT)"), validate_choice=False)
    audio = SelectField(_l("Suara saja (MP3), untuk hemat data"), validate_choice=False)
    poster = SelectField(_l("Gambar sebelum video diputar"), validate_choice=False)
    text = TextAreaField(
        _l("Transkrip, atau isi berkas dalam kata-kata"),
        [at_most(TEXT_MAX)],
        description=_l("Markdown. Boleh menyusul, tetapi kursus tidak dapat terbit tanpanya."),
    )
    watched = Whole(
        _l("Selesai sesudah diputar (persen)"),
        [NumberRange(0, 100, _l("Tulis 0 sampai 100"))],
        default=0,
        description=_l("0: peserta sendiri yang menandai selesai."),
    )
    min_minutes = _minutes(_l("Waktu paling sedikit (menit)"), 0, _l("0: tidak ada."))

    def show_media(self, kind: str, names: Sequence[str]) -> None:
        """Offer the media that fit; what a kind does not have is left out of the form."""
        self.file.choices = _offered(names, _SUFFIXES[kind], self.file.data)
        self.captions.choices = _offered(names, (".vtt",), self.captions.data)
        self.audio.choices = _offered(names, (".mp3",), self.audio.data)
        self.poster.choices = _offered(names, _POSTERS, self.poster.data)
        if kind != "video":
            del self.captions, self.audio, self.poster
        if kind not in ("video", "audio"):
            del self.watched

    def settings(self) -> dict[str, Any]:
        found = {
            **super().settings(),
            "file": self.file.data or "",
            "text": str(self.text.data or "").replace("\r\n", "\n"),
            "min_minutes": self.min_minutes.data or None,
        }
        for name in ("captions", "audio", "poster", "watched"):
            if name in self:
                found[name] = self[name].data or None
        return found


def _offered(names: Sequence[str], suffixes: tuple[str, ...], now: str | None) -> list[Any]:
    fitting = [name for name in names if name.lower().endswith(suffixes)]
    if now and now not in fitting:
        fitting.append(now)
    return [("", _l("Belum dipilih")), *((name, name.removeprefix("media/")) for name in fitting)]
