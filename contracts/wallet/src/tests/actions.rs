//! The tables' actions: each is the function of its name. Some arguments have a form of their own:
//! `cap:1000` is a supply policy, `bob,carol` a list of accounts, `daily=100 notice=5` a policy, of which `above=100
//! approvers=bob approvals=1` is the first tier and `tier=500:carol:treasurer:2` another one.

use std::fmt::Debug;

use ehb_contract::common::{Document, Item, Refusal};
use ehb_contract::table::{maybe, number, one_of, small, text};
use ehb_contract::{Address, Host};

use super::table::{CAST, address};
use crate::bindings::ehb::wallet::types::BalanceKey;
use crate::bindings::ehb::wallet::types::{
    ApprovalTier, AssetKind, AssetTerms, Error, Policy, SupplyPolicy, TransferLine,
};
use crate::rules;

pub(super) fn act(host: &mut Host, action: &str, arguments: &[&str]) -> String {
    let done = basic(host, action, arguments)
        .or_else(|| limited(host, action, arguments))
        .or_else(|| agreed(host, action, arguments))
        .or_else(|| read(host, action, arguments));
    done.unwrap_or_else(|| panic!("no action: {action} {arguments:?}"))
}

fn call<T: Debug>(host: &mut Host, run: impl FnOnce(&mut Host) -> Result<T, Error>) -> String {
    CAST.outcome(&host.call(run))
}

/// A function of the shared interface `deadlines`.
fn shared<T: Debug>(host: &mut Host, run: impl FnOnce(&mut Host) -> Result<T, Refusal>) -> String {
    CAST.outcome(&host.call(run))
}

fn someone(word: &str) -> Option<Address> {
    maybe(word).map(address)
}

fn several(word: &str) -> Vec<Address> {
    maybe(word).map(|word| word.split(',').map(address).collect()).unwrap_or_default()
}

fn some(word: &str) -> Option<u64> {
    maybe(word).map(number)
}

fn supply(word: &str) -> SupplyPolicy {
    match word.split_once(':') {
        Some(("cap", cap)) => SupplyPolicy::Capped(number(cap)),
        Some(_) => panic!("no supply: {word}"),
        None => {
            let (unlimited, closed) = (SupplyPolicy::Unlimited, SupplyPolicy::Closed);
            one_of(word, &[("unlimited", unlimited), ("-", unlimited), ("closed", closed)])
        }
    }
}

fn document(word: &str) -> Option<Document> {
    let mut parts = maybe(word)?.split(':');
    let mut part = || parts.next().unwrap_or_default();
    Some(Document { cid: text(part()), media_type: text(part()), size: number(part()) })
}

pub(super) fn policy(words: &[&str]) -> Option<Policy> {
    if words == ["none"] {
        return None;
    }
    let mut policy =
        Policy { daily_limit: None, payees: Vec::new(), tiers: Vec::new(), notice_ms: 0 };
    // Without `above` the first tier bounds nothing.
    let mut first =
        ApprovalTier { above: u64::MAX, approvers: Vec::new(), role: None, approvals: 0 };
    let is_first = |word: &&str| ["above", "approv"].iter().any(|of| word.starts_with(of));
    for word in words {
        match word.split_once('=').unwrap_or((word, "")) {
            ("daily", limit) => policy.daily_limit = Some(number(limit)),
            ("payees", list) => policy.payees = several(list),
            ("above", bound) => first.above = number(bound),
            ("approvers", list) => first.approvers = several(list),
            ("approvals", count) => first.approvals = small(count),
            ("tier", tier) => policy.tiers.push(self::tier(tier)),
            ("notice", notice_ms) => policy.notice_ms = number(notice_ms),
            _ => panic!("no part of a policy: {word}"),
        }
    }
    if words.iter().any(is_first) {
        policy.tiers.insert(0, first);
    }
    Some(policy)
}

/// A tier, such as `100:bob,carol:-:2` or `100:-:treasurer:1`.
fn tier(word: &str) -> ApprovalTier {
    let parts: Vec<&str> = word.split(':').collect();
    let [above, approvers, role, approvals] = parts[..] else { panic!("no tier: {word}") };
    ApprovalTier {
        above: number(above),
        approvers: several(approvers),
        role: maybe(role).map(text),
        approvals: small(approvals),
    }
}

/// Assets, transfers and holds.
fn basic(host: &mut Host, action: &str, arguments: &[&str]) -> Option<String> {
    Some(match (action, arguments) {
        ("create-asset", words) => CAST.run(host, rules::create_asset, words),
        ("create-asset-with-terms", [id, name, kind, limit, freezable, key]) => {
            let kind =
                one_of(kind, &[("native", AssetKind::Native), ("issued", AssetKind::Issued)]);
            let freezable =
                one_of(freezable, &[("freezable", true), ("fixed", false), ("-", false)]);
            let terms = AssetTerms { kind, supply: supply(limit), freezable };
            let (id, name, issuer, key) = (text(id), text(name), address("bank"), text(key));
            call(host, |host| rules::create_asset_with_terms(host, id, name, 2, issuer, terms, key))
        }
        ("set-issuer", words) => CAST.run(host, rules::set_issuer, words),
        ("restrict-supply", [asset, limit]) => {
            call(host, |host| rules::restrict_supply(host, text(asset), supply(limit)))
        }
        ("freeze-balance", [asset, who, expires_ms, reason]) => call(host, |host| {
            let (who, expires_ms) = (address(who), number(expires_ms));
            rules::freeze_balance(host, text(asset), who, expires_ms, text(reason))
        }),
        ("unfreeze-balance", words) => CAST.run(host, rules::unfreeze_balance, words),
        ("mint", words) => CAST.run(host, rules::mint, words),
        ("burn", words) => CAST.run(host, rules::burn, words),
        ("transfer", words) => CAST.run(host, rules::transfer, words),
        ("transfer-with-reference", [to, asset, amount, what]) => call(host, |host| {
            let (to, amount) = (address(to), number(amount));
            rules::transfer_with_reference(host, to, text(asset), amount, text(what))
        }),
        ("batch-transfer", [key, lines @ ..]) => {
            let line = |line: &[&str]| TransferLine {
                to: address(line[0]),
                asset: text(line[1]),
                amount: number(line[2]),
                reference: text(line[3]),
            };
            let lines = lines.chunks(4).map(line).collect();
            call(host, |host| rules::batch_transfer(host, lines, text(key)))
        }
        ("place-hold", [asset, amount, payee, controller, expires_ms, what]) => {
            let (payee, controller) = (someone(payee), someone(controller));
            let (amount, expires_ms) = (number(amount), number(expires_ms));
            call(host, |host| {
                let (asset, what) = (text(asset), text(what));
                rules::place_hold(host, asset, amount, payee, controller, expires_ms, what)
            })
        }
        ("pay-out", words) => CAST.run(host, rules::pay_out, words),
        ("pay-back", words) => CAST.run(host, rules::pay_back, words),
        ("release-hold", words) => CAST.run(host, rules::release_hold, words),
        ("expire-hold", words) => CAST.run(host, rules::expire_hold, words),
        _ => return None,
    })
}

/// Allowances and policies.
fn limited(host: &mut Host, action: &str, arguments: &[&str]) -> Option<String> {
    Some(match (action, arguments) {
        ("grant-allowance", [spender, asset, limit, period, expires_ms, payees, what, key]) => {
            call(host, |host| {
                let (spender, limit, period) = (address(spender), number(limit), some(period));
                let (payees, expires_ms) = (several(payees), number(expires_ms));
                let (asset, what, key) = (text(asset), text(what), text(key));
                rules::grant_allowance(
                    host, spender, asset, limit, period, expires_ms, payees, what, key,
                )
            })
        }
        ("close-allowance", words) => CAST.run(host, rules::close_allowance, words),
        ("transfer-from", [id, to, amount, what, key]) => call(host, |host| {
            let (id, to, amount) = (number(id), address(to), number(amount));
            rules::transfer_from(host, id, to, amount, text(what), text(key))
        }),
        ("place-hold-from", [id, amount, payee, controller, expires_ms, what, key]) => {
            call(host, |host| {
                let (id, amount, expires_ms) = (number(id), number(amount), number(expires_ms));
                let (payee, controller) = (someone(payee), someone(controller));
                let (what, key) = (text(what), text(key));
                rules::place_hold_from(host, id, amount, payee, controller, expires_ms, what, key)
            })
        }
        ("set-policy", [asset, words @ ..]) => {
            call(host, |host| rules::set_policy(host, text(asset), policy(words)))
        }
        ("use-allowance", words) => CAST.run(host, rules::use_allowance, words),
        ("limit-transaction-spending", words) => {
            CAST.run(host, rules::limit_transaction_spending, words)
        }
        ("cancel-policy-change", words) => CAST.run(host, rules::cancel_policy_change, words),
        _ => return None,
    })
}

pub(super) fn item(kind: &str, id: &str) -> Item {
    Item { kind: kind.to_owned(), id: number(id) }
}

/// Payments that wait for approval, requests, deadlines.
fn agreed(host: &mut Host, action: &str, arguments: &[&str]) -> Option<String> {
    Some(match (action, arguments) {
        ("propose-payment", [payee, asset, amount, what, request, expires_ms, key]) => {
            call(host, |host| {
                let (payee, amount) = (address(payee), number(amount));
                let expires_ms = number(expires_ms);
                let (asset, what, key) = (text(asset), text(what), text(key));
                rules::propose_payment(
                    host,
                    payee,
                    asset,
                    amount,
                    what,
                    some(request),
                    expires_ms,
                    key,
                )
            })
        }
        ("request-permit", [payee, asset, amount, what, expires_ms, key]) => call(host, |host| {
            let (payee, amount, expires_ms) = (address(payee), number(amount), number(expires_ms));
            let (asset, what, key) = (text(asset), text(what), text(key));
            rules::request_permit(host, payee, asset, amount, what, expires_ms, key)
        }),
        ("approve-permit", words) => CAST.run(host, rules::approve_permit, words),
        ("reject-permit", words) => CAST.run(host, rules::reject_permit, words),
        ("cancel-permit", words) => CAST.run(host, rules::cancel_permit, words),
        ("approve-payment", words) => CAST.run(host, rules::approve_payment, words),
        ("reject-payment", words) => CAST.run(host, rules::reject_payment, words),
        ("cancel-payment", words) => CAST.run(host, rules::cancel_payment, words),
        ("request-payment", [payer, asset, amount, parts, due_ms, what, paper, key]) => {
            call(host, |host| {
                let (payer, amount, due_ms) = (someone(payer), number(amount), number(due_ms));
                let (asset, what, key) = (text(asset), text(what), text(key));
                let (parts, paper) =
                    (one_of(parts, &[("parts", true), ("whole", false)]), document(paper));
                rules::request_payment(host, payer, asset, amount, parts, due_ms, what, paper, key)
            })
        }
        ("pay-request", words) => CAST.run(host, rules::pay_request, words),
        ("cancel-request", words) => CAST.run(host, rules::cancel_request, words),
        ("decline-request", words) => CAST.run(host, rules::decline_request, words),
        ("advance", [kind, id]) => shared(host, |host| rules::advance(host, item(kind, id))),
        ("advance-due", [limit]) => shared(host, |host| rules::advance_due(host, small(limit))),
        ("migrate", []) => call(host, rules::migrate),
        _ => return None,
    })
}

fn read(host: &mut Host, action: &str, arguments: &[&str]) -> Option<String> {
    Some(match (action, arguments) {
        ("get-asset", words) => CAST.run(host, rules::get_asset, words),
        ("get-native-asset", []) => call(host, |host| rules::get_native_asset(host)),
        ("list-assets", words) => CAST.run(host, rules::list_assets, words),
        ("get-supply", words) => CAST.run(host, rules::get_supply, words),
        ("get-balance", words) => CAST.run(host, rules::get_balance, words),
        ("list-balances", [who, after, limit]) => call(host, |host| {
            let after = maybe(after).map(str::to_owned);
            rules::list_balances(host, address(who), after, small(limit))
        }),
        ("list-all-balances", [who, asset, limit]) => call(host, |host| {
            let after =
                maybe(who).map(|who| BalanceKey { account: address(who), asset: text(asset) });
            rules::list_all_balances(host, after, small(limit))
        }),
        ("get-hold", words) => CAST.run(host, rules::get_hold, words),
        ("list-holds", words) => CAST.run(host, rules::list_holds, words),
        ("get-freeze", words) => CAST.run(host, rules::get_freeze, words),
        ("get-policy", words) => CAST.run(host, rules::get_policy, words),
        ("get-allowance", words) => CAST.run(host, rules::get_allowance, words),
        ("list-allowances", words) => CAST.run(host, rules::list_allowances, words),
        ("get-payment", words) => CAST.run(host, rules::get_payment, words),
        ("list-payments", words) => CAST.run(host, rules::list_payments, words),
        ("list-payments-of-role", words) => CAST.run(host, rules::list_payments_of_role, words),
        ("list-permits-of-role", words) => CAST.run(host, rules::list_permits_of_role, words),
        ("get-permit", words) => CAST.run(host, rules::get_permit, words),
        ("list-permits", words) => CAST.run(host, rules::list_permits, words),
        ("get-request", words) => CAST.run(host, rules::get_request, words),
        ("list-requests", words) => CAST.run(host, rules::list_requests, words),
        ("list-due", [limit]) => shared(host, |host| rules::list_due(host, None, small(limit))),
        ("get-statement", words) => CAST.run(host, rules::get_statement, words),
        ("list-statements", [who, asset, after, limit]) => call(host, |host| {
            let after = maybe(after).map(small);
            rules::list_statements(host, address(who), text(asset), after, small(limit))
        }),
        _ => return None,
    })
}
