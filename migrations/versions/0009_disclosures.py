"""Disclosure between secrecies: consents, requests, disclosures and their frozen lines."""

import sqlalchemy as sa
from alembic import op

revision = "0009_disclosures"
down_revision = "0008_removal_and_review"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("party", sa.String(), nullable=False),
        sa.Column("parts", sa.String(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("by_guardian", sa.Boolean(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "party IN ('police', 'social', 'probation', 'other')",
            name=op.f("ck_consents_party_known"),
        ),
        sa.CheckConstraint(
            "side IN ('police', 'social', 'probation', 'other')",
            name=op.f("ck_consents_side_known"),
        ),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)",
            name=op.f("ck_consents_withdrawn_pair"),
        ),
        sa.CheckConstraint("length(parts) > 0", name=op.f("ck_consents_has_parts")),
        sa.CheckConstraint("side != party", name=op.f("ck_consents_to_another_side")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_consents_person_id")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_consents_programme_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["users.id"], name=op.f("fk_consents_recorded_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"], ["users.id"], name=op.f("fk_consents_withdrawn_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consents_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_consents_programme_id"), ["programme_id"], unique=False
        )

    op.create_table(
        "disclosure_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("party", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("asked_for", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("refusal_reason", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(status = 'open') = (answered_at IS NULL)",
            name=op.f("ck_disclosure_requests_answered_or_open"),
        ),
        sa.CheckConstraint(
            "party IN ('police', 'social', 'probation', 'other')",
            name=op.f("ck_disclosure_requests_party_known"),
        ),
        sa.CheckConstraint(
            "side IN ('police', 'social', 'probation', 'other')",
            name=op.f("ck_disclosure_requests_side_known"),
        ),
        sa.CheckConstraint(
            "status != 'refused' OR length(refusal_reason) > 0",
            name=op.f("ck_disclosure_requests_refused_with_reason"),
        ),
        sa.CheckConstraint(
            "status IN ('open', 'answered', 'refused')",
            name=op.f("ck_disclosure_requests_status_known"),
        ),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (answered_by_id IS NULL)",
            name=op.f("ck_disclosure_requests_answered_pair"),
        ),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["users.id"], name=op.f("fk_disclosure_requests_answered_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_disclosure_requests_owner_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_disclosure_requests_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_disclosure_requests_programme_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["users.id"], name=op.f("fk_disclosure_requests_recorded_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure_requests")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("disclosure_requests", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_disclosure_requests_person_id"), ["person_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_disclosure_requests_programme_id_status_due_at"),
            ["programme_id", "status", "due_at"],
            unique=False,
        )

    op.create_table(
        "disclosures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("party", sa.String(), nullable=False),
        sa.Column("ground", sa.String(), nullable=False),
        sa.Column("conditions", sa.String(), nullable=False),
        sa.Column("weighing", sa.String(), nullable=False),
        sa.Column("age_statement", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("fields", sa.String(), nullable=False),
        sa.Column("consent_id", sa.Integer(), nullable=True),
        sa.Column("request_id", sa.Integer(), nullable=True),
        sa.Column("recipient_id", sa.Integer(), nullable=True),
        sa.Column("recipient_name", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("written_by_id", sa.Integer(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decider_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decline_reason", sa.String(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by_id", sa.Integer(), nullable=True),
        sa.Column("withdrawal_reason", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(ground = 'consent') = (consent_id IS NOT NULL)",
            name=op.f("ck_disclosures_consent_named"),
        ),
        sa.CheckConstraint(
            "(status = 'proposed') = (decided_at IS NULL)",
            name=op.f("ck_disclosures_decided_or_proposed"),
        ),
        sa.CheckConstraint(
            "ground IN ('young_at_risk', 'duty', 'balance', 'consent', 'child_at_risk', 'danger')",
            name=op.f("ck_disclosures_ground_known"),
        ),
        sa.CheckConstraint(
            "party IN ('police', 'social', 'probation', 'other')",
            name=op.f("ck_disclosures_party_known"),
        ),
        sa.CheckConstraint(
            "purpose IN ('prevent_violence', 'protect_person', 'protect_child', 'offer_help', 'supervise', 'answer_request')",
            name=op.f("ck_disclosures_purpose_known"),
        ),
        sa.CheckConstraint(
            "side IN ('police', 'social', 'probation', 'other')",
            name=op.f("ck_disclosures_side_known"),
        ),
        sa.CheckConstraint(
            "status IN ('proposed', 'disclosed', 'declined')",
            name=op.f("ck_disclosures_status_known"),
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by_id IS NULL)",
            name=op.f("ck_disclosures_decided_pair"),
        ),
        sa.CheckConstraint(
            "(recipient_id IS NULL) = (length(organisation) > 0)",
            name=op.f("ck_disclosures_one_recipient"),
        ),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by_id IS NULL)",
            name=op.f("ck_disclosures_withdrawn_pair"),
        ),
        sa.CheckConstraint(
            "expires_at > written_at", name=op.f("ck_disclosures_expires_after_start")
        ),
        sa.CheckConstraint(
            "recipient_id != decider_id", name=op.f("ck_disclosures_recipient_never_decides")
        ),
        sa.CheckConstraint("side != party", name=op.f("ck_disclosures_to_another_side")),
        sa.ForeignKeyConstraint(
            ["consent_id"], ["consents.id"], name=op.f("fk_disclosures_consent_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["users.id"], name=op.f("fk_disclosures_decided_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["decider_id"], ["users.id"], name=op.f("fk_disclosures_decider_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_disclosures_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_disclosures_programme_id")
        ),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["users.id"], name=op.f("fk_disclosures_recipient_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["disclosure_requests.id"], name=op.f("fk_disclosures_request_id")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"], ["users.id"], name=op.f("fk_disclosures_withdrawn_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["written_by_id"], ["users.id"], name=op.f("fk_disclosures_written_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosures")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("disclosures", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_disclosures_consent_id"), ["consent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_disclosures_decider_id"), ["decider_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_disclosures_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_disclosures_programme_id_side_written_at"),
            ["programme_id", "side", "written_at"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_disclosures_recipient_id_expires_at"),
            ["recipient_id", "expires_at"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_disclosures_request_id"), ["request_id"], unique=False)

    op.create_table(
        "disclosure_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        sa.Column("disclosure_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("is_assessment", sa.Boolean(), nullable=False),
        sa.Column("source_class", sa.String(), nullable=False),
        sa.Column("grade", sa.String(), nullable=True),
        sa.Column("frozen", sa.String(), nullable=False),
        sa.CheckConstraint(
            "grade IN ('A1', 'A2', 'A3', 'A4', 'A5', 'A6', 'B1', 'B2', 'B3', 'B4', 'B5', 'B6', 'C1', 'C2', 'C3', 'C4', 'C5', 'C6', 'D1', 'D2', 'D3', 'D4', 'D5', 'D6', 'E1', 'E2', 'E3', 'E4', 'E5', 'E6', 'F1', 'F2', 'F3', 'F4', 'F5', 'F6')",
            name=op.f("ck_disclosure_lines_grade_known"),
        ),
        sa.CheckConstraint(
            "part IN ('name', 'groups', 'incidents', 'supervision', 'risk', 'visits', 'offers', 'contact_notes', 'own_words')",
            name=op.f("ck_disclosure_lines_part_known"),
        ),
        sa.CheckConstraint(
            "source_class IN ('own_record', 'own_observation', 'the_person', 'third_party')",
            name=op.f("ck_disclosure_lines_source_class_known"),
        ),
        sa.ForeignKeyConstraint(
            ["disclosure_id"], ["disclosures.id"], name=op.f("fk_disclosure_lines_disclosure_id")
        ),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programmes.id"], name=op.f("fk_disclosure_lines_programme_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure_lines")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("disclosure_lines", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_disclosure_lines_disclosure_id"), ["disclosure_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("disclosure_lines", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_disclosure_lines_disclosure_id"))

    op.drop_table("disclosure_lines")
    with op.batch_alter_table("disclosures", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_disclosures_request_id"))
        batch_op.drop_index(batch_op.f("ix_disclosures_recipient_id_expires_at"))
        batch_op.drop_index(batch_op.f("ix_disclosures_programme_id_side_written_at"))
        batch_op.drop_index(batch_op.f("ix_disclosures_person_id"))
        batch_op.drop_index(batch_op.f("ix_disclosures_decider_id"))
        batch_op.drop_index(batch_op.f("ix_disclosures_consent_id"))

    op.drop_table("disclosures")
    with op.batch_alter_table("disclosure_requests", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_disclosure_requests_programme_id_status_due_at"))
        batch_op.drop_index(batch_op.f("ix_disclosure_requests_person_id"))

    op.drop_table("disclosure_requests")
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consents_programme_id"))
        batch_op.drop_index(batch_op.f("ix_consents_person_id"))

    op.drop_table("consents")
