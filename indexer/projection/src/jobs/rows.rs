//! The declarations of the tables of jobs.

use serde_json::Value;

use crate::cell::Number;
use crate::table::table;

table! {
    /// A job that somebody offers.
    Posting = current "emo.posting" by (id) index "client", "state", "deadline_ms" {
        id: Number,
        client: String,
        client_organisation: Option<String>,
        title: String = "details/title",
        summary: String = "details/summary",
        skills: Value = "details/skills",
        place: String = "details/place",
        documents: Value = "details/documents",
        /// `everybody`, `organisation` or `invited`.
        visibility: String = "details/visibility",
        asset: String = "details/asset",
        /// What the client means to pay for each position.
        budget: Number = "details/budget",
        positions: Number = "details/positions",
        apply_until_ms: Number = "details/apply-until-ms",
        decide_until_ms: Number = "details/decide-until-ms",
        /// `open`, `deciding`, `filled`, `closed` or `expired`.
        state: String,
        /// None in a final state.
        deadline_ms: Option<Number>,
        hired: Number,
        /// Whether it left the module's state, long after it was over.
        removed: bool = "",
    }
}

table! {
    /// An attestation that applicants need.
    Requirement = current "emo.requirement" by (posting; n) {
        posting: Number = "",
        /// Counted from 1.
        n: i64 = "",
        organisation: String,
        kind: String,
    }
}

table! {
    /// An account that may apply for a posting.
    Invitation = current "emo.invitation" by (posting; account) {
        posting: Number,
        account: String,
        /// Whether it left the module's state, with its posting.
        removed: bool = "",
    }
}

table! {
    /// An application for a posting.
    Application = current "emo.application" by (id) index "posting", "applicant", "state" {
        id: Number,
        posting: Number,
        applicant: String,
        applicant_organisation: Option<String>,
        note: String,
        price: Number,
        documents: Value,
        /// `submitted`, `shortlisted`, `hired`, `rejected`, `withdrawn` or `expired`.
        state: String,
        deadline_ms: Option<Number>,
        /// Whether it left the module's state, long after it was over.
        removed: bool = "",
    }
}

table! {
    /// A contract that a client offers.
    Offer = current "emo.offer" by (id) index "posting", "client", "contractor", "state" {
        id: Number,
        posting: Number,
        application: Option<Number>,
        client: String,
        client_organisation: Option<String>,
        contractor: String,
        contractor_organisation: Option<String>,
        asset: String = "terms/asset",
        terms: Value,
        /// The work: title, amount and due time of each milestone.
        milestones: Value,
        /// The platform's fee and who gets it.
        platform_fee: Option<Value>,
        /// `made`, `accepted`, `declined`, `withdrawn` or `expired`.
        state: String,
        deadline_ms: Option<Number>,
        /// Whether it left the module's state, long after it was over.
        removed: bool = "",
    }
}

table! {
    /// An agreement between a client and a contractor.
    Contract = current "emo.contract" by (id) index "client", "contractor", "state" {
        id: Number,
        posting: Number,
        offer: Number,
        client: String,
        client_organisation: Option<String>,
        contractor: String,
        contractor_organisation: Option<String>,
        asset: String = "terms/asset",
        terms: Value,
        platform_fee: Option<Value>,
        /// The numbers of its milestones.
        milestones: Value,
        /// `active`, `terminating`, `completed`, `expired`, `terminated` or `cancelled`.
        state: String,
        /// How many of its milestones have not ended.
        open_milestones: Number,
        /// What the contractor was paid, the platform's fee included.
        paid: Number,
        /// The latest proposal to cancel it.
        cancellation: Option<Value>,
        /// The number of such proposals.
        cancellations: i64 = "",
        /// When it ended.
        ended_ms: Option<Number>,
        /// Whether it left the module's state, long after it was over.
        removed: bool = "",
    }
}

table! {
    /// A piece of the work, with its money.
    Milestone = current "emo.milestone" by (id) index "contract", "state", "deadline_ms" {
        id: Number,
        contract: Number,
        title: String = "plan/title",
        amount: Number = "plan/amount",
        due_ms: Number = "plan/due-ms",
        state: String,
        /// None in a final state and in a dispute.
        deadline_ms: Option<Number>,
        revisions: Number,
        deliverable: Option<Value>,
        /// What was set aside.
        funded: Option<Number> = "escrow/funded",
        /// What the contractor got.
        paid: Option<Number> = "escrow/paid",
        /// What the platform got.
        fee: Option<Number> = "escrow/fee",
        /// What went back.
        refunded: Option<Number> = "escrow/refunded",
        payer: Option<String> = "escrow/payer",
        hold: Option<Number> = "escrow/hold",
        hold_expires_ms: Option<Number> = "escrow/hold-expires-ms",
        dispute: Option<Number>,
        steps: i64 = "",
        revision_requests: i64 = "",
        /// Whether it left the module's state, long after it was over.
        removed: bool = "",
    }
}

table! {
    /// A change of a milestone, with what it is after it.
    MilestoneStep = history "emo.milestone_step" by (milestone; n) {
        milestone: Number,
        /// Counted from 1.
        n: i64,
        state: String,
        deadline_ms: Option<Number>,
        funded: Option<Number>,
        paid: Option<Number>,
        fee: Option<Number>,
        refunded: Option<Number>,
        time_ms: i64,
    }
}

table! {
    /// A request for a revision of a milestone.
    Revision = history "emo.revision" by (milestone; n) {
        milestone: Number,
        /// Counted from 1.
        n: i64,
        note: String,
        time_ms: i64,
    }
}

table! {
    /// A proposal to cancel a contract.
    CancellationProposal = history "emo.cancellation_proposal" by (contract; n) {
        contract: Number = "",
        /// Counted from 1.
        n: i64 = "",
        /// `client` or `contractor`.
        by: String,
        /// Basis points of each milestone in escrow.
        to_client: Number,
        expires_ms: Number,
    }
}

table! {
    /// The ratings of a contract by both parties.
    JobRating = current "emo.job_rating" by (contract) index "client", "contractor" {
        contract: Number,
        client: String,
        client_organisation: String,
        contractor: String,
        contractor_organisation: String,
        /// `committing`, `revealing`, `published` or `unrated`.
        state: String,
        deadline_ms: Option<Number>,
        client_commitment: Option<String> = "by-client/commitment",
        client_score: Option<Number> = "by-client/score",
        client_comment: Option<String> = "by-client/comment",
        contractor_commitment: Option<String> = "by-contractor/commitment",
        contractor_score: Option<Number> = "by-contractor/score",
        contractor_comment: Option<String> = "by-contractor/comment",
        /// Whether it left the module's state, long after it was over.
        removed: bool = "",
    }
}

table! {
    /// What an organisation vouches for.
    Attestation = current "emo.attestation" by (id) index "subject", "organisation" {
        id: Number,
        organisation: String,
        issuer: String,
        subject: String,
        kind: String,
        document: Option<Value>,
        /// `valid`, `revoked` or `expired`.
        state: String,
        deadline_ms: Option<Number>,
        /// When it was revoked, or noted as expired.
        ended_ms: Option<Number>,
        /// Whether it left the module's state, long after it was over.
        removed: bool = "",
    }
}
