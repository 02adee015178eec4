"""The audit log: who did what, when. Read only."""

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from lms.accounts import queries, rules
from lms.accounts.queries import audit_log as log
from lms.accounts.queries.register import reaches_all
from lms.accounts.views.audit_details import in_words, uuids_in
from lms.accounts.views.blueprint import acting, bp
from lms.core import i18n, paging
from lms.core.access import Permission, requires

# Every act that the product writes down, in words. A test keeps it whole.
ACTS: dict[str, LazyString] = {
    "access.refused": _l("Ditolak membuka halaman"),
    "accounts.activated": _l("Akun diaktifkan dengan kode"),
    "accounts.code_given": _l("Kode aktivasi dibuat"),
    "accounts.delegated": _l("Wewenang kepala unit dilimpahkan"),
    "accounts.delegation_ended": _l("Pelimpahan wewenang diakhiri"),
    "accounts.import_applied": _l("Impor diterapkan"),
    "accounts.import_faults_exported": _l("Baris impor yang salah diunduh"),
    "accounts.import_received": _l("Berkas impor diterima"),
    "accounts.import_undone": _l("Impor dibatalkan"),
    "accounts.initial_password_set": _l("Kata sandi awal diberikan"),
    "accounts.other_sessions_ended": _l("Sesi lain diakhiri"),
    "accounts.password_changed": _l("Kata sandi diubah"),
    "accounts.password_reset": _l("Kata sandi diatur ulang"),
    "accounts.person_added": _l("Pegawai ditambahkan"),
    "accounts.person_deactivated": _l("Akun ditutup"),
    "accounts.person_placed": _l("Pegawai ditempatkan"),
    "accounts.person_reactivated": _l("Akun dibuka kembali"),
    "accounts.placement_ended": _l("Penempatan diakhiri"),
    "accounts.reset_requested": _l("Tautan kata sandi diminta"),
    "accounts.role_ended": _l("Peran diakhiri"),
    "accounts.role_granted": _l("Peran diberikan"),
    "accounts.row_imported": _l("Data diimpor dari berkas"),
    "accounts.row_taken_back": _l("Data dari impor ditarik kembali"),
    "accounts.session_ended": _l("Sesi diakhiri"),
    "accounts.signed_in": _l("Masuk"),
    "competencies.added": _l("Kompetensi ditambahkan ke kamus"),
    "competencies.changed": _l("Kamus kompetensi diubah"),
    "competencies.evidence_rule_set": _l("Aturan bukti diubah"),
    "competencies.hour_form_set": _l("Bentuk pengembangan dan konversi JP diubah"),
    "competencies.hour_target_set": _l("Target JP diubah"),
    "competencies.match_category_set": _l("Kategori Job Person Match diubah"),
    "competencies.rated": _l("Kompetensi dinilai"),
    "competencies.reversed": _l("Entri rekam kompetensi dibatalkan"),
    "competencies.standard_set": _l("Standar kompetensi diubah"),
    "courses.archived": _l("Kursus diarsipkan"),
    "courses.bank_created": _l("Bank soal dibuat"),
    "courses.created": _l("Kursus dibuat"),
    "courses.draft_discarded": _l("Draf kursus dibuang"),
    "courses.draft_opened": _l("Draf kursus dibuka"),
    "courses.member_removed": _l("Rekan dikeluarkan dari kursus"),
    "courses.member_set": _l("Peran pada kursus diberikan"),
    "courses.prerequisites_set": _l("Kursus prasyarat diubah"),
    "courses.published": _l("Kursus diterbitkan"),
    "courses.review_approved": _l("Draf kursus disetujui"),
    "courses.review_asked": _l("Tinjauan draf diminta"),
    "courses.review_returned": _l("Draf kursus dikembalikan"),
    "courses.review_withdrawn": _l("Permintaan tinjauan draf dibatalkan"),
    "courses.unarchived": _l("Kursus dibuka kembali"),
    "courses.ended": _l("Kursus yang ditarik berakhir bagi pesertanya"),
    "courses.withdrawn": _l("Kursus ditarik"),
    "credentials.reissued": _l("Sertifikat diterbitkan ulang"),
    "credentials.revoked": _l("Sertifikat dicabut"),
    "development.claim_approved": _l("Klaim bukti disetujui SDM"),
    "development.claim_changed": _l("Klaim bukti diubah"),
    "development.claim_endorsed": _l("Klaim bukti diverifikasi atasan"),
    "development.claim_returned": _l("Klaim bukti dikembalikan"),
    "development.claim_submitted": _l("Klaim bukti diajukan"),
    "development.claim_withdrawn": _l("Klaim bukti ditarik"),
    "learning.allowance_ended": _l("Pengecualian kuis diakhiri"),
    "learning.allowance_restored": _l("Pengecualian kuis berlaku lagi"),
    "learning.allowance_given": _l("Pengecualian kuis diberikan"),
    "learning.approved": _l("Permintaan mengikuti kursus disetujui"),
    "learning.asked": _l("Permintaan mengikuti kursus diajukan"),
    "learning.assigned": _l("Kursus ditugaskan"),
    "learning.assignment_undone": _l("Penugasan dibatalkan"),
    "learning.assignment_withdrawn": _l("Penugasan ditarik"),
    "learning.attempt_voided": _l("Percobaan kuis dibatalkan"),
    "learning.completion_reversed": _l("Penyelesaian kursus ditarik"),
    "learning.count_asked": _l("Hitungan analitik diminta"),
    "learning.deadline_moved": _l("Batas waktu diperpanjang"),
    "learning.declined": _l("Undangan kursus ditolak"),
    "learning.enrolled": _l("Mendaftar kursus"),
    "learning.essay_marked": _l("Esai dinilai"),
    "learning.exported": _l("Tabel kursus diunduh"),
    "learning.invitation_restored": _l("Undangan kursus berlaku lagi"),
    "learning.invitations_withdrawn": _l("Undangan kursus ditarik"),
    "learning.invited": _l("Diundang mengikuti kursus"),
    "learning.moved_to_version": _l("Dipindahkan ke versi kursus baru"),
    "learning.mark_changed": _l("Nilai percobaan kuis diubah"),
    "learning.messaged": _l("Pesan dikirim kepada peserta"),
    "learning.nudged": _l("Peserta kursus diingatkan"),
    "learning.policy_set": _l("Aturan pendaftaran kursus diubah"),
    "learning.question_corrected": _l("Soal kuis dikoreksi"),
    "learning.quiz_submitted": _l("Kuis dikumpulkan"),
    "learning.refused": _l("Permintaan mengikuti kursus ditolak"),
    "learning.reminded": _l("Pegawai diingatkan"),
    "learning.reminders_undone": _l("Pengingat dibatalkan"),
    "learning.request_withdrawn": _l("Permintaan mengikuti kursus ditarik"),
    "learning.run_awaited": _l("Masuk daftar tunggu angkatan"),
    "learning.run_cancelled": _l("Angkatan dibatalkan"),
    "learning.run_left": _l("Keluar dari angkatan"),
    "learning.run_moved": _l("Peserta dipindahkan ke angkatan lain"),
    "learning.bulk_act_stopped": _l("Tindakan bagi banyak peserta dihentikan"),
    "learning.regrade_stopped": _l("Penerapan koreksi nilai dihentikan"),
    "learning.run_set": _l("Angkatan disimpan"),
    "learning.time_ended": _l("Hak waktu tambahan diakhiri"),
    "learning.time_granted": _l("Hak waktu tambahan diberikan"),
    "learning.withdrawn": _l("Pendaftaran kursus ditutup"),
    "reports.exported": _l("Laporan diunduh"),
    "upkeep.job_asked": _l("Pekerjaan latar diminta berjalan"),
    "upkeep.mail_retried": _l("Surel dikirim lagi"),
    "upkeep.restored": _l("Basis data dipulihkan dari cadangan"),
    "upkeep.uploads_pruned": _l("Unggahan yang tidak dipakai lagi dihapus"),
    "upkeep.verification_asked": _l("Pemeriksaan rekam jejak diminta"),
}


@bp.get("/audit-log", endpoint="audit_log")
@requires(Permission.AUDIT_LOG_READ)
def audit_log_page() -> ResponseReturnValue:
    actor = acting()
    action = request.args.get("act", "")
    action = action if action in ACTS else ""
    typed = request.args.get("person", "").strip()[: rules.EMAIL_MAX]
    before = paging.after_id("before")
    person = queries.person_by_identifier(typed) if typed else None
    found, more = list[log.Act](), False
    if person or not typed:
        uuid = person.uuid if person else None
        found, more = log.acts(actor, action=action, person=uuid, before=before)
    names = log.names_of(set().union(*(uuids_in(act.details) for act in found)))
    chosen: dict[str, Any] = {"act": action or None, "person": typed or None}
    return render_template(
        "accounts/audit_log.html",
        acts=[
            {
                "at": i18n.instant(act.at, actor.time_zone),
                "words": ACTS.get(act.action, act.action),
                "who": act.who,
                "whom": act.whom if act.whom != act.who else None,
                "details": in_words(act.details, names),
                "request_id": act.request_id,
            }
            for act in found
        ],
        choices=sorted(((code, str(text)) for code, text in ACTS.items()), key=lambda c: c[1]),
        action=action,
        person=typed,
        is_filtered=bool(action or typed),
        may_verify=reaches_all(actor.paths_of(Permission.AUDIT_LOG_READ)),
        first_url=url_for(".audit_log", **chosen) if before else None,
        next_url=url_for(".audit_log", **chosen, before=found[-1].id) if more else None,
    )
