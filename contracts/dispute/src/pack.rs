//! How disputes are stored.

use ehb_contract::{pack_record, pack_variant};

use crate::types::{
    Appeal, Arbiter, Dispute, Evidence, Ground, Offer, Outcome, Ruling, Side, Split, State, Terms,
    Windows,
};

pack_variant!(Side { 0: First, 1: Second });
pack_variant!(Arbiter { 0: Account(account), 1: Role });
pack_record!(Windows { response_ms, evidence_ms, offer_ms, ruling_ms, appeal_ms });
pack_record!(Terms { arbiter, default_to_first, windows });
pack_variant!(State {
    0: Open,
    1: Evidence,
    2: Settlement,
    3: Arbitration,
    4: Ruled,
    5: Appealed,
    6: Final,
});
pack_record!(Offer { by, to_first, at_ms });
pack_record!(Evidence { by, account, document, note, at_ms });
pack_record!(Ruling { arbiter, to_first, reasons, at_ms });
pack_record!(Appeal { by, reason, at_ms });
pack_variant!(Ground {
    0: Settlement,
    1: Ruling,
    2: UnansweredClaim,
    3: AppealRuling,
    4: AppealUnheard,
    5: ArbiterSilent,
});
pack_record!(Split { to_first, to_second });
pack_record!(Outcome { ground, to_first, split, at_ms });
pack_record!(Dispute {
    id,
    subject,
    first,
    second,
    claimant,
    amount,
    reason,
    terms,
    state,
    deadline_ms,
    offers,
    evidence,
    first_rested,
    second_rested,
    rulings,
    appeal,
    outcome,
});
