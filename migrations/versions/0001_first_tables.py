"""first tables"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=True),
        sa.Column("subject_uuid", sa.Uuid(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("request_id", sa.String(length=40), nullable=True),
        sa.Column("chain", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("previous_digest", sa.String(length=64), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("schema", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
        sa.UniqueConstraint("chain", "seq", name=op.f("uq_audit_entry_chain_seq")),
        sa.UniqueConstraint("uuid", name=op.f("uq_audit_entry_uuid")),
    )
    op.create_index("ix_audit_entry_action", "audit_entry", ["action"], unique=False)
    op.create_index("ix_audit_entry_subject_uuid", "audit_entry", ["subject_uuid"], unique=False)

    op.create_table(
        "competency",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "managerial",
                "sociocultural",
                "technical",
                name="competencykind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("field", sa.String(length=120), nullable=True),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column(
            "rating_rule",
            sa.Enum(
                "highest", "latest", "assessor", name="ratingrule", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_competency")),
        sa.UniqueConstraint("code", name=op.f("uq_competency_code")),
        sa.UniqueConstraint("uuid", name=op.f("uq_competency_uuid")),
    )
    op.create_table(
        "credential_try",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("account_digest", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential_try")),
    )
    op.create_index(
        "ix_credential_try_account",
        "credential_try",
        ["kind", "account_digest", "at"],
        unique=False,
    )
    op.create_index(
        "ix_credential_try_address", "credential_try", ["kind", "address", "at"], unique=False
    )
    op.create_index("ix_credential_try_at", "credential_try", ["at"], unique=False)

    op.create_table(
        "outbox_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=300), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_mail")),
        sa.UniqueConstraint("uuid", name=op.f("uq_outbox_mail_uuid")),
    )
    op.create_index("ix_outbox_mail_created_at", "outbox_mail", ["created_at"], unique=False)
    op.create_index("ix_outbox_mail_due_at", "outbox_mail", ["due_at"], unique=False)

    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("nip", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column(
            "employment",
            sa.Enum("pns", "pppk", name="employment", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("initial_password_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=True),
        sa.Column(
            "mail_choice",
            sa.Enum("at_once", "daily", "never", name="mailchoice", native_enum=False, length=40),
            nullable=True,
        ),
        sa.Column("deactivated_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
        sa.UniqueConstraint("nip", name=op.f("uq_person_nip")),
        sa.UniqueConstraint("uuid", name=op.f("uq_person_uuid")),
    )
    op.create_index("ix_person_name", "person", ["name", "id"], unique=False)

    op.create_table(
        "position",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "jpt",
                "administrator",
                "pengawas",
                "fungsional",
                "pelaksana",
                name="positionkind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "tier",
            sa.Enum(
                "jpt_utama",
                "jpt_madya",
                "jpt_pratama",
                "administrator",
                "pengawas",
                "pelaksana",
                "pemula",
                "terampil",
                "mahir",
                "penyelia",
                "ahli_pertama",
                "ahli_muda",
                "ahli_madya",
                "ahli_utama",
                name="positiontier",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_position")),
        sa.UniqueConstraint("code", name=op.f("uq_position_code")),
        sa.UniqueConstraint("uuid", name=op.f("uq_position_uuid")),
    )
    op.create_table(
        "question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("bank", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "single",
                "multiple",
                "truefalse",
                "short",
                "numeric",
                "matching",
                "ordering",
                "essay",
                name="questionkind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("feedback", sa.Text(), nullable=False),
        sa.Column("last_option_fixed", sa.Boolean(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("essay", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("pipeline", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("bank", "key", "number", name=op.f("uq_question_bank_key_number")),
        sa.UniqueConstraint("uuid", name=op.f("uq_question_uuid")),
    )
    op.create_table(
        "quiz",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("pass_percent", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("time_limit", sa.Integer(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_delay", sa.Integer(), nullable=False),
        sa.Column("later_delay", sa.Integer(), nullable=False),
        sa.Column(
            "grade_method",
            sa.Enum(
                "highest",
                "last",
                "average",
                "first",
                name="grademethod",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("shuffle_options", sa.Boolean(), nullable=False),
        sa.Column("review", sa.JSON(), nullable=False),
        sa.Column("feedback", sa.JSON(), nullable=False),
        sa.Column(
            "scoring",
            sa.Enum(
                "weights",
                "all-or-nothing",
                "proportional",
                "right-minus-wrong",
                name="scoring",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("match_case", sa.Boolean(), nullable=False),
        sa.Column("match_accents", sa.Boolean(), nullable=False),
        sa.Column("decimal_comma", sa.Boolean(), nullable=False),
        sa.Column("pretest_key", sa.String(length=60), nullable=True),
        sa.Column("sections", sa.JSON(), nullable=False),
        sa.Column("practice", sa.Boolean(), nullable=False),
        sa.Column("hints", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiz")),
        sa.UniqueConstraint("uuid", name=op.f("uq_quiz_uuid")),
    )
    op.create_table(
        "sweep_state",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=120), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sweep_state")),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column(
            "path",
            sa.String(length=255).with_variant(sa.String(length=255, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("time_zone", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_parent_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("code", name=op.f("uq_unit_code")),
        sa.UniqueConstraint("path", name=op.f("uq_unit_path")),
        sa.UniqueConstraint("uuid", name=op.f("uq_unit_uuid")),
    )
    op.create_index("ix_unit_parent_id", "unit", ["parent_id"], unique=False)

    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("quiz_id", sa.Integer(), nullable=False),
        sa.Column("quiz_key", sa.String(length=60), nullable=False),
        sa.Column("holder", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("layout", sa.JSON(), nullable=False),
        sa.Column("headings", sa.JSON(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("graded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waits_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("percent", sa.BigInteger(), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("void_reason", sa.String(length=300), nullable=True),
        sa.Column("corrected", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_attempt_person_id_person")
        ),
        sa.ForeignKeyConstraint(["quiz_id"], ["quiz.id"], name=op.f("fk_attempt_quiz_id_quiz")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint(
            "holder", "quiz_key", "number", name=op.f("uq_attempt_holder_quiz_key_number")
        ),
        sa.UniqueConstraint("uuid", name=op.f("uq_attempt_uuid")),
    )
    op.create_index(
        "ix_attempt_due",
        "attempt",
        ["deadline_at"],
        unique=False,
        sqlite_where=sa.text("submitted_at IS NULL"),
        postgresql_where=sa.text("submitted_at IS NULL"),
    )
    op.create_index("ix_attempt_quiz", "attempt", ["quiz_id", "id"], unique=False)
    op.create_index("ix_attempt_person_id", "attempt", ["person_id"], unique=False)
    op.create_index(
        "ix_attempt_ungraded",
        "attempt",
        ["submitted_at"],
        unique=False,
        sqlite_where=sa.text("graded_at IS NULL AND waits_since IS NULL"),
        postgresql_where=sa.text("graded_at IS NULL AND waits_since IS NULL"),
    )
    op.create_index(
        "uq_attempt_open",
        "attempt",
        ["holder", "quiz_key"],
        unique=True,
        sqlite_where=sa.text("submitted_at IS NULL"),
        postgresql_where=sa.text("submitted_at IS NULL"),
    )

    op.create_table(
        "level_recount",
        sa.Column("competency_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_to", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["competency_id"],
            ["competency.id"],
            name=op.f("fk_level_recount_competency_id_competency"),
        ),
        sa.PrimaryKeyConstraint("competency_id", name=op.f("pk_level_recount")),
    )
    op.create_table(
        "evidence_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "course_completion",
                "quiz_result",
                "assessment",
                "external_training",
                "certificate",
                "observation",
                name="evidencekind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("proves_up_to", sa.Integer(), nullable=False),
        sa.Column("start_on", sa.Date(), nullable=False),
        sa.Column("end_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["set_by_id"], ["person.id"], name=op.f("fk_evidence_rule_set_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_rule")),
    )
    op.create_table(
        "match_category",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=60), nullable=True),
        sa.Column("from_percent", sa.Integer(), nullable=False),
        sa.Column("start_on", sa.Date(), nullable=False),
        sa.Column("end_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("needs_verification", sa.Boolean(), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["set_by_id"], ["person.id"], name=op.f("fk_match_category_set_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_category")),
    )
    op.create_table(
        "hour_form",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=True),
        sa.Column(
            "category",
            sa.Enum(
                "education",
                "classical",
                "nonclassical",
                name="hourcategory",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "unit",
            sa.Enum(
                "curriculum",
                "day",
                "time",
                "semester",
                name="hourunit",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("jp", sa.BigInteger(), nullable=True),
        sa.Column("jp_abroad", sa.BigInteger(), nullable=True),
        sa.Column("daily_cap", sa.BigInteger(), nullable=True),
        sa.Column("cap_applies", sa.Boolean(), nullable=False),
        sa.Column("monthly_times", sa.Integer(), nullable=True),
        sa.Column("start_on", sa.Date(), nullable=False),
        sa.Column("end_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("needs_verification", sa.Boolean(), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["set_by_id"], ["person.id"], name=op.f("fk_hour_form_set_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hour_form")),
    )
    op.create_table(
        "hour_target",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "employment",
            sa.Enum("pns", "pppk", name="employment", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("target_jp", sa.BigInteger(), nullable=False),
        sa.Column("start_on", sa.Date(), nullable=False),
        sa.Column("end_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("needs_verification", sa.Boolean(), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["set_by_id"], ["person.id"], name=op.f("fk_hour_target_set_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hour_target")),
    )
    op.create_table(
        "competency_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("competency_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=True),
        sa.Column("field", sa.String(length=120), nullable=True),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column(
            "rating_rule",
            sa.Enum(
                "highest", "latest", "assessor", name="ratingrule", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["person.id"], name=op.f("fk_competency_revision_changed_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["competency_id"],
            ["competency.id"],
            name=op.f("fk_competency_revision_competency_id_competency"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_competency_revision")),
        sa.UniqueConstraint(
            "competency_id", "number", name=op.f("uq_competency_revision_competency_id_number")
        ),
    )
    op.create_table(
        "competency_standard",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("position_id", sa.Integer(), nullable=True),
        sa.Column(
            "tier",
            sa.Enum(
                "jpt_utama",
                "jpt_madya",
                "jpt_pratama",
                "administrator",
                "pengawas",
                "pelaksana",
                "pemula",
                "terampil",
                "mahir",
                "penyelia",
                "ahli_pertama",
                "ahli_muda",
                "ahli_madya",
                "ahli_utama",
                name="positiontier",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("competency_id", sa.Integer(), nullable=False),
        sa.Column("required_level", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("start_on", sa.Date(), nullable=False),
        sa.Column("end_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("needs_verification", sa.Boolean(), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(position_id IS NULL) <> (tier IS NULL)",
            name=op.f("ck_competency_standard_one_target"),
        ),
        sa.CheckConstraint(
            "required_level BETWEEN 1 AND 5", name=op.f("ck_competency_standard_level")
        ),
        sa.CheckConstraint("weight BETWEEN 1 AND 100", name=op.f("ck_competency_standard_weight")),
        sa.ForeignKeyConstraint(
            ["competency_id"],
            ["competency.id"],
            name=op.f("fk_competency_standard_competency_id_competency"),
        ),
        sa.ForeignKeyConstraint(
            ["position_id"],
            ["position.id"],
            name=op.f("fk_competency_standard_position_id_position"),
        ),
        sa.ForeignKeyConstraint(
            ["set_by_id"], ["person.id"], name=op.f("fk_competency_standard_set_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_competency_standard")),
    )
    op.create_index(
        "ix_competency_standard_target",
        "competency_standard",
        ["tier", "position_id"],
        unique=False,
    )

    op.create_table(
        "course",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("owner_unit_id", sa.Integer(), nullable=True),
        sa.Column("current_version_id", sa.Integer(), nullable=True),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_withdrawn", sa.Boolean(), nullable=False),
        sa.Column("closed_reason", sa.String(length=300), nullable=False),
        sa.Column("is_bank", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["current_version_id"],
            ["course_version.id"],
            name="fk_course_current_version",
            use_alter=True,
        ),
        sa.ForeignKeyConstraint(
            ["owner_unit_id"], ["unit.id"], name=op.f("fk_course_owner_unit_id_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course")),
        sa.UniqueConstraint("slug", name=op.f("uq_course_slug")),
        sa.UniqueConstraint("uuid", name=op.f("uq_course_uuid")),
    )
    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("competency_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "course_completion",
                "quiz_result",
                "assessment",
                "external_training",
                "certificate",
                "observation",
                name="evidencekind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column(
            "standing",
            sa.Enum("proves", "supports", name="evidencestanding", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("score", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("source_uuid", sa.Uuid(), nullable=False),
        sa.Column("part_of_uuid", sa.Uuid(), nullable=True),
        sa.Column("earned_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("position_id", sa.Integer(), nullable=True),
        sa.Column("reverses_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("chain", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("previous_digest", sa.String(length=64), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("schema", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["competency_id"], ["competency.id"], name=op.f("fk_evidence_competency_id_competency")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_evidence_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["position_id"], ["position.id"], name=op.f("fk_evidence_position_id_position")
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["evidence.id"], name=op.f("fk_evidence_reverses_id_evidence")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_evidence_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sa.UniqueConstraint("chain", "seq", name=op.f("uq_evidence_chain_seq")),
        sa.UniqueConstraint("uuid", name=op.f("uq_evidence_uuid")),
    )
    op.create_index(
        "uq_evidence_reverses_id", "evidence", ["reverses_id"], unique=True,
        sqlite_where=sa.text("reverses_id IS NOT NULL"),
        postgresql_where=sa.text("reverses_id IS NOT NULL"),
    )  # fmt: skip
    op.create_index("ix_evidence_person_id", "evidence", ["person_id"], unique=False)
    op.create_index("ix_evidence_part_of_uuid", "evidence", ["part_of_uuid"], unique=False)
    op.create_index("ix_evidence_source_uuid", "evidence", ["source_uuid"], unique=False)
    op.create_index("ix_evidence_position_id", "evidence", ["position_id"], unique=False)
    op.create_index("ix_evidence_unit_id", "evidence", ["unit_id"], unique=False)

    op.create_table(
        "hour_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(length=10), nullable=False),
        sa.Column("hours", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("source_uuid", sa.Uuid(), nullable=False),
        sa.Column("earned_on", sa.Date(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("position_id", sa.Integer(), nullable=True),
        sa.Column("reverses_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("chain", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("previous_digest", sa.String(length=64), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("schema", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_hour_entry_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["position_id"], ["position.id"], name=op.f("fk_hour_entry_position_id_position")
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["hour_entry.id"], name=op.f("fk_hour_entry_reverses_id_hour_entry")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_hour_entry_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hour_entry")),
        sa.UniqueConstraint("chain", "seq", name=op.f("uq_hour_entry_chain_seq")),
        sa.UniqueConstraint("uuid", name=op.f("uq_hour_entry_uuid")),
    )
    op.create_index(
        "uq_hour_entry_reverses_id", "hour_entry", ["reverses_id"], unique=True,
        sqlite_where=sa.text("reverses_id IS NOT NULL"),
        postgresql_where=sa.text("reverses_id IS NOT NULL"),
    )  # fmt: skip
    op.create_index("ix_hour_entry_person_year", "hour_entry", ["person_id", "year"], unique=False)
    op.create_index("ix_hour_entry_source_uuid", "hour_entry", ["source_uuid"], unique=False)
    op.create_index("ix_hour_entry_position_id", "hour_entry", ["position_id"], unique=False)
    op.create_index("ix_hour_entry_unit_id", "hour_entry", ["unit_id"], unique=False)

    op.create_table(
        "notification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "course_assigned",
                "course_completed",
                "course_reminded",
                "course_withdrawn",
                "deadline_moved",
                "deadline_near",
                "deadline_passed",
                "quiz_result",
                "claim_approved",
                "claim_returned",
                "certificate_reissued",
                "certificate_revoked",
                "certificate_expires",
                "course_nudged",
                "course_message",
                "attempt_voided",
                "mark_changed",
                "course_stopped",
                "course_resumed",
                "entry_asked",
                "entry_approved",
                "entry_refused",
                "entry_invited",
                "run_cancelled",
                "run_moved",
                "run_promoted",
                "taken_out",
                "review_asked",
                "review_commented",
                "review_approved",
                "review_returned",
                "review_withdrawn",
                "rights_delegated",
                "delegation_ended",
                name="notificationkind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("url", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mail_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_notification_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
        sa.UniqueConstraint("uuid", name=op.f("uq_notification_uuid")),
    )
    op.create_index(
        "ix_notification_mail_due",
        "notification",
        ["mail_due_at"],
        unique=False,
        sqlite_where=sa.text("mail_due_at IS NOT NULL"),
        postgresql_where=sa.text("mail_due_at IS NOT NULL"),
    )
    op.create_index("ix_notification_person", "notification", ["person_id", "id"], unique=False)
    op.create_index(
        "ix_notification_unread",
        "notification",
        ["person_id"],
        unique=False,
        sqlite_where=sa.text("read_at IS NULL"),
        postgresql_where=sa.text("read_at IS NULL"),
    )

    op.create_table(
        "placement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("position_id", sa.Integer(), nullable=False),
        sa.Column(
            "standing",
            sa.Enum("definitive", "acting", name="placementstanding", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("heads_unit", sa.Boolean(), nullable=False),
        sa.Column("start_on", sa.Date(), nullable=False),
        sa.Column("end_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_placement_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["position_id"], ["position.id"], name=op.f("fk_placement_position_id_position")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_placement_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement")),
        sa.UniqueConstraint("uuid", name=op.f("uq_placement_uuid")),
    )
    op.create_index("ix_placement_person_id", "placement", ["person_id"], unique=False)
    op.create_index("ix_placement_position_id", "placement", ["position_id"], unique=False)
    op.create_index(
        "ix_placement_unit_dates", "placement", ["unit_id", "start_on", "end_on"], unique=False
    )
    op.create_index(
        "uq_placement_open_definitive",
        "placement",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("standing = 'definitive' AND end_on IS NULL"),
        postgresql_where=sa.text("standing = 'definitive' AND end_on IS NULL"),
    )

    op.create_table(
        "quiz_question",
        sa.Column("quiz_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_quiz_question_question_id_question")
        ),
        sa.ForeignKeyConstraint(
            ["quiz_id"], ["quiz.id"], name=op.f("fk_quiz_question_quiz_id_quiz")
        ),
        sa.PrimaryKeyConstraint("quiz_id", "position", name=op.f("pk_quiz_question")),
    )
    op.create_table(
        "role_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum("trainer", "hr", "auditor", "admin", name="role", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("start_on", sa.Date(), nullable=False),
        sa.Column("end_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_role_grant_person_id_person")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_role_grant_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
        sa.UniqueConstraint("uuid", name=op.f("uq_role_grant_uuid")),
    )
    op.create_index("ix_role_grant_person_id", "role_grant", ["person_id"], unique=False)
    op.create_index("ix_role_grant_unit_id", "role_grant", ["unit_id"], unique=False)

    op.create_table(
        "delegation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("giver_id", sa.Integer(), nullable=False),
        sa.Column("delegate_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("start_on", sa.Date(), nullable=False),
        sa.Column("end_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("giver_id <> delegate_id", name=op.f("ck_delegation_not_oneself")),
        sa.CheckConstraint("end_on >= start_on", name=op.f("ck_delegation_days")),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by_id IS NULL)", name=op.f("ck_delegation_revoked")
        ),
        sa.ForeignKeyConstraint(
            ["delegate_id"], ["person.id"], name=op.f("fk_delegation_delegate_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["giver_id"], ["person.id"], name=op.f("fk_delegation_giver_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["revoked_by_id"], ["person.id"], name=op.f("fk_delegation_revoked_by_id_person")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_delegation_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
        sa.UniqueConstraint("uuid", name=op.f("uq_delegation_uuid")),
    )
    op.create_index("ix_delegation_delegate_id", "delegation", ["delegate_id"], unique=False)
    op.create_index("ix_delegation_giver", "delegation", ["giver_id", "id"], unique=False)
    op.create_index("ix_delegation_revoked_by_id", "delegation", ["revoked_by_id"], unique=False)
    op.create_index("ix_delegation_unit_id", "delegation", ["unit_id"], unique=False)

    op.create_table(
        "activation_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("code_digest", sa.String(length=64), nullable=False),
        sa.Column("given_by_id", sa.Integer(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("void_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["given_by_id"], ["person.id"], name=op.f("fk_activation_code_given_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_activation_code_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activation_code")),
        sa.UniqueConstraint("uuid", name=op.f("uq_activation_code_uuid")),
    )
    op.create_index(
        "ix_activation_code_expires_at", "activation_code", ["expires_at"], unique=False
    )
    op.create_index(
        "ix_activation_code_given_by_id", "activation_code", ["given_by_id"], unique=False
    )
    op.create_index("ix_activation_code_person_id", "activation_code", ["person_id"], unique=False)
    op.create_index(
        "uq_activation_code_open",
        "activation_code",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("used_at IS NULL AND void_at IS NULL"),
        postgresql_where=sa.text("used_at IS NULL AND void_at IS NULL"),
    )

    op.create_table(
        "sign_in_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("key_digest", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remembered", sa.Boolean(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("device", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_sign_in_session_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_session")),
        sa.UniqueConstraint("key_digest", name=op.f("uq_sign_in_session_key_digest")),
        sa.UniqueConstraint("uuid", name=op.f("uq_sign_in_session_uuid")),
    )
    op.create_index("ix_sign_in_session_ended_at", "sign_in_session", ["ended_at"], unique=False)
    op.create_index(
        "ix_sign_in_session_expires_at", "sign_in_session", ["expires_at"], unique=False
    )
    op.create_index("ix_sign_in_session_person_id", "sign_in_session", ["person_id"], unique=False)

    op.create_table(
        "answer",
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("flagged", sa.Boolean(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fraction", sa.String(length=12), nullable=True),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.id"], name=op.f("fk_answer_attempt_id_attempt")
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_answer_question_id_question")
        ),
        sa.PrimaryKeyConstraint("attempt_id", "question_id", name=op.f("pk_answer")),
    )
    op.create_table(
        "answer_try",
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("fraction", sa.String(length=12), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.id"], name=op.f("fk_answer_try_attempt_id_attempt")
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_answer_try_question_id_question")
        ),
        sa.PrimaryKeyConstraint(
            "attempt_id", "question_id", "number", name=op.f("pk_answer_try")
        ),
    )
    op.create_table(
        "correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("quiz_key", sa.String(length=60), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "new-key", "accept-all", "leave-out", "as-published",
                name="correctionkind", native_enum=False, length=40,
            ),
            nullable=False,
        ),
        sa.Column("options", sa.JSON(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("chain", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("previous_digest", sa.String(length=64), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("schema", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_id"], ["person.id"], name=op.f("fk_correction_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_correction_question_id_question")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
        sa.UniqueConstraint("chain", "seq", name=op.f("uq_correction_chain_seq")),
        sa.UniqueConstraint("uuid", name=op.f("uq_correction_uuid")),
    )
    op.create_index("ix_correction_question_id", "correction", ["question_id"], unique=False)
    op.create_table(
        "grade_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column(
            "cause",
            sa.Enum("regrade", "manual", name="gradecause", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("points_before", sa.String(length=12), nullable=True),
        sa.Column("points_after", sa.String(length=12), nullable=True),
        sa.Column("percent_before", sa.BigInteger(), nullable=False),
        sa.Column("percent_after", sa.BigInteger(), nullable=False),
        sa.Column("passed_before", sa.Boolean(), nullable=False),
        sa.Column("passed_after", sa.Boolean(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("chain", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("previous_digest", sa.String(length=64), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("schema", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.id"], name=op.f("fk_grade_change_attempt_id_attempt")
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["person.id"], name=op.f("fk_grade_change_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_grade_change_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_grade_change_question_id_question")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade_change")),
        sa.UniqueConstraint("chain", "seq", name=op.f("uq_grade_change_chain_seq")),
        sa.UniqueConstraint("uuid", name=op.f("uq_grade_change_uuid")),
    )
    op.create_index("ix_grade_change_attempt_id", "grade_change", ["attempt_id"], unique=False)
    op.create_table(
        "answer_file",
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.id"], name=op.f("fk_answer_file_attempt_id_attempt")
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_answer_file_question_id_question")
        ),
        sa.PrimaryKeyConstraint("attempt_id", "question_id", name=op.f("pk_answer_file")),
    )
    op.create_table(
        "answer_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("bank", sa.Uuid(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=True),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("feedback", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("marked_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.id"], name=op.f("fk_answer_mark_attempt_id_attempt")
        ),
        sa.ForeignKeyConstraint(
            ["marked_by_id"], ["person.id"], name=op.f("fk_answer_mark_marked_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_answer_mark_question_id_question")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_mark")),
        sa.UniqueConstraint(
            "attempt_id", "question_id", name=op.f("uq_answer_mark_attempt_id_question_id")
        ),
        sa.UniqueConstraint("uuid", name=op.f("uq_answer_mark_uuid")),
    )
    op.create_index(
        "ix_answer_mark_queue", "answer_mark", ["bank", "marked_at", "submitted_at"], unique=False
    )
    op.create_index("ix_answer_mark_marked_by_id", "answer_mark", ["marked_by_id"], unique=False)
    op.create_table(
        "competency_state",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("competency_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("evidence_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["competency_id"],
            ["competency.id"],
            name=op.f("fk_competency_state_competency_id_competency"),
        ),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name=op.f("fk_competency_state_evidence_id_evidence")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_competency_state_person_id_person")
        ),
        sa.PrimaryKeyConstraint("person_id", "competency_id", name=op.f("pk_competency_state")),
    )
    op.create_table(
        "course_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_small", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("summary", sa.String(length=200), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("category", sa.String(length=80), nullable=False),
        sa.Column("trainer", sa.String(length=160), nullable=False),
        sa.Column("organiser", sa.String(length=160), nullable=False),
        sa.Column("jp", sa.BigInteger(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("pass_score", sa.BigInteger(), nullable=False),
        sa.Column("goals", sa.JSON(), nullable=False),
        sa.Column("source", sa.JSON(), nullable=False),
        sa.Column("certificate", sa.Boolean(), nullable=False),
        sa.Column("validity_months", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_course_version_course_id_course")
        ),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["person.id"], name=op.f("fk_course_version_approved_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_version")),
        sa.UniqueConstraint("course_id", "number", name=op.f("uq_course_version_course_id_number")),
        sa.UniqueConstraint("uuid", name=op.f("uq_course_version_uuid")),
    )
    op.create_index("ix_course_version_title", "course_version", ["title", "id"], unique=False)

    op.create_table(
        "course_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("registers_from", sa.Date(), nullable=False),
        sa.Column("registers_until", sa.Date(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("time_zone", sa.String(length=40), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_course_run_course_id_course")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_run")),
        sa.UniqueConstraint("course_id", "name", name=op.f("uq_course_run_course_id_name")),
        sa.UniqueConstraint("uuid", name=op.f("uq_course_run_uuid")),
    )
    op.create_table(
        "enrolment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum("open", "completed", name="enrolmentstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "source",
            sa.Enum(
                "self", "approved", "invited",
                name="enrolmentsource", native_enum=False, length=40,
            ),
            nullable=False,
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_active_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_parts", sa.Integer(), nullable=False),
        sa.Column("next_key", sa.String(length=60), nullable=True),
        sa.Column("nudged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("final_score", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_enrolment_course_id_course")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_enrolment_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["course_version.id"],
            name=op.f("fk_enrolment_version_id_course_version"),
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["course_run.id"], name=op.f("fk_enrolment_run_id_course_run")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
        sa.UniqueConstraint("uuid", name=op.f("uq_enrolment_uuid")),
    )
    op.create_index("ix_enrolment_run", "enrolment", ["run_id", "state"], unique=False)
    op.create_index("ix_enrolment_course", "enrolment", ["course_id", "id"], unique=False)
    op.create_index("ix_enrolment_person", "enrolment", ["person_id", "course_id", "id"], unique=False)
    op.create_index("ix_enrolment_version", "enrolment", ["version_id", "state"], unique=False)
    op.create_index(
        "uq_enrolment_open",
        "enrolment",
        ["person_id", "course_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )

    op.create_table(
        "picture",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("smaller", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_picture")),
    )
    op.create_table(
        "media_file",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=220), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content_type", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["course_version.id"],
            name=op.f("fk_media_file_version_id_course_version"),
        ),
        sa.PrimaryKeyConstraint("version_id", "name", name=op.f("pk_media_file")),
    )
    op.create_table(
        "module",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["course_version.id"], name=op.f("fk_module_version_id_course_version")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_module")),
        sa.UniqueConstraint("version_id", "position", name=op.f("uq_module_version_id_position")),
    )
    op.create_table(
        "outcome",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("competency_id", sa.Integer(), nullable=False),
        sa.Column("level_from", sa.Integer(), nullable=False),
        sa.Column("level_to", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["competency_id"], ["competency.id"], name=op.f("fk_outcome_competency_id_competency")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["course_version.id"], name=op.f("fk_outcome_version_id_course_version")
        ),
        sa.PrimaryKeyConstraint("version_id", "competency_id", name=op.f("pk_outcome")),
    )
    op.create_table(
        "activity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("module_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "lesson",
                "quiz",
                "video",
                "audio",
                "document",
                "image",
                name="activitykind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("html", sa.Text(), nullable=True),
        sa.Column("pipeline", sa.Integer(), nullable=True),
        sa.Column("quiz_id", sa.Integer(), nullable=True),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("read_to_end", sa.Boolean(), nullable=False),
        sa.Column("min_minutes", sa.Integer(), nullable=False),
        sa.Column("requires", sa.JSON(), nullable=False),
        sa.Column("watched", sa.Integer(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opens_after", sa.Integer(), nullable=False),
        sa.Column("optional", sa.Boolean(), nullable=False),
        sa.Column("medium", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["module_id"], ["module.id"], name=op.f("fk_activity_module_id_module")
        ),
        sa.ForeignKeyConstraint(["quiz_id"], ["quiz.id"], name=op.f("fk_activity_quiz_id_quiz")),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["course_version.id"],
            name=op.f("fk_activity_version_id_course_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
        sa.UniqueConstraint("version_id", "key", name=op.f("uq_activity_version_id_key")),
    )
    op.create_table(
        "completion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("final_score", sa.BigInteger(), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("earned_on", sa.Date(), nullable=False),
        sa.Column("reverses_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("chain", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("previous_digest", sa.String(length=64), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("schema", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_completion_enrolment_id_enrolment")
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["completion.id"], name=op.f("fk_completion_reverses_id_completion")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_completion_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["course_version.id"],
            name=op.f("fk_completion_version_id_course_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_completion")),
        sa.UniqueConstraint("chain", "seq", name=op.f("uq_completion_chain_seq")),
        sa.UniqueConstraint("uuid", name=op.f("uq_completion_uuid")),
    )
    op.create_index(
        "uq_completion_reverses_id", "completion", ["reverses_id"], unique=True,
        sqlite_where=sa.text("reverses_id IS NOT NULL"),
        postgresql_where=sa.text("reverses_id IS NOT NULL"),
    )  # fmt: skip
    op.create_index("ix_completion_enrolment_id", "completion", ["enrolment_id"], unique=False)
    op.create_index("ix_completion_person_id", "completion", ["person_id"], unique=False)

    op.create_table(
        "regrade",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("quiz_key", sa.String(length=60), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "new-key", "accept-all", "leave-out", "as-published",
                name="correctionkind", native_enum=False, length=40,
            ),
            nullable=False,
        ),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "counting", "ready", "applying", "done", "discarded",
                name="regradestate", native_enum=False, length=40,
            ),
            nullable=False,
        ),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("correction_id", sa.Integer(), nullable=True),
        sa.Column("applied_by_id", sa.Integer(), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("everybody", sa.Boolean(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("after_id", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["applied_by_id"], ["person.id"], name=op.f("fk_regrade_applied_by_id_person")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_regrade_by_id_person")),
        sa.ForeignKeyConstraint(
            ["correction_id"], ["correction.id"], name=op.f("fk_regrade_correction_id_correction")
        ),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_regrade_course_id_course")
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_regrade_question_id_question")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regrade")),
        sa.UniqueConstraint("uuid", name=op.f("uq_regrade_uuid")),
    )
    op.create_index("ix_regrade_course", "regrade", ["course_id", "id"], unique=False)
    op.create_index(
        "ix_regrade_waiting",
        "regrade",
        ["state"],
        unique=False,
        sqlite_where=sa.text("state IN ('counting', 'applying')"),
        postgresql_where=sa.text("state IN ('counting', 'applying')"),
    )
    op.create_table(
        "regrade_row",
        sa.Column("regrade_id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("percent_before", sa.BigInteger(), nullable=False),
        sa.Column("percent_after", sa.BigInteger(), nullable=False),
        sa.Column("passed_before", sa.Boolean(), nullable=False),
        sa.Column("passed_after", sa.Boolean(), nullable=False),
        sa.Column(
            "effect",
            sa.Enum(
                "none", "completes", "reopens", "rescores",
                name="regradeeffect", native_enum=False, length=40,
            ),
            nullable=False,
        ),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.id"], name=op.f("fk_regrade_row_attempt_id_attempt")
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_regrade_row_enrolment_id_enrolment")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_regrade_row_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["regrade_id"], ["regrade.id"], name=op.f("fk_regrade_row_regrade_id_regrade")
        ),
        sa.PrimaryKeyConstraint("regrade_id", "attempt_id", name=op.f("pk_regrade_row")),
    )
    op.create_table(
        "certificate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("source_uuid", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("printed", sa.JSON(), nullable=False),
        sa.Column("printed_digest", sa.String(length=64), nullable=False),
        sa.Column("replaces_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("chain", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("previous_digest", sa.String(length=64), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("schema", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_certificate_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["certificate.id"], name=op.f("fk_certificate_replaces_id_certificate")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("chain", "seq", name=op.f("uq_certificate_chain_seq")),
        sa.UniqueConstraint("year", "ordinal", name=op.f("uq_certificate_year_ordinal")),
        sa.UniqueConstraint("code", name=op.f("uq_certificate_code")),
        sa.UniqueConstraint("number", name=op.f("uq_certificate_number")),
        sa.UniqueConstraint("uuid", name=op.f("uq_certificate_uuid")),
    )
    op.create_index(
        "uq_certificate_replaces_id", "certificate", ["replaces_id"], unique=True,
        sqlite_where=sa.text("replaces_id IS NOT NULL"),
        postgresql_where=sa.text("replaces_id IS NOT NULL"),
    )  # fmt: skip
    op.create_index("ix_certificate_person_id", "certificate", ["person_id"], unique=False)
    op.create_index("ix_certificate_source_uuid", "certificate", ["source_uuid"], unique=False)
    op.create_index(
        "ix_certificate_valid_until",
        "certificate",
        ["valid_until", "person_id"],
        unique=False,
        sqlite_where=sa.text("valid_until IS NOT NULL"),
        postgresql_where=sa.text("valid_until IS NOT NULL"),
    )

    op.create_table(
        "certificate_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("file_made", "revoked", name="eventkind", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("file_digest", sa.String(length=64), nullable=True),
        sa.Column("file_size", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("chain", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("previous_digest", sa.String(length=64), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("schema", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["certificate.id"],
            name=op.f("fk_certificate_event_certificate_id_certificate"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_event")),
        sa.UniqueConstraint("chain", "seq", name=op.f("uq_certificate_event_chain_seq")),
        sa.UniqueConstraint(
            "certificate_id", "kind", name=op.f("uq_certificate_event_certificate_id_kind")
        ),
        sa.UniqueConstraint("file_digest", name=op.f("uq_certificate_event_file_digest")),
        sa.UniqueConstraint("uuid", name=op.f("uq_certificate_event_uuid")),
    )
    op.create_table(
        "certificate_to_print",
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["certificate.id"],
            name=op.f("fk_certificate_to_print_certificate_id_certificate"),
        ),
        sa.PrimaryKeyConstraint("certificate_id", name=op.f("pk_certificate_to_print")),
    )
    op.create_table(
        "certificate_reminder",
        sa.Column("certificate_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["certificate.id"],
            name=op.f("fk_certificate_reminder_certificate_id_certificate"),
        ),
        sa.PrimaryKeyConstraint("certificate_id", name=op.f("pk_certificate_reminder")),
    )
    op.create_index(
        "ix_certificate_reminder_due_on", "certificate_reminder", ["due_on"], unique=False
    )

    op.create_table(
        "lesson_done",
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("activity_key", sa.String(length=60), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolment.id"], name=op.f("fk_lesson_done_enrolment_id_enrolment")
        ),
        sa.PrimaryKeyConstraint("enrolment_id", "activity_key", name=op.f("pk_lesson_done")),
    )
    op.create_table(
        "activity_progress",
        sa.Column("enrolment_id", sa.Integer(), nullable=False),
        sa.Column("activity_key", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("watched", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolment.id"],
            name=op.f("fk_activity_progress_enrolment_id_enrolment"),
        ),
        sa.PrimaryKeyConstraint("enrolment_id", "activity_key", name=op.f("pk_activity_progress")),
    )
    op.create_table(
        "lesson_note",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("activity_key", sa.String(length=60), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_lesson_note_course_id_course")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_lesson_note_person_id_person")
        ),
        sa.PrimaryKeyConstraint(
            "person_id", "course_id", "activity_key", name=op.f("pk_lesson_note")
        ),
    )

    op.create_table(
        "assignment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("headed_unit_id", sa.Integer(), nullable=False),
        sa.Column("covers_unit", sa.Boolean(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("assigned_by_id", sa.Integer(), nullable=False),
        sa.Column("assigned_as", sa.String(length=200), nullable=False),
        sa.Column("on_behalf_of_id", sa.Integer(), nullable=True),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("check_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["assigned_by_id"], ["person.id"], name=op.f("fk_assignment_assigned_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_assignment_course_id_course")
        ),
        sa.ForeignKeyConstraint(
            ["headed_unit_id"], ["unit.id"], name=op.f("fk_assignment_headed_unit_id_unit")
        ),
        sa.ForeignKeyConstraint(
            ["on_behalf_of_id"], ["person.id"], name=op.f("fk_assignment_on_behalf_of_id_person")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_assignment_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sa.UniqueConstraint("uuid", name=op.f("uq_assignment_uuid")),
    )
    op.create_index(
        op.f("ix_assignment_assigned_by_id"), "assignment", ["assigned_by_id"], unique=False
    )
    op.create_index(
        "ix_assignment_check",
        "assignment",
        ["check_at"],
        unique=False,
        sqlite_where=sa.text("check_at IS NOT NULL"),
        postgresql_where=sa.text("check_at IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_assignment_headed_unit_id"), "assignment", ["headed_unit_id"], unique=False
    )
    op.create_index(
        op.f("ix_assignment_on_behalf_of_id"), "assignment", ["on_behalf_of_id"], unique=False
    )
    op.create_index("ix_assignment_unit", "assignment", ["unit_id", "id"], unique=False)

    op.create_table(
        "obligation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("time_zone", sa.String(length=40), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "ending",
            sa.Enum("withdrawn", "left", name="ending", native_enum=False, length=40),
            nullable=True,
        ),
        sa.Column(
            "notice",
            sa.Enum(
                "assigned",
                "moved",
                "withdrawn",
                "reminded",
                "near",
                "late",
                name="notice",
                native_enum=False,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("notice_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acted_by_id", sa.Integer(), nullable=True),
        sa.Column("acted_reason", sa.String(length=300), nullable=True),
        sa.Column("acted_as", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["acted_by_id"], ["person.id"], name=op.f("fk_obligation_acted_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_obligation_assignment_id_assignment")
        ),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_obligation_course_id_course")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_obligation_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obligation")),
    )
    op.create_index(
        "ix_obligation_acted_by",
        "obligation",
        ["acted_by_id"],
        unique=False,
        sqlite_where=sa.text("acted_by_id IS NOT NULL"),
        postgresql_where=sa.text("acted_by_id IS NOT NULL"),
    )
    op.create_index(
        "ix_obligation_assignment", "obligation", ["assignment_id", "person_id"], unique=False
    )
    op.create_index(
        "ix_obligation_notice",
        "obligation",
        ["notice_at"],
        unique=False,
        sqlite_where=sa.text("notice_at IS NOT NULL"),
        postgresql_where=sa.text("notice_at IS NOT NULL"),
    )
    op.create_index("ix_obligation_person", "obligation", ["person_id", "due_at"], unique=False)
    op.create_index(
        "uq_obligation_open",
        "obligation",
        ["person_id", "course_id"],
        unique=True,
        sqlite_where=sa.text("done_at IS NULL AND ended_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL AND ended_at IS NULL"),
    )

    op.create_table(
        "course_prerequisite",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("requires_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_course_prerequisite_course_id_course")
        ),
        sa.ForeignKeyConstraint(
            ["requires_id"], ["course.id"], name=op.f("fk_course_prerequisite_requires_id_course")
        ),
        sa.PrimaryKeyConstraint("course_id", "requires_id", name=op.f("pk_course_prerequisite")),
    )
    op.create_index(
        op.f("ix_course_prerequisite_requires_id"),
        "course_prerequisite",
        ["requires_id"],
        unique=False,
    )
    op.create_table('course_member',
    sa.Column('course_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('role', sa.Enum('owner', 'author', 'reviewer', 'marker', name='courserole', native_enum=False, length=40), nullable=False),
    sa.Column('since_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['course_id'], ['course.id'], name=op.f('fk_course_member_course_id_course')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_course_member_person_id_person')),
    sa.PrimaryKeyConstraint('course_id', 'person_id', name=op.f('pk_course_member'))
    )
    op.create_index(op.f('ix_course_member_person_id'), 'course_member', ['person_id'], unique=False)
    op.create_table('draft',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uuid', sa.Uuid(), nullable=False),
    sa.Column('course_id', sa.Integer(), nullable=False),
    sa.Column('base_version_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.Enum('writing', 'in_review', name='draftstate', native_enum=False, length=40), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('asked_by_id', sa.Integer(), nullable=True),
    sa.Column('approved_by_id', sa.Integer(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['base_version_id'], ['course_version.id'], name=op.f('fk_draft_base_version_id_course_version')),
    sa.ForeignKeyConstraint(['course_id'], ['course.id'], name=op.f('fk_draft_course_id_course')),
    sa.ForeignKeyConstraint(['asked_by_id'], ['person.id'], name=op.f('fk_draft_asked_by_id_person')),
    sa.ForeignKeyConstraint(['approved_by_id'], ['person.id'], name=op.f('fk_draft_approved_by_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_draft')),
    sa.UniqueConstraint('course_id', name=op.f('uq_draft_course_id')),
    sa.UniqueConstraint('uuid', name=op.f('uq_draft_uuid'))
    )
    op.create_table('draft_file',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uuid', sa.Uuid(), nullable=False),
    sa.Column('draft_id', sa.Integer(), nullable=False),
    sa.Column('path', sa.String(length=200), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=True),
    sa.Column('digest', sa.String(length=64), nullable=True),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('changed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('changed_by_id', sa.Integer(), nullable=False),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['changed_by_id'], ['person.id'], name=op.f('fk_draft_file_changed_by_id_person')),
    sa.ForeignKeyConstraint(['draft_id'], ['draft.id'], name=op.f('fk_draft_file_draft_id_draft')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_draft_file')),
    sa.UniqueConstraint('uuid', name=op.f('uq_draft_file_uuid'))
    )
    op.create_index('uq_draft_file_present', 'draft_file', ['draft_id', 'path'], unique=True, sqlite_where=sa.text('removed_at IS NULL'), postgresql_where=sa.text('removed_at IS NULL'))
    op.create_table('bank_copy',
    sa.Column('course_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=60), nullable=False),
    sa.Column('from_course_id', sa.Integer(), nullable=False),
    sa.Column('from_key', sa.String(length=60), nullable=False),
    sa.Column('copied_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('copied_by_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['copied_by_id'], ['person.id'], name=op.f('fk_bank_copy_copied_by_id_person')),
    sa.ForeignKeyConstraint(['course_id'], ['course.id'], name=op.f('fk_bank_copy_course_id_course')),
    sa.ForeignKeyConstraint(['from_course_id'], ['course.id'], name=op.f('fk_bank_copy_from_course_id_course')),
    sa.PrimaryKeyConstraint('course_id', 'key', name=op.f('pk_bank_copy'))
    )
    op.create_index('ix_bank_copy_from', 'bank_copy', ['from_course_id', 'from_key'], unique=False)
    op.create_table('bank_question',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('file_id', sa.Integer(), nullable=True),
    sa.Column('activity_id', sa.Integer(), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=60), nullable=False),
    sa.Column('kind', sa.Enum('single', 'multiple', 'truefalse', 'short', 'numeric', 'matching', 'ordering', name='questionkind', native_enum=False, length=40), nullable=True),
    sa.Column('state', sa.Enum('draft', 'ready', 'retired', name='questionstate', native_enum=False, length=40), nullable=True),
    sa.Column('author', sa.String(length=160), nullable=False),
    sa.Column('source', sa.String(length=160), nullable=False),
    sa.Column('shown', sa.String(length=160), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('same', sa.String(length=64), nullable=True),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['activity_id'], ['activity.id'], name=op.f('fk_bank_question_activity_id_activity')),
    sa.ForeignKeyConstraint(['file_id'], ['draft_file.id'], name=op.f('fk_bank_question_file_id_draft_file')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bank_question'))
    )
    op.create_index('ix_bank_question_place', 'bank_question', ['file_id', 'position'], unique=False)
    op.create_index(op.f('ix_bank_question_activity_id'), 'bank_question', ['activity_id'], unique=False)
    op.create_index(op.f('ix_bank_question_key'), 'bank_question', ['key'], unique=False)
    op.create_index(op.f('ix_bank_question_same'), 'bank_question', ['same'], unique=False)
    op.create_table('bank_tag',
    sa.Column('question_id', sa.Integer(), nullable=False),
    sa.Column('tag', sa.String(length=60), nullable=False),
    sa.Column('file_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['file_id'], ['draft_file.id'], name=op.f('fk_bank_tag_file_id_draft_file')),
    sa.ForeignKeyConstraint(['question_id'], ['bank_question.id'], name=op.f('fk_bank_tag_question_id_bank_question')),
    sa.PrimaryKeyConstraint('question_id', 'tag', name=op.f('pk_bank_tag'))
    )
    op.create_index('ix_bank_tag_file', 'bank_tag', ['file_id', 'tag'], unique=False)
    op.create_table('draft_revision',
    sa.Column('file_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('began_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('saved_by_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['file_id'], ['draft_file.id'], name=op.f('fk_draft_revision_file_id_draft_file')),
    sa.ForeignKeyConstraint(['saved_by_id'], ['person.id'], name=op.f('fk_draft_revision_saved_by_id_person')),
    sa.PrimaryKeyConstraint('file_id', 'number', name=op.f('pk_draft_revision'))
    )
    op.create_table(
        "rating",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("competency_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "course_completion",
                "quiz_result",
                "assessment",
                "external_training",
                "certificate",
                "observation",
                name="evidencekind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("occasion", sa.String(length=200), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=True),
        sa.Column("rated_on", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("by_as", sa.String(length=200), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name=op.f("ck_rating_level")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_rating_by_id_person")),
        sa.ForeignKeyConstraint(
            ["competency_id"], ["competency.id"], name=op.f("fk_rating_competency_id_competency")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_rating_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating")),
        sa.UniqueConstraint("uuid", name=op.f("uq_rating_uuid")),
    )
    op.create_index("ix_rating_person_id", "rating", ["person_id"], unique=False)
    op.create_index("ix_rating_by_id", "rating", ["by_id"], unique=False)
    op.create_table(
        "self_assessment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("competency_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("level BETWEEN 0 AND 5", name=op.f("ck_self_assessment_level")),
        sa.ForeignKeyConstraint(
            ["competency_id"],
            ["competency.id"],
            name=op.f("fk_self_assessment_competency_id_competency"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_self_assessment_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_self_assessment")),
    )
    op.create_index(
        "ix_self_assessment_person", "self_assessment", ["person_id", "id"], unique=False
    )
    op.create_table(
        "evidence_claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "external_training", "certificate", name="claimkind", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("organiser", sa.String(length=160), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=True),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("form", sa.String(length=10), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("abroad", sa.Boolean(), nullable=False),
        sa.Column("competency_id", sa.Integer(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("document_digest", sa.String(length=64), nullable=False),
        sa.Column("document_name", sa.String(length=120), nullable=False),
        sa.Column("document_kind", sa.String(length=4), nullable=False),
        sa.Column("document_size", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "submitted",
                "endorsed",
                "returned",
                "approved",
                "withdrawn",
                name="claimstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(competency_id IS NULL) = (level IS NULL)", name=op.f("ck_evidence_claim_level_given")
        ),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name=op.f("ck_evidence_claim_level")),
        sa.CheckConstraint("ended_on >= started_on", name=op.f("ck_evidence_claim_days")),
        sa.ForeignKeyConstraint(
            ["competency_id"],
            ["competency.id"],
            name=op.f("fk_evidence_claim_competency_id_competency"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_evidence_claim_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_claim")),
        sa.UniqueConstraint("uuid", name=op.f("uq_evidence_claim_uuid")),
    )
    op.create_index(
        "ix_evidence_claim_person", "evidence_claim", ["person_id", "id"], unique=False
    )
    op.create_index(
        "ix_evidence_claim_waiting",
        "evidence_claim",
        ["state", "waiting_since", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('submitted', 'endorsed')"),
        postgresql_where=sa.text("state IN ('submitted', 'endorsed')"),
    )
    op.create_table(
        "claim_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column(
            "act",
            sa.Enum(
                "submitted",
                "changed",
                "endorsed",
                "approved",
                "returned",
                "withdrawn",
                name="claimact",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("by_as", sa.String(length=200), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_claim_event_by_id_person")),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["evidence_claim.id"], name=op.f("fk_claim_event_claim_id_evidence_claim")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_event")),
    )
    op.create_index("ix_claim_event_by_id", "claim_event", ["by_id"], unique=False)
    op.create_index("ix_claim_event_claim_id", "claim_event", ["claim_id"], unique=False)

    op.create_table(
        "verification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "running",
                "done",
                "failed",
                name="verificationstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("faults", sa.Integer(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["person.id"], name=op.f("fk_verification_asked_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification")),
        sa.UniqueConstraint("uuid", name=op.f("uq_verification_uuid")),
    )
    op.create_index("ix_verification_asked_by_id", "verification", ["asked_by_id"], unique=False)
    op.create_index("ix_verification_state", "verification", ["state"], unique=False)
    op.create_table(
        "register_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "units", "positions", "people", name="importkind", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "reading",
                "checking",
                "ready",
                "applying",
                "applied",
                "stale",
                "undoing",
                "undone",
                "failed",
                name="importstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("file_name", sa.String(length=160), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("acting_id", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["acting_id"], ["person.id"], name=op.f("fk_register_import_acting_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_register_import_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_import")),
        sa.UniqueConstraint("uuid", name=op.f("uq_register_import_uuid")),
    )
    for column in ("acting_id", "created_at", "person_id", "state"):
        op.create_index(f"ix_register_import_{column}", "register_import", [column], unique=False)
    op.create_table(
        "import_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "waiting",
                "new",
                "changed",
                "same",
                "faulty",
                name="verdict",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("faults", sa.JSON(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "applied", "stale", "undone", "kept", name="outcome", native_enum=False, length=40
            ),
            nullable=True,
        ),
        sa.Column("subject_uuid", sa.Uuid(), nullable=True),
        sa.Column("trace", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["register_import.id"],
            name=op.f("fk_import_row_import_id_register_import"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_row")),
        sa.UniqueConstraint("import_id", "number", name=op.f("uq_import_row_import_id_number")),
    )
    op.create_index("ix_import_row_email", "import_row", ["import_id", "email"], unique=False)
    op.create_index("ix_import_row_key", "import_row", ["import_id", "key"], unique=False)
    op.create_index(
        "ix_import_row_verdict", "import_row", ["import_id", "verdict", "number"], unique=False
    )
    op.create_table(
        "course_analysis",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("figures", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_course_analysis_course_id_course")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["course_version.id"],
            name=op.f("fk_course_analysis_version_id_course_version"),
        ),
        sa.PrimaryKeyConstraint("course_id", name=op.f("pk_course_analysis")),
    )
    op.create_table(
        "run_analysis",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["course_run.id"], name=op.f("fk_run_analysis_run_id_course_run")
        ),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_run_analysis")),
    )
    op.create_table(
        "quiz_allowance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("quiz_key", sa.String(length=60), nullable=False),
        sa.Column("extra_time", sa.Integer(), nullable=False),
        sa.Column("extra_attempts", sa.Integer(), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("given_by_id", sa.Integer(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(person_id IS NULL) <> (run_id IS NULL)", name=op.f("ck_quiz_allowance_one_holder")
        ),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_quiz_allowance_course_id_course")
        ),
        sa.ForeignKeyConstraint(
            ["given_by_id"], ["person.id"], name=op.f("fk_quiz_allowance_given_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_quiz_allowance_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["course_run.id"], name=op.f("fk_quiz_allowance_run_id_course_run")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiz_allowance")),
        sa.UniqueConstraint("uuid", name=op.f("uq_quiz_allowance_uuid")),
    )
    op.create_index("ix_quiz_allowance_course", "quiz_allowance", ["course_id", "id"], unique=False)
    op.create_index(
        "uq_quiz_allowance_holding",
        "quiz_allowance",
        ["person_id", "course_id", "quiz_key"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "uq_quiz_allowance_run_holding",
        "quiz_allowance",
        ["run_id", "quiz_key"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL AND run_id IS NOT NULL"),
        postgresql_where=sa.text("ended_at IS NULL AND run_id IS NOT NULL"),
    )
    op.create_table(
        "bulk_act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "remind", "message", "allow", "move", "take-out", "lengthen",
                name="bulkkind", native_enum=False, length=40,
            ),
            nullable=False,
        ),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("after_id", sa.Integer(), nullable=False),
        sa.Column("until_id", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("reached", sa.Integer(), nullable=False),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_bulk_act_by_id_person")),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_bulk_act_course_id_course")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_act")),
        sa.UniqueConstraint("uuid", name=op.f("uq_bulk_act_uuid")),
    )
    op.create_index("ix_bulk_act_course", "bulk_act", ["course_id", "id"], unique=False)
    op.create_index("ix_bulk_act_ended", "bulk_act", ["ended_at"], unique=False)
    op.create_table(
        "time_right",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("given_by_id", sa.Integer(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["given_by_id"], ["person.id"], name=op.f("fk_time_right_given_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_time_right_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_time_right")),
        sa.UniqueConstraint("uuid", name=op.f("uq_time_right_uuid")),
    )
    op.create_index("ix_time_right_person", "time_right", ["person_id", "id"], unique=False)
    op.create_index(
        "uq_time_right_holding",
        "time_right",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "enrolment_policy",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column(
            "way",
            sa.Enum(
                "direct", "approval", "invitation",
                name="enrolmentway", native_enum=False, length=40,
            ),
            nullable=False,
        ),
        sa.Column("by_run", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_enrolment_policy_course_id_course")
        ),
        sa.PrimaryKeyConstraint("course_id", name=op.f("pk_enrolment_policy")),
    )
    op.create_table(
        "course_audience",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("position_id", sa.Integer(), nullable=True),
        sa.Column(
            "position_kind",
            sa.Enum(
                "jpt", "administrator", "pengawas", "fungsional", "pelaksana",
                name="positionkind", native_enum=False, length=40,
            ),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_course_audience_course_id_course")
        ),
        sa.ForeignKeyConstraint(
            ["position_id"], ["position.id"], name=op.f("fk_course_audience_position_id_position")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["unit.id"], name=op.f("fk_course_audience_unit_id_unit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_audience")),
    )
    op.create_index(
        op.f("ix_course_audience_course_id"), "course_audience", ["course_id"], unique=False
    )
    op.create_table(
        "admission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "request", "invitation", name="admissionkind", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "waiting", "accepted", "refused", "withdrawn",
                name="admissionstate", native_enum=False, length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(length=300), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_admission_course_id_course")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_admission_decided_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["person.id"], name=op.f("fk_admission_made_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_admission_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admission")),
        sa.UniqueConstraint("uuid", name=op.f("uq_admission_uuid")),
    )
    op.create_index(
        "ix_admission_course", "admission", ["course_id", "kind", "state", "id"], unique=False
    )
    op.create_index(
        "ix_admission_person", "admission", ["person_id", "course_id", "id"], unique=False
    )
    op.create_index("ix_admission_decided_by_id", "admission", ["decided_by_id"], unique=False)
    op.create_index("ix_admission_made_by_id", "admission", ["made_by_id"], unique=False)
    op.create_index(
        "uq_admission_waiting",
        "admission",
        ["person_id", "course_id"],
        unique=True,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "run_waiting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("promoted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_run_waiting_course_id_course")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_run_waiting_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["course_run.id"], name=op.f("fk_run_waiting_run_id_course_run")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_waiting")),
        sa.UniqueConstraint("uuid", name=op.f("uq_run_waiting_uuid")),
    )
    op.create_index(
        "ix_run_waiting_run", "run_waiting", ["run_id", "ended_at", "id"], unique=False
    )
    op.create_index("ix_run_waiting_person_id", "run_waiting", ["person_id"], unique=False)
    op.create_index(
        "uq_run_waiting_open",
        "run_waiting",
        ["person_id", "course_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table('review_comment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uuid', sa.Uuid(), nullable=False),
    sa.Column('draft_id', sa.Integer(), nullable=False),
    sa.Column('file_id', sa.Integer(), nullable=True),
    sa.Column('line', sa.Integer(), nullable=True),
    sa.Column('question', sa.String(length=60), nullable=False),
    sa.Column('quote', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('written_by_id', sa.Integer(), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['draft_id'], ['draft.id'], name=op.f('fk_review_comment_draft_id_draft')),
    sa.ForeignKeyConstraint(['file_id'], ['draft_file.id'], name=op.f('fk_review_comment_file_id_draft_file')),
    sa.ForeignKeyConstraint(['written_by_id'], ['person.id'], name=op.f('fk_review_comment_written_by_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_comment')),
    sa.UniqueConstraint('uuid', name=op.f('uq_review_comment_uuid'))
    )
    op.create_index(op.f('ix_review_comment_draft_id'), 'review_comment', ['draft_id'], unique=False)
    op.create_table(
        "version_comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["course_version.id"],
            name=op.f("fk_version_comment_version_id_course_version"),
        ),
        sa.ForeignKeyConstraint(
            ["written_by_id"], ["person.id"], name=op.f("fk_version_comment_written_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_version_comment")),
    )
    op.create_index("ix_version_comment_version_id", "version_comment", ["version_id"])
    op.create_table(
        "course_withdrawal",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "telling", "ending", "resuming",
                name="withdrawalstep", native_enum=False, length=40,
            ),
            nullable=False,
        ),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("time_zone", sa.String(length=40), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("after_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["course.id"], name=op.f("fk_course_withdrawal_course_id_course")
        ),
        sa.PrimaryKeyConstraint("course_id", name=op.f("pk_course_withdrawal")),
    )
    op.create_index(
        "ix_course_withdrawal_due", "course_withdrawal", ["due_at"],
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )  # fmt: skip
    if op.get_bind().dialect.name == "postgresql":
        # The two tables refer to each other; SQLite has this key inline.
        op.create_foreign_key(
            "fk_course_current_version", "course", "course_version", ["current_version_id"], ["id"]
        )
    for table in (
        "audit_entry", "evidence", "hour_entry", "completion", "certificate", "certificate_event",
        "grade_change", "correction",
    ):
        guard(table)


def guard(table: str) -> None:
    """Make a table append-only: the database itself refuses any other act."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_refuses_{act} BEFORE {act.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
    )
    for act in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER {table}_refuses_{act} BEFORE {act.upper()} ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    op.execute(
        f"CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
