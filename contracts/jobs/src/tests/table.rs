//! Runs a table. Besides the rows of every table: `balances` shows what everybody has in the wallet,
//! `move WHO ORGANISATION` sets the scene, `events` this module's events since the last such row, `due` what has
//! a deadline, and
//! `KIND NUMBER` (such as `milestone 1`) the state of an item.

use ehb_contract::common::DueItem;
use ehb_contract::table::{self, Cast, is_yes, maybe, number, one_of, small, text};
use ehb_contract::{Address, Hash, Host, Kind as _, Named as _};
use ehb_contract_wallet::scene as wallet;
use ehb_dispute::types::{Arbiter, Document, Terms, Windows};
use expect_test::Expect;

use super::conservation::check_books;
use crate::bindings::ehb::jobs::events::Event;
use crate::bindings::ehb::jobs::types::{
    ContractTerms, Error, MilestonePlan, PostingDetails, Requirement, Side, Visibility,
};
use crate::keys::{DEADLINES, Kind};
use crate::rules;

/// Everybody. `client`, `clerk`, `treasurer` and `kin` (an arbiter and certifier) are of the organisation acme,
/// `worker` and `agent` (role `contractor`) of bolt, `rival` and `teacher` (a certifier) of corp.
pub(super) const CAST: Cast = Cast(&[
    "bank",
    "admin",
    "client",
    "clerk",
    "treasurer",
    "kin",
    "worker",
    "agent",
    "rival",
    "teacher",
    "judge",
    "bench",
    "platform",
    "nobody",
    "jobs!",
    "wallet!",
]);

/// A document's CID.
const CID: &str = "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy";

/// When all tables begin, block time in milliseconds.
pub(super) const START_MS: u64 = 1_000;

/// The first balance of `client` and `treasurer`.
pub(super) const MONEY: u64 = 1_000_000;

/// The first balance of `worker`.
pub(super) const PURSE: u64 = 1_000;

/// A chain with everybody, jobs as the running module, and money in the wallet.
pub(super) fn scene() -> Host {
    let mut host = Host::for_module("jobs");
    for (person, organisation, role) in [
        ("bank", "bank", "issuer"),
        ("admin", "chain", "platform-admin"),
        ("client", "acme", "member"),
        ("clerk", "acme", "clerk"),
        ("treasurer", "acme", "treasurer"),
        ("kin", "acme", "arbiter"),
        ("worker", "bolt", "member"),
        ("agent", "bolt", "contractor"),
        ("rival", "corp", "member"),
        ("teacher", "corp", "certifier"),
        ("judge", "court", "arbiter"),
        ("bench", "appeals", "arbiter"),
        ("platform", "chain", "member"),
    ] {
        host.register(CAST.address(person), organisation);
        host.grant(CAST.address(person), role);
    }
    host.grant(CAST.address("kin"), "certifier");
    host.set_block(1, START_MS);
    issue(&mut host);
    host.act_as(CAST.address("admin"));
    rules::set_rating_minimum(&mut host, "EUR".to_owned(), Some(1)).unwrap();
    host.act_as(CAST.address("judge"));
    rules::set_arbiter(&mut host, CAST.address("judge"), true).unwrap();
    host
}

/// Puts money into circulation.
fn issue(host: &mut Host) {
    host.act_as(CAST.address("bank"));
    let to = [("client", MONEY), ("treasurer", MONEY), ("worker", PURSE)];
    wallet::issue_euros(host, &to.map(|(who, amount)| (CAST.address(who), amount))).unwrap();
}

/// A run of rows.
pub(super) struct Play {
    pub(super) host: Host,
    seen: usize,
}

/// Runs a table from the beginning of a chain.
pub(super) fn check(table: Expect) {
    let mut play = Play::new();
    let filled = table::fill(table.data(), |words| {
        let result = play.run(words);
        check_books(&mut play.host);
        result
    });
    table.assert_eq(&filled);
}

impl Play {
    pub(super) fn new() -> Self {
        Self { host: scene(), seen: 0 }
    }

    /// Runs one row and returns its result, if it has one.
    pub(super) fn row(&mut self, row: &str) -> String {
        let mut result = None;
        table::fill(row, |words| {
            result = self.run(words);
            None
        });
        result.unwrap_or_default()
    }

    fn run(&mut self, words: &[&str]) -> Option<String> {
        if CAST.set_scene(&mut self.host, words) {
            return None;
        }
        match words {
            ["move", who, organisation] => {
                self.host.register(CAST.address(who), organisation);
                None
            }
            ["balances"] => Some(balances(&mut self.host)),
            ["events"] => {
                let news = CAST.news(&self.host.events::<Event>(), &mut self.seen);
                Some(news.replace(CID, "CID"))
            }
            ["quiet"] => {
                self.seen = self.host.events::<Event>().len();
                None
            }
            ["due"] => Some(due(&self.host)),
            [kind, id] if kind_of(kind).is_some() => Some(place(&self.host, kind, number(id))),
            [who, action, arguments @ ..] => {
                CAST.act_as(&mut self.host, who);
                Some(self.act(action, arguments).replace(CID, "CID"))
            }
            _ => panic!("no row: {words:?}"),
        }
    }

    fn act(&mut self, action: &str, arguments: &[&str]) -> String {
        let host = &mut self.host;
        if let Some(result) = hire(host, action, arguments) {
            return result;
        }
        if let Some(result) = work(host, action, arguments) {
            return result;
        }
        if let Some(result) = dispute(host, action, arguments) {
            return result;
        }
        if let Some(result) = wallet::act(&CAST, host, action, arguments) {
            return result;
        }
        read(host, action, arguments).unwrap_or_else(|| panic!("no action: {action} {arguments:?}"))
    }
}

/// Runs a rule as the chain does, and words its result.
fn call<T: std::fmt::Debug>(
    host: &mut Host,
    run: impl FnOnce(&mut Host) -> Result<T, Error>,
) -> String {
    CAST.outcome(&host.call(run))
}

/// Postings, applications, offers, attestations.
fn hire(host: &mut Host, action: &str, arguments: &[&str]) -> Option<String> {
    Some(match (action, arguments) {
        ("set-platform-fee", words) => CAST.run(host, rules::set_platform_fee, words),
        ("set-rating-minimum", [asset, paid_min @ ..]) => call(host, |host| {
            let paid_min = paid_min.first().map(|word| number(word));
            rules::set_rating_minimum(host, text(asset), paid_min)
        }),
        ("get-rating-minimum", words) => CAST.run(host, rules::get_rating_minimum, words),
        ("post-job", [visibility, positions, apply_ms, decide_ms, rest @ ..]) => {
            let mut details = details();
            let known = [
                ("public", Visibility::Public),
                ("organisation", Visibility::Organisation),
                ("invited", Visibility::Invited),
            ];
            details.visibility = one_of(visibility, &known);
            details.positions = small(positions);
            details.apply_until_ms = number(apply_ms);
            details.decide_until_ms = number(decide_ms);
            let key = match rest {
                [organisation, kind, ..] => {
                    let (organisation, kind) = (text(organisation), text(kind));
                    details.requirements = vec![Requirement { organisation, kind }];
                    String::new()
                }
                [key] => text(key),
                [] => String::new(),
            };
            call(host, |host| rules::post_job(host, details, key))
        }
        ("invite", words) => CAST.run(host, rules::invite_applicant, words),
        ("stop-applications", words) => CAST.run(host, rules::stop_applications, words),
        ("close-posting", words) => CAST.run(host, rules::close_posting, words),
        ("apply", [posting, price, rest @ ..]) => {
            let (note, key) = ("I can".to_owned(), rest.first().map_or("", |key| key).to_owned());
            call(host, |host| {
                rules::submit_application(
                    host,
                    number(posting),
                    note,
                    number(price),
                    vec![document()],
                    key,
                )
            })
        }
        ("shortlist", words) => CAST.run(host, rules::shortlist_application, words),
        ("reject-application", words) => CAST.run(host, rules::reject_application, words),
        ("withdraw-application", words) => CAST.run(host, rules::withdraw_application, words),
        ("make-offer", words) => make_offer(host, 0, words),
        // An offer under which arbiters get a fee in basis points.
        ("make-offer-with-fee", [fee, words @ ..]) => make_offer(host, small(fee), words),
        ("accept-offer", [id, rest @ ..]) => {
            let key = rest.first().map_or("", |key| key).to_owned();
            call(host, |host| rules::accept_offer(host, number(id), key))
        }
        ("decline-offer", words) => CAST.run(host, rules::decline_offer, words),
        ("withdraw-offer", words) => CAST.run(host, rules::withdraw_offer, words),
        ("attest", [who, kind, expires_ms]) => {
            let (kind, expires_ms) = (text(kind), number(expires_ms));
            call(host, |host| {
                let (who, paper) = (CAST.address(who), Some(document()));
                rules::issue_attestation(host, who, kind, paper, expires_ms, String::new())
            })
        }
        ("revoke-attestation", words) => CAST.run(host, rules::revoke_attestation, words),
        _ => return None,
    })
}

fn make_offer(host: &mut Host, fee: u16, words: &[&str]) -> String {
    let [posting, who, until_ms, plans @ ..] = words else { panic!("no offer: {words:?}") };
    let plans = plans.iter().map(|word| plan(word)).collect();
    let mut terms = terms();
    terms.dispute.fee = fee;
    call(host, |host| {
        let (id, who, until_ms) = (number(posting), CAST.address(who), number(until_ms));
        rules::make_offer(host, id, who, terms, plans, until_ms, String::new())
    })
}

/// Milestones, contracts, deadlines.
fn work(host: &mut Host, action: &str, arguments: &[&str]) -> Option<String> {
    Some(match (action, arguments) {
        ("fund", words) => CAST.run(host, rules::fund_milestone, words),
        ("submit", [id]) => {
            call(host, |host| rules::submit_milestone(host, number(id), document()))
        }
        ("revise", [id]) => {
            call(host, |host| rules::request_revision(host, number(id), "straighter".to_owned()))
        }
        ("approve", words) => CAST.run(host, rules::approve_milestone, words),
        ("pay", words) => CAST.run(host, rules::pay_milestone, words),
        ("refund", words) => CAST.run(host, rules::refund_milestone, words),
        ("propose-cancellation", words) => CAST.run(host, rules::propose_cancellation, words),
        ("accept-cancellation", words) => CAST.run(host, rules::accept_cancellation, words),
        ("terminate", words) => CAST.run(host, rules::terminate_contract, words),
        ("advance", [kind, id]) => {
            let item = kind_of(kind).unwrap().item(number(id));
            CAST.outcome(&host.call(|host| rules::advance(host, item)))
        }
        ("advance-due", [limit]) => {
            match host.call(|host| rules::advance_due(host, small(limit))) {
                Ok(items) => items.iter().map(item).collect::<Vec<_>>().join(", "),
                Err(error) => CAST.named(&error),
            }
        }
        _ => return None,
    })
}

/// Disputes and ratings.
fn dispute(host: &mut Host, action: &str, arguments: &[&str]) -> Option<String> {
    Some(match (action, arguments) {
        ("dispute", [milestone, part]) => call(host, |host| {
            let reason = "crooked".to_owned();
            rules::open_dispute(host, number(milestone), small(part), reason, String::new())
        }),
        ("respond", words) => CAST.run(host, rules::respond_to_dispute, words),
        ("add-evidence", [id]) => call(host, |host| {
            rules::add_evidence(host, number(id), document(), "a photo".to_owned())
        }),
        ("offer-settlement", words) => CAST.run(host, rules::offer_settlement, words),
        ("accept-settlement", words) => CAST.run(host, rules::accept_settlement, words),
        ("finish-phase", words) => CAST.run(host, rules::finish_phase, words),
        ("request", words) => CAST.run(host, rules::request_arbitration, words),
        ("join", words) => CAST.run(host, rules::join_arbitration, words),
        ("set-arbiter", [who, registered]) => {
            call(host, |host| rules::set_arbiter(host, CAST.address(who), is_yes(registered)))
        }
        ("rule", [id, part]) => call(host, |host| {
            rules::rule_dispute(host, number(id), small(part), Some(document()), String::new())
        }),
        ("appeal", [id, reason @ ..]) => {
            let reason = reason.first().map_or_else(|| "unfair".to_owned(), |word| text(word));
            call(host, |host| rules::appeal_ruling(host, number(id), reason, String::new()))
        }
        ("appeal-with-key", [id, key]) => call(host, |host| {
            rules::appeal_ruling(host, number(id), "unfair".to_owned(), text(key))
        }),
        ("commit", [id, by, score, comment]) => {
            let (by, comment) = (side(by), text(comment));
            let made =
                rules::rating_commitment(host, number(id), by, small(score), comment, salt());
            call(host, |host| rules::commit_rating(host, number(id), made.unwrap_or_default()))
        }
        ("commit-hash", [id]) => {
            call(host, |host| rules::commit_rating(host, number(id), Hash::default()))
        }
        ("reveal", [id, score, comment]) => call(host, |host| {
            rules::reveal_rating(host, number(id), small(score), text(comment), salt())
        }),
        _ => return None,
    })
}

fn read(host: &mut Host, action: &str, arguments: &[&str]) -> Option<String> {
    let after = |word: &str| maybe(word).map(number);
    Some(match (action, arguments) {
        ("reputation", [who]) => CAST.named(&rules::get_organisation_rating(host, text(who))),
        ("has", [who, organisation, kind]) => {
            let (organisation, kind) = ((*organisation).to_owned(), (*kind).to_owned());
            rules::has_attestation(host, CAST.address(who), organisation, kind).to_string()
        }
        ("list-due", [limit]) => {
            let page = host.call(|host| rules::list_due(host, None, small(limit)));
            CAST.outcome(&page.map(|page| page.due.len()))
        }
        ("is-invited", [posting, who]) => {
            rules::is_invited(host, number(posting), CAST.address(who)).to_string()
        }
        ("get-posting", words) => CAST.run(host, rules::get_posting, words),
        ("get-application", words) => CAST.run(host, rules::get_application, words),
        ("get-offer", words) => CAST.run(host, rules::get_offer, words),
        ("get-contract", words) => CAST.run(host, rules::get_contract, words),
        ("get-milestone", words) => CAST.run(host, rules::get_milestone, words),
        ("get-dispute", words) => CAST.run(host, rules::get_dispute, words),
        ("get-rating", words) => CAST.run(host, rules::get_rating, words),
        ("get-attestation", words) => CAST.run(host, rules::get_attestation, words),
        ("list-postings", [who, next, limit]) => call(host, |host| {
            let page = rules::list_postings(host, text(who), after(next), small(limit))?;
            Ok((page.postings.iter().map(|it| it.id).collect::<Vec<_>>(), page.next))
        }),
        ("list-awaiting", [next, limit]) => call(host, |host| {
            let page = rules::list_disputes_awaiting_arbiter(host, after(next), small(limit))?;
            Ok((page.disputes.iter().map(|it| it.id).collect::<Vec<_>>(), page.next))
        }),
        ("list-arbiters", []) => CAST.named(&rules::list_arbiters(host)),
        ("list-open-postings", [next, limit]) => call(host, |host| {
            let page = rules::list_open_postings(host, after(next), small(limit))?;
            Ok((page.postings.iter().map(|it| it.id).collect::<Vec<_>>(), page.next))
        }),
        ("list-applications", [posting, next, limit]) => call(host, |host| {
            let page = rules::list_applications(host, number(posting), after(next), small(limit))?;
            Ok((page.applications.iter().map(|it| it.id).collect::<Vec<_>>(), page.next))
        }),
        ("list-applications-of", [who, next, limit]) => call(host, |host| {
            let page = rules::list_applications_of_organisation(
                host,
                text(who),
                after(next),
                small(limit),
            )?;
            Ok((page.applications.iter().map(|it| it.id).collect::<Vec<_>>(), page.next))
        }),
        ("list-offers", [who, next, limit]) => call(host, |host| {
            let page = rules::list_offers(host, text(who), after(next), small(limit))?;
            Ok((page.offers.iter().map(|it| it.id).collect::<Vec<_>>(), page.next))
        }),
        ("list-offers-for", [posting, next, limit]) => call(host, |host| {
            let page =
                rules::list_offers_for_posting(host, number(posting), after(next), small(limit))?;
            Ok((page.offers.iter().map(|it| it.id).collect::<Vec<_>>(), page.next))
        }),
        ("list-contracts", [who, on, next, limit]) => call(host, |host| {
            let page = rules::list_contracts(host, text(who), side(on), after(next), small(limit))?;
            Ok((page.contracts.iter().map(|it| it.id).collect::<Vec<_>>(), page.next))
        }),
        ("list-attestations", [who, next, limit]) => call(host, |host| {
            let page =
                rules::list_attestations(host, CAST.address(who), after(next), small(limit))?;
            Ok((page.attestations.iter().map(|it| it.id).collect::<Vec<_>>(), page.next))
        }),
        ("migrate", []) => call(host, rules::migrate),
        _ => return None,
    })
}

pub(super) fn document() -> Document {
    Document { cid: CID.to_owned(), media_type: "application/pdf".to_owned(), size: 1_000 }
}

fn salt() -> Hash {
    Hash::from_bytes(&[7; 32])
}

fn side(word: &str) -> Side {
    one_of(word, &[("client", Side::Client), ("contractor", Side::Contractor)])
}

pub(super) fn details() -> PostingDetails {
    PostingDetails {
        title: "Fit a door".to_owned(),
        summary: String::new(),
        skills: vec!["carpentry".to_owned()],
        place: "Berlin".to_owned(),
        documents: vec![],
        visibility: Visibility::Public,
        requirements: vec![],
        asset: "EUR".to_owned(),
        budget: 500,
        positions: 1,
        apply_until_ms: START_MS + 10_000,
        decide_until_ms: START_MS + 20_000,
    }
}

/// Review in 10,000 ms, idle for 1,000, revision (at most one) in 20,000, release in 5,000; each window of a dispute
/// is
/// 60,000, any arbiter may rule, and without a ruling the client gets a quarter.
pub(super) fn terms() -> ContractTerms {
    let window = 60_000;
    ContractTerms {
        asset: "EUR".to_owned(),
        specification: None,
        review_window_ms: 10_000,
        revision_window_ms: 20_000,
        payment_window_ms: 5_000,
        idle_window_ms: 1_000,
        revisions_max: 1,
        dispute: Terms {
            arbiter: Arbiter::Registered,
            fee: 0,
            default_to_payer: 2_500,
            windows: Windows {
                response_ms: window,
                evidence_ms: window,
                offer_ms: window,
                ruling_ms: window,
                appeal_ms: window,
            },
        },
    }
}

/// `AMOUNT@DUE`.
fn plan(word: &str) -> MilestonePlan {
    let (amount, due_ms) = word.split_once('@').unwrap();
    MilestonePlan { title: "a door".to_owned(), amount: number(amount), due_ms: number(due_ms) }
}

pub(super) fn kind_of(word: &str) -> Option<Kind> {
    Kind::of_name(if word == "job-dispute" { "dispute" } else { word })
}

fn until(deadline_ms: Option<u64>) -> String {
    deadline_ms.map_or_else(|| "none".to_owned(), |deadline_ms| deadline_ms.to_string())
}

/// Where a thing is, in short.
fn place(host: &Host, kind: &str, id: u64) -> String {
    let found = match kind_of(kind).unwrap() {
        Kind::Posting => rules::get_posting(host, id).map(|it| {
            format!("{} until {}, {} hired", it.state.name(), until(it.deadline_ms), it.hired)
        }),
        Kind::Application => rules::get_application(host, id)
            .map(|it| format!("{} until {}", it.state.name(), until(it.deadline_ms))),
        Kind::Offer => rules::get_offer(host, id)
            .map(|it| format!("{} until {}", it.state.name(), until(it.deadline_ms))),
        Kind::Contract => rules::get_contract(host, id).map(|it| {
            format!("{}, {} open, {} paid", it.state.name(), it.open_milestones, it.paid)
        }),
        Kind::Milestone => rules::get_milestone(host, id).map(|it| {
            let escrow = it.escrow.map_or(String::new(), |escrow| {
                let ehb = (escrow.funded, escrow.paid, escrow.fee, escrow.refunded);
                format!(", in {}, paid {}, fee {}, back {}", ehb.0, ehb.1, ehb.2, ehb.3)
            });
            format!("{} until {}{escrow}", it.state.name(), until(it.deadline_ms))
        }),
        Kind::Dispute => rules::get_dispute(host, id).map(|it| {
            format!("{:?} until {}", it.state, until(it.deadline_ms)).replace("State::", "")
        }),
        Kind::Rating => rules::get_rating(host, id)
            .map(|it| format!("{} until {}", it.state.name(), until(it.deadline_ms))),
        Kind::Attestation => rules::get_attestation(host, id)
            .map(|it| format!("{} until {}", it.state.name(), until(it.deadline_ms))),
    };
    found.unwrap_or_else(|error| CAST.named(&error))
}

fn item(item: &DueItem) -> String {
    format!("{} {} at {}", item.item.kind, item.item.id, item.deadline_ms)
}

fn due(host: &Host) -> String {
    let all = DEADLINES.all(host).into_iter();
    let shown = all.map(|(deadline_ms, kind, id)| {
        let kind = Kind::of_number(kind).map_or("", Kind::name);
        format!("{kind} {id} at {deadline_ms}")
    });
    shown.collect::<Vec<_>>().join(", ")
}

/// An account's balance in the wallet: available and held.
pub(super) fn balance(host: &mut Host, who: Address) -> (u64, u64) {
    wallet::euros(host, who).unwrap()
}

/// The changes of all balances since the beginning, and what is held.
fn balances(host: &mut Host) -> String {
    let mut texts = Vec::new();
    for name in ["client", "treasurer", "worker", "platform", "judge", "bench"] {
        let (available, held) = balance(host, CAST.address(name));
        let start = match name {
            "client" | "treasurer" => MONEY,
            "worker" => PURSE,
            _ => 0,
        };
        let change = i128::from(available) - i128::from(start);
        if change != 0 || held != 0 {
            texts.push(format!("{name} {change:+}, {held} held"));
        }
    }
    texts.join("; ")
}
