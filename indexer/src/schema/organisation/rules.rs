//! Which rows an organisation sees, by table: those that everybody sees in the modules' reads of a market, and those that
//! one of its accounts takes part in.

use super::Rule::{self, Accounts, Everybody, Organisations, Programme, Sql, Store, With};

/// What an organisation sees of a table: the rows that one of the rules selects.
pub(super) type Seen = (&'static str, &'static [Rule]);

/// Rows whose client or contractor it is.
const PARTIES: Rule = Organisations(&["client_organisation", "contractor_organisation"]);
/// Rows of a sub-order that it sees.
const OF_SUB_ORDER: Rule = With("emo.sub_order", &[("sub_order", "id")]);
/// Rows of a dispute that it is a party or an arbiter of.
const OF_DISPUTE: Rule = Sql("service.sees_dispute(module, dispute)");
/// Rows of a posting of its own.
const OF_OWN_POSTING: Rule = Sql(
    "exists (select from emo.posting p where p.id = posting and p.client_organisation = {organisation})",
);
/// Rows about a store of its own or a programme of credits of its own.
const OF_OWN_SUBJECT: Rule = Sql(
    "case module when 'marketplace' then subject in (select s.id from pss.store s where s.organisation = {organisation})
         else subject in (select p.id from emo.programme p where p.issuer = any({accounts})) end",
);
/// Rows of products that are offered, or of its own store.
const LISTED: Rule = Sql("state = 'listed'");
/// Rows that one of its accounts approves.
const APPROVERS: Rule = Sql("approvers ?| {accounts}");
/// Rows of transactions in which one of its accounts occurs.
const OF_TRANSACTION: Rule = Sql(
    "(height, index) in (select m.height, m.index from chain.mention m where m.address = any({accounts}))",
);

/// The tables of the chain.
pub(super) const CHAIN: &[Seen] = &[
    ("chain.cursor", &[Everybody]),
    ("chain.block", &[Everybody]),
    ("chain.transaction", &[OF_TRANSACTION]),
    ("chain.call", &[OF_TRANSACTION]),
    ("chain.event", &[OF_TRANSACTION]),
    ("chain.mention", &[Accounts(&["address"])]),
    ("chain.missed_vote", &[Everybody]),
    ("chain.module_version", &[Everybody]),
    ("chain.validator", &[Everybody]),
    ("chain.parameter", &[Everybody]),
];

/// The business tables.
pub(super) const BUSINESS: &[Seen] = &[
    ("edr.organisation", &[Everybody]),
    ("edr.account", &[Organisations(&["organisation"])]),
    ("edr.account_key", &[Accounts(&["account"])]),
    ("edr.role", &[Accounts(&["account"])]),
    ("edr.membership", &[Accounts(&["account"]), Organisations(&["organisation"])]),
    ("edr.recovery", &[Accounts(&["account"])]),
    ("edr.node", &[Everybody]),
    ("edr.candidate", &[Everybody]),
    ("edr.proposal", &[Everybody]),
    ("edr.vote", &[Everybody]),
    ("edr.silence", &[Everybody]),
    ("edr.misbehaviour", &[Everybody]),
    ("emo.asset", &[Everybody]),
    ("emo.supply", &[Everybody]),
    ("emo.balance", &[Accounts(&["account"])]),
    ("emo.entry", &[Accounts(&["account"])]),
    ("emo.hold", &[Accounts(&["payer", "payee", "controller"])]),
    ("emo.freeze", &[Accounts(&["account"])]),
    ("emo.policy", &[Accounts(&["account"])]),
    ("emo.policy_use", &[Accounts(&["account"])]),
    ("emo.allowance", &[Accounts(&["owner", "spender"])]),
    ("emo.allowance_use", &[With("emo.allowance", &[("allowance", "id")])]),
    ("emo.pending_payment", &[Accounts(&["payer"]), APPROVERS]),
    ("emo.approval", &[With("emo.pending_payment", &[("payment", "id")])]),
    ("emo.permit", &[Accounts(&["payer"]), APPROVERS]),
    ("emo.permit_approval", &[With("emo.permit", &[("permit", "id")])]),
    ("emo.request", &[Accounts(&["payee", "payer"])]),
    ("emo.request_payment", &[Accounts(&["payer"]), With("emo.request", &[("request", "id")])]),
    ("emo.setting", &[Everybody]),
    ("emo.role_limit", &[OF_OWN_SUBJECT]),
    ("emo.role_limit_use", &[OF_OWN_SUBJECT]),
    ("emo.rating_minimum", &[Everybody]),
    ("emo.dispute", &[Sql("service.sees_dispute(module, id)")]),
    ("emo.dispute_step", &[OF_DISPUTE]),
    ("emo.dispute_offer", &[OF_DISPUTE]),
    ("emo.evidence", &[OF_DISPUTE]),
    ("emo.ruling", &[OF_DISPUTE]),
    ("emo.appeal", &[OF_DISPUTE]),
    ("emo.assignment", &[OF_DISPUTE]),
    ("emo.deposit", &[OF_DISPUTE]),
    ("emo.arbiter", &[Everybody]),
    ("emo.order", &[Organisations(&["buyer_organisation"]), Accounts(&["buyer"])]),
    (
        "emo.sub_order",
        &[Organisations(&["organisation", "buyer_organisation"]), Accounts(&["buyer"])],
    ),
    ("emo.order_line", &[OF_SUB_ORDER]),
    ("emo.order_step", &[OF_SUB_ORDER]),
    ("emo.shipment", &[OF_SUB_ORDER, Accounts(&["carrier_account"])]),
    ("emo.shipment_line", &[OF_SUB_ORDER]),
    ("emo.return_case", &[OF_SUB_ORDER]),
    ("emo.return_line", &[OF_SUB_ORDER]),
    ("emo.escrow_payment", &[OF_SUB_ORDER]),
    ("emo.rating", &[OF_SUB_ORDER, Sql("state = 'published'")]),
    ("emo.rating_sum", &[Everybody]),
    (
        "emo.posting",
        &[
            Organisations(&["client_organisation"]),
            Sql("visibility = 'public'"),
            Sql("id in (select i.posting from emo.invitation i where i.account = any({accounts}))"),
        ],
    ),
    ("emo.requirement", &[With("emo.posting", &[("posting", "id")])]),
    ("emo.invitation", &[Accounts(&["account"]), Sql("service.has_posting(posting)")]),
    ("emo.application", &[Organisations(&["applicant_organisation"]), OF_OWN_POSTING]),
    ("emo.offer", &[PARTIES]),
    ("emo.contract", &[PARTIES]),
    ("emo.milestone", &[With("emo.contract", &[("contract", "id")])]),
    ("emo.milestone_step", &[With("emo.milestone", &[("milestone", "id")])]),
    ("emo.revision", &[With("emo.milestone", &[("milestone", "id")])]),
    ("emo.cancellation_proposal", &[With("emo.contract", &[("contract", "id")])]),
    ("emo.job_rating", &[PARTIES, Sql("state = 'published'")]),
    ("emo.attestation", &[Organisations(&["organisation"]), Accounts(&["issuer", "subject"])]),
    ("emo.programme", &[Everybody]),
    ("emo.service", &[Everybody]),
    ("emo.service_price", &[Everybody]),
    ("emo.meter", &[Accounts(&["account"]), Programme("programme")]),
    ("emo.grant", &[Accounts(&["account", "buyer"]), Programme("programme")]),
    ("emo.usage", &[Accounts(&["account", "meter"]), Programme("programme")]),
    ("emo.usage_draw", &[With("emo.usage", &[("usage", "id")])]),
    ("emo.account_limit", &[Accounts(&["account"]), Programme("programme")]),
    ("emo.credit_line", &[Accounts(&["account"]), Programme("programme")]),
    ("emo.bill", &[With("emo.credit_line", &[("credit_line", "id")])]),
    ("emo.bill_line", &[With("emo.credit_line", &[("credit_line", "id")])]),
    ("emo.credit_month", &[Accounts(&["account"]), Programme("programme")]),
    ("emo.credit_month_service", &[Accounts(&["account"]), Programme("programme")]),
    ("emo.bill_payment", &[Accounts(&["payer"]), With("emo.bill", &[("bill", "id")])]),
    ("pss.category", &[Everybody]),
    ("pss.store", &[Everybody]),
    ("pss.location", &[Everybody]),
    ("pss.product", &[LISTED, Store("store")]),
    ("pss.product_document", &[With("pss.product", &[("product", "id")])]),
    ("pss.variant", &[LISTED, Store("store")]),
    ("pss.price", &[With("pss.variant", &[("variant", "id")])]),
    ("pss.stock", &[With("pss.variant", &[("variant", "id")])]),
    (
        "pss.stock_movement",
        &[Sql("exists (select from pss.variant v join pss.store s on s.id = v.store
                 where v.id = variant and s.organisation = {organisation})")],
    ),
    ("pss.store_rating", &[Everybody]),
    ("pss.free_cancellation", &[Store("store"), Organisations(&["organisation"])]),
];
