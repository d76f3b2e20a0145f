//! The next steps of the parties to an item, by its state.

/// A person, or the field of the item's record that names one, with the function that is called.
type Next = Option<(&'static str, &'static str)>;

/// A sort of items that have a number and a state.
pub(super) struct Thing {
    pub(super) module: &'static str,
    /// The function that returns one, and the parameter that takes its number.
    pub(super) get: &'static str,
    pub(super) parameter: &'static str,
    /// The next step in a state; the second argument selects among several.
    pub(super) next: fn(&str, u64) -> Next,
}

const fn thing(
    module: &'static str,
    get: &'static str,
    parameter: &'static str,
    next: fn(&str, u64) -> Next,
) -> Thing {
    Thing { module, get, parameter, next }
}

/// Orders, milestones and purchases move most of the money: orders are listed twice.
pub(super) const THINGS: [Thing; 19] = [
    thing("marketplace", "get-sub-order", "sub-order", order),
    thing("marketplace", "get-sub-order", "sub-order", order),
    thing("marketplace", "get-dispute", "dispute", order_dispute),
    thing("marketplace", "get-rating", "sub-order", order_rating),
    thing("jobs", "get-posting", "posting", posting),
    thing("jobs", "get-application", "application", application),
    thing("jobs", "get-offer", "offer", offer),
    thing("jobs", "get-contract", "contract", contract),
    thing("jobs", "get-milestone", "milestone", milestone),
    thing("jobs", "get-dispute", "dispute", milestone_dispute),
    thing("jobs", "get-rating", "contract", contract_rating),
    thing("jobs", "get-attestation", "attestation", attestation),
    thing("credit", "get-grant", "grant", grant),
    thing("credit", "get-usage", "usage", usage),
    thing("credit", "get-credit-line", "credit-line", line),
    thing("credit", "get-bill", "bill", bill),
    thing("wallet", "get-payment", "payment", payment),
    thing("wallet", "get-request", "request", request),
    thing("wallet", "get-permit", "permit", permit),
];

fn order(state: &str, choice: u64) -> Next {
    Some(match (state, choice % 8) {
        ("placed", 0) => ("sam", "decline-order"),
        ("placed", 1) => ("buyer", "cancel-order"),
        ("placed", _) => ("sam", "accept-order"),
        ("accepted", 0) => ("buyer", "cancel-order"),
        ("partially-shipped", 0 | 1) => ("sam", "cancel-unshipped"),
        ("accepted" | "partially-shipped", _) => ("sam", "ship-order"),
        ("shipped", _) => ("fast", "record-delivery"),
        ("delivered", 0) => ("buyer", "open-dispute"),
        ("delivered", 1) => ("sam", "refund-line"),
        ("delivered", 2..=4) => ("buyer", "request-return"),
        ("delivered", _) => ("buyer", "confirm-order"),
        ("return-requested", 0 | 1) => ("sam", "decline-return"),
        ("return-requested", _) => ("sam", "approve-return"),
        ("return-approved", _) => ("buyer", "ship-return"),
        ("return-shipped", _) => ("sam", "receive-return"),
        ("return-declined", _) => ("buyer", "open-dispute"),
        ("completed" | "returned" | "resolved", 0..4) => ("buyer", "commit-rating"),
        ("completed" | "returned" | "resolved", _) => ("sam", "commit-rating"),
        _ => return None,
    })
}

/// The store is the second party: its treasurer acts for it.
fn order_dispute(state: &str, choice: u64) -> Next {
    let side = if choice.is_multiple_of(2) { "sam" } else { "first" };
    Some(match (state, choice / 2 % 4) {
        ("open", 0) => (side, "accept-settlement"),
        ("open", _) => (side, "respond-to-dispute"),
        ("evidence" | "settlement", 0) => (side, "accept-settlement"),
        ("evidence", 1) => (side, "add-evidence"),
        ("settlement", 1) => (side, "offer-settlement"),
        ("evidence", _) => (side, "finish-phase"),
        ("settlement", _) => (side, "request-arbitration"),
        ("requested", 0) => (side, "accept-settlement"),
        ("requested", _) => (side, "join-arbitration"),
        ("arbitration" | "appealed", 0 | 1) => ("judge", "rule-dispute"),
        ("arbitration" | "appealed", _) => ("bench", "rule-dispute"),
        ("ruled", 0 | 1) => (side, "appeal-ruling"),
        ("ruled", _) => (side, "finish-phase"),
        _ => return None,
    })
}

fn order_rating(state: &str, choice: u64) -> Next {
    let who = if choice.is_multiple_of(2) { "sam" } else { "buyer" };
    rating(state, who)
}

fn contract_rating(state: &str, choice: u64) -> Next {
    let who = if choice.is_multiple_of(2) { "client" } else { "contractor" };
    rating(state, who)
}

fn rating(state: &str, who: &'static str) -> Next {
    Some(match state {
        "committing" => (who, "commit-rating"),
        "revealing" => (who, "reveal-rating"),
        _ => return None,
    })
}

fn posting(state: &str, choice: u64) -> Next {
    Some(match (state, choice % 8) {
        ("open", 0) => ("client", "stop-applications"),
        ("open", 1) => ("client", "invite-applicant"),
        ("open" | "deciding", 2) => ("client", "close-posting"),
        ("open", 3 | 4) => ("fast", "submit-application"),
        ("open" | "deciding", _) => ("client", "make-offer"),
        _ => return None,
    })
}

fn application(state: &str, choice: u64) -> Next {
    Some(match (state, choice % 4) {
        ("submitted", 0 | 1) => ("alice", "shortlist-application"),
        ("submitted" | "shortlisted", 2) => ("alice", "reject-application"),
        ("submitted" | "shortlisted", 3) => ("applicant", "withdraw-application"),
        _ => return None,
    })
}

fn offer(state: &str, choice: u64) -> Next {
    let (who, function) = match choice % 4 {
        0 => ("contractor", "decline-offer"),
        1 => ("client", "withdraw-offer"),
        _ => ("contractor", "accept-offer"),
    };
    (state == "made").then_some((who, function))
}

fn attestation(state: &str, _: u64) -> Next {
    (state == "valid").then_some(("issuer", "revoke-attestation"))
}

fn contract(state: &str, choice: u64) -> Next {
    Some(match (state, choice % 4) {
        ("active", 0) => ("alice", "terminate-contract"),
        ("active", 1) => ("alice", "propose-cancellation"),
        ("active", _) => ("bob", "accept-cancellation"),
        _ => return None,
    })
}

fn milestone(state: &str, choice: u64) -> Next {
    Some(match (state, choice % 8) {
        ("pending", _) => ("alice", "fund-milestone"),
        ("funded", 0) => ("bob", "refund-milestone"),
        ("funded" | "revising", _) => ("bob", "submit-milestone"),
        ("submitted", 0) => ("alice", "open-dispute"),
        ("submitted", 1) => ("alice", "request-revision"),
        ("submitted", _) => ("alice", "approve-milestone"),
        ("approved", _) => ("alice", "pay-milestone"),
        _ => return None,
    })
}

fn milestone_dispute(state: &str, choice: u64) -> Next {
    let side = if choice.is_multiple_of(2) { "first" } else { "second" };
    Some(match (state, choice / 2 % 4) {
        ("open", 0) => (side, "accept-settlement"),
        ("open", _) => (side, "respond-to-dispute"),
        ("evidence" | "settlement", 0) => (side, "accept-settlement"),
        ("evidence", 1) => (side, "add-evidence"),
        ("settlement", 1) => (side, "offer-settlement"),
        ("evidence", _) => (side, "finish-phase"),
        ("settlement", _) => (side, "request-arbitration"),
        ("requested", 0) => (side, "accept-settlement"),
        ("requested", _) => (side, "join-arbitration"),
        ("arbitration" | "appealed", 0 | 1) => ("judge", "rule-dispute"),
        ("arbitration" | "appealed", _) => ("bench", "rule-dispute"),
        ("ruled", 0 | 1) => (side, "appeal-ruling"),
        ("ruled", _) => (side, "finish-phase"),
        _ => return None,
    })
}

fn grant(state: &str, choice: u64) -> Next {
    Some(match (state, choice % 4) {
        ("open", 0) => ("account", "refund-purchase"),
        ("open", 1 | 2) => ("alice", "authorise-usage"),
        ("open" | "settling", _) => ("cloud", "settle-purchase"),
        _ => return None,
    })
}

fn usage(state: &str, choice: u64) -> Next {
    let function = if choice.is_multiple_of(4) { "void-usage" } else { "capture-usage" };
    (state == "authorised").then_some(("fast", function))
}

fn line(state: &str, choice: u64) -> Next {
    Some(match (state, choice % 8) {
        ("offered", 0) => ("account", "decline-credit-line"),
        ("offered", 1) => ("cloud", "withdraw-credit-line"),
        ("offered", _) => ("account", "accept-credit-line"),
        ("active", 0) => ("cloud", "suspend-credit-line"),
        ("active" | "suspended", 1) => ("account", "close-credit-line"),
        ("active", _) => ("fast", "report-usage"),
        ("suspended", _) => ("cloud", "resume-credit-line"),
        ("delinquent", _) => ("cloud", "write-off-credit-line"),
        _ => return None,
    })
}

fn bill(state: &str, _: u64) -> Next {
    matches!(state, "due" | "overdue").then_some(("bob", "pay-bill"))
}

fn payment(state: &str, choice: u64) -> Next {
    let (who, function) = match choice % 4 {
        0 => ("bank", "reject-payment"),
        1 => ("cloud", "cancel-payment"),
        _ => ("bank", "approve-payment"),
    };
    (state == "pending").then_some((who, function))
}

fn permit(state: &str, choice: u64) -> Next {
    let (who, function) = match choice % 4 {
        0 => ("bank", "reject-permit"),
        1 => ("cloud", "cancel-permit"),
        _ => ("bank", "approve-permit"),
    };
    (state == "pending").then_some((who, function))
}

fn request(state: &str, choice: u64) -> Next {
    let (who, function) = match choice % 4 {
        0 => ("alice", "decline-request"),
        1 => ("sam", "cancel-request"),
        _ => ("alice", "pay-request"),
    };
    matches!(state, "open" | "partially-paid").then_some((who, function))
}
