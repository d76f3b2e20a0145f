//! Events are complete: the tables that the indexer's projection makes of them are what the module keeps.

use ehb_contract::json::{Arguments, Json, Value, answer};
use ehb_contract::{Address, Hash, Host};
use ehb_projection::mirror::Mirror;

use crate::bindings::ehb::jobs::events::Event;
use crate::keys::{
    APPLICATIONS, ATTESTATIONS, CONTRACTS, DISPUTES, INVITED, MILESTONES, OFFERS,
    ORGANISATION_RATINGS, PLATFORM_FEE, POSTINGS, RATING_MINIMUMS, RATINGS,
};
use crate::rules;

/// Applies the new events, all of this block.
pub(super) fn follow(mirror: &mut Mirror, host: &Host) {
    mirror.follow(host.events::<Event>().iter().map(Json::to_json), host.time_ms()).unwrap();
}

/// The module's answer to a read; none if the read is not known here.
fn read(host: &Host, function: &str, of: Arguments<'_>) -> Option<Result<Value, Value>> {
    Some(match function {
        "get-platform-fee" => Ok(rules::get_platform_fee(host).to_json()),
        "get-rating-minimum" => answer(rules::get_rating_minimum(host, of.text("asset")?)),
        "get-posting" => answer(rules::get_posting(host, of.number("posting")?)),
        "is-invited" => {
            Ok(rules::is_invited(host, of.number("posting")?, of.address("account")?).to_json())
        }
        "get-application" => answer(rules::get_application(host, of.number("application")?)),
        "get-offer" => answer(rules::get_offer(host, of.number("offer")?)),
        "get-contract" => answer(rules::get_contract(host, of.number("contract")?)),
        "get-milestone" => answer(rules::get_milestone(host, of.number("milestone")?)),
        "get-dispute" => answer(rules::get_dispute(host, of.number("dispute")?)),
        "list-arbiters" => Ok(rules::list_arbiters(host).to_json()),
        "get-rating" => answer(rules::get_rating(host, of.number("contract")?)),
        "get-organisation-rating" => {
            Ok(rules::get_organisation_rating(host, of.text("organisation")?).to_json())
        }
        "get-attestation" => answer(rules::get_attestation(host, of.number("attestation")?)),
        _ => return None,
    })
}

/// What the module keeps has rows.
fn kept(mirror: &Mirror, table: &str, columns: &[&str], keys: impl IntoIterator<Item = String>) {
    assert_eq!(mirror.missing(table, columns, keys).unwrap(), Vec::<String>::new(), "{table}");
}

/// Each row is what the module returns for it, and what the module keeps has a row.
pub(super) fn check(mirror: &Mirror, host: &Host) {
    let read = |function: &str, arguments: &Value| read(host, function, Arguments(arguments));
    let found = mirror.compare(host.time_ms(), read);
    assert_eq!(found, Vec::<String>::new());
    let ids = |table: &str, column: &str, map: Vec<u64>| {
        kept(mirror, table, &[column], map.into_iter().map(|id| id.to_string()));
    };
    ids("emo.posting", "id", POSTINGS.keys(host));
    ids("emo.application", "id", APPLICATIONS.keys(host));
    ids("emo.offer", "id", OFFERS.keys(host));
    ids("emo.contract", "id", CONTRACTS.keys(host));
    ids("emo.milestone", "id", MILESTONES.keys(host));
    ids("emo.dispute", "id", DISPUTES.keys(host));
    ids("emo.job_rating", "contract", RATINGS.keys(host));
    ids("emo.attestation", "id", ATTESTATIONS.keys(host));
    let invited = INVITED.keys(host).into_iter();
    let invited = invited.map(|(posting, account)| format!("{posting}/{}", account.to_hex()));
    kept(mirror, "emo.invitation", &["posting", "account"], invited);
    let rated = mirror.keys("emo.rating_sum", &["organisation"]).unwrap();
    let rated: Vec<Hash> = rated.iter().map(|name| host.sha256(name.as_bytes())).collect();
    assert!(ORGANISATION_RATINGS.keys(host).iter().all(|key| rated.contains(key)));
    let arbiters = rules::list_arbiters(host).into_iter().map(Address::to_hex);
    kept(mirror, "emo.arbiter", &["account"], arbiters);
    let fee = PLATFORM_FEE.get(host).map(|_| "fee".to_owned());
    kept(mirror, "emo.setting", &["name"], fee);
    kept(mirror, "emo.rating_minimum", &["asset"], RATING_MINIMUMS.keys(host));
}
