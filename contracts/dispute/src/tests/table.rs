//! Runs a table over one dispute between `client` (the payer) and `worker` (the payee). Besides
//! the rows of every table: `terms named|role BPS [FEE]` sets the terms of the next dispute, `agreed yes|no` whether
//! both parties named its arbiter; `state` shows its state, `assigned` the arbiters that were assigned, `steps` the
//! emitted steps, `settlements` what becomes of the deposits. Hold 1 is the first deposit, and so on.

use ehb_contract::Host;
use ehb_contract::common::Document;
use ehb_contract::table::{self, Cast, is_yes, number, one_of, small, text};
use expect_test::Expect;

use crate::types::{Arbiter, Dispute, DisputeChange, Side, Terms, Windows};
use crate::{
    Arbiters, Error, Parties, Set, accept, add_evidence, advance, appeal, finish_phase, join,
    offer, open, request, respond, rule, settlements,
};

/// The registered arbiters: at first `judge`, `jury`, `bench` and `kin`.
pub(super) const ARBITERS: Arbiters = Arbiters::new(b'a');

/// Everybody. `judge` and `jury` of one court and `bench` of another have the role `arbiter`, as has `kin`, who is
/// of the client's organisation; `friend` has no role.
pub(super) const CAST: Cast =
    Cast(&["client", "worker", "judge", "jury", "bench", "kin", "friend", "admin", "nobody"]);

/// A document's CID.
const CID: &str = "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy";

/// A minute, milliseconds: every window of the tables' disputes is one, or a multiple by its place.
pub(super) const MINUTE_MS: u64 = 60_000;

pub(super) fn scene() -> Host {
    let mut host = Host::new();
    for (person, organisation) in [
        ("client", "acme"),
        ("worker", "bolt"),
        ("judge", "court"),
        ("jury", "court"),
        ("bench", "appeals"),
        ("kin", "acme"),
        ("friend", "acme"),
        ("admin", "chain"),
    ] {
        host.register(CAST.address(person), organisation);
    }
    for arbiter in ["judge", "jury", "bench", "kin"] {
        let address = CAST.address(arbiter);
        host.grant(address, "arbiter");
        host.act_as(address);
        ARBITERS.set(&mut host, address, true).unwrap();
    }
    host.grant(CAST.address("admin"), "platform-admin");
    host.set_block(1, 0);
    host
}

/// Sets a deposit aside: in the hold of the next number.
pub(super) fn set_aside(
    dispute: &Dispute,
) -> impl FnOnce(&mut Host, u64) -> Result<Set, Error> + use<> {
    let hold = dispute.deposits.len() as u64 + 1;
    move |_, _| Ok(Set { hold, hold_expires_ms: u64::MAX })
}

pub(super) fn terms(arbiter: Arbiter, default_to_payer: u16) -> Terms {
    let windows = Windows {
        response_ms: MINUTE_MS,
        evidence_ms: 2 * MINUTE_MS,
        offer_ms: 3 * MINUTE_MS,
        ruling_ms: 4 * MINUTE_MS,
        appeal_ms: 5 * MINUTE_MS,
    };
    Terms { arbiter, fee: 0, default_to_payer, windows }
}

pub(super) fn document() -> Document {
    Document { cid: CID.to_owned(), media_type: "application/pdf".to_owned(), size: 1_000 }
}

/// The parties, who agreed on the arbiter where the terms name one.
pub(super) fn parties() -> Parties {
    Parties {
        payer: CAST.address("client"),
        payer_organisation: Some("acme".to_owned()),
        payee: CAST.address("worker"),
        payee_organisation: Some("bolt".to_owned()),
        arbiter_agreed: true,
    }
}

struct Scene {
    host: Host,
    terms: Terms,
    agreed: bool,
    dispute: Option<Dispute>,
    steps: Vec<DisputeChange>,
    seen: usize,
}

/// Runs a table from the beginning.
pub(super) fn check(table: Expect) {
    let mut scene = Scene {
        host: scene(),
        terms: terms(Arbiter::Registered, 5_000),
        agreed: true,
        dispute: None,
        steps: Vec::new(),
        seen: 0,
    };
    let filled = table::fill(table.data(), |words| scene.run(words));
    table.assert_eq(&filled);
}

impl Scene {
    fn run(&mut self, words: &[&str]) -> Option<String> {
        if CAST.set_scene(&mut self.host, words) {
            return None;
        }
        match words {
            ["terms", name, part, fee @ ..] => {
                let arbiter = match *name {
                    "role" => Arbiter::Registered,
                    name => Arbiter::Account(CAST.address(name)),
                };
                self.terms = terms(arbiter, small(part));
                self.terms.fee = fee.first().map_or(0, |fee| small(fee));
            }
            ["agreed", agreed] => self.agreed = is_yes(agreed),
            ["move", who, organisation] => self.host.register(CAST.address(who), organisation),
            ["assigned"] => return self.dispute.as_ref().map(assigned),
            ["settlements"] => return self.dispute.as_ref().map(|it| CAST.named(&settlements(it))),
            ["arbiters"] => return Some(CAST.named(&ARBITERS.all(&self.host))),
            [who, "set-arbiter", account, registered] => {
                CAST.act_as(&mut self.host, who);
                let account = CAST.address(account);
                let result = ARBITERS.set(&mut self.host, account, is_yes(registered));
                return Some(CAST.outcome(&result.map(drop)));
            }
            ["state"] => return self.dispute.as_ref().map(state),
            ["steps"] => {
                let news = CAST.news(&self.steps, &mut self.seen);
                return Some(news.replace(CID, "CID"));
            }
            [who, action, arguments @ ..] => {
                CAST.act_as(&mut self.host, who);
                let by = match *action {
                    // What parties do not do has no side.
                    "rule" | "rule-without-reasons" | "advance" => Side::Payer,
                    _ => one_of(who, &[("client", Side::Payer), ("worker", Side::Payee)]),
                };
                return Some(match self.act(by, action, arguments) {
                    Ok(()) => self.dispute.as_ref().map(state).unwrap_or_default(),
                    Err(error) => CAST.named(&error).replace(CID, "CID"),
                });
            }
            _ => panic!("no row: {words:?}"),
        }
        None
    }

    fn act(&mut self, by: Side, action: &str, arguments: &[&str]) -> Result<(), Error> {
        let host = &mut self.host;
        if let ("open", [amount, part, reason]) = (action, arguments) {
            let (amount, part, reason) = (number(amount), small(part), text(reason));
            let parties = Parties { arbiter_agreed: self.agreed, ..parties() };
            let dispute = open(host, 1, 7, parties, by, amount, part, reason, self.terms)?;
            self.dispute = Some(dispute);
            return Ok(());
        }
        let Some(dispute) = &mut self.dispute else { panic!("there is no dispute yet") };
        let step = match (action, arguments) {
            ("respond", [part]) => respond(host, dispute, by, small(part)),
            ("add-evidence", [cid, media_type, size, note]) => {
                let cid = if *cid == "CID" { CID.to_owned() } else { text(cid) };
                let document = Document { cid, media_type: text(media_type), size: number(size) };
                add_evidence(host, dispute, by, document, text(note))
            }
            ("offer", [part]) => offer(host, dispute, by, small(part)),
            ("accept", []) => accept(host, dispute, by),
            ("request", []) => {
                let set_aside = set_aside(dispute);
                request(host, &ARBITERS, dispute, by, set_aside)
            }
            ("join", []) => {
                let set_aside = set_aside(dispute);
                join(host, &ARBITERS, dispute, by, set_aside)
            }
            ("finish-phase", []) => finish_phase(host, dispute, by),
            ("rule", [part]) => rule(host, dispute, small(part), Some(document())),
            ("rule-without-reasons", [part]) => rule(host, dispute, small(part), None),
            ("appeal", [reason]) => {
                let set_aside = set_aside(dispute);
                appeal(host, &ARBITERS, dispute, (by, text(reason)), set_aside)
            }
            ("advance", []) => advance(host, &ARBITERS, dispute),
            _ => panic!("no action: {action} {arguments:?}"),
        };
        self.steps.push(step?);
        Ok(())
    }
}

/// The arbiters that were assigned.
fn assigned(dispute: &Dispute) -> String {
    let names = dispute.assigned.iter().map(|it| match it.arbiter {
        Some(arbiter) => CAST.named(&arbiter),
        None => "nobody".to_owned(),
    });
    names.collect::<Vec<_>>().join(", ")
}

/// The state of a dispute, in short.
fn state(dispute: &Dispute) -> String {
    let name = format!("{:?}", dispute.state).replace("State::", "");
    match dispute.outcome {
        None => format!("{name} until {}", dispute.deadline_ms.unwrap()),
        Some(outcome) => {
            let reason = format!("{:?}", outcome.reason).replace("OutcomeReason::", "");
            let (first, second) = (outcome.split.to_payer, outcome.split.to_payee);
            let costs = match (outcome.payer_costs, outcome.payee_costs) {
                (0, 0) => String::new(),
                (first, second) => format!("; costs {first} and {second}"),
            };
            format!("{name}: {reason}, {first} to the client, {second} to the worker{costs}")
        }
    }
}
