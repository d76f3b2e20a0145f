//! Checks the wallet: supply against balances, held amounts against holds, and no hold resolved twice.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    Counted, HELD, ModuleReader, RESOLVED_TWICE, SUPPLY, UNREADABLE, Violation, case, number,
    numbered, pages, text, violation,
};

/// The balances and holds of all accounts in an asset. 128 bits, as sums of 64-bit amounts.
#[derive(Default)]
struct Sums {
    available: u128,
    held: u128,
}

/// The held amounts by account and asset, without zeros.
type Holders = BTreeMap<(String, String), Holder>;

/// An account's held amount of an asset.
#[derive(Default)]
struct Holder {
    /// By its balance.
    held: u128,
    /// By its holds and its payments that wait for approval.
    set_aside: u128,
}

fn holder<'a>(holders: &'a mut Holders, account: &Value, asset: &Value) -> &'a mut Holder {
    holders.entry((text(account).to_owned(), text(asset).to_owned())).or_default()
}

/// Checks that every asset's balances and holds add up to the amount minted less the amount burned, and
/// that the held part of each balance is the sum of the account's open holds and pending payments.
pub fn check_wallet<R: ModuleReader>(
    reads: &mut R,
    counted: &mut Counted,
    report: &mut dyn FnMut(Violation),
) -> Result<(), R::Error> {
    let mut sums: BTreeMap<String, Sums> = BTreeMap::new();
    let mut holders = Holders::new();
    pages(reads, ("wallet", "list-all-balances"), &json!({}), "balances", report, |owned| {
        counted.balances += 1;
        let balance = &owned["balance"];
        let sum = sums.entry(text(&balance["asset"]).to_owned()).or_default();
        sum.available += u128::from(number(&balance["available"]));
        let held = u128::from(number(&balance["held"]));
        sum.held += held;
        if held > 0 {
            holder(&mut holders, &owned["account"], &balance["asset"]).held = held;
        }
    })?;
    add_holds(reads, &mut holders, counted, report)?;
    add_payments(reads, &mut holders, report)?;

    let mut assets = Vec::new();
    pages(reads, ("wallet", "list-assets"), &json!({}), "assets", report, |asset| {
        assets.push(text(&asset["id"]).to_owned());
    })?;
    for asset in assets {
        counted.assets += 1;
        let sum = sums.remove(&asset).unwrap_or_default();
        match reads.read("wallet", "get-supply", &json!({ "asset": asset }))? {
            Ok(supply) => check_asset(&asset, &sum, &supply, report),
            Err(error) => report(violation(UNREADABLE, subject(&asset), error.to_string())),
        }
    }
    for (asset, Sums { available, held }) in sums {
        let message =
            format!("accounts own {available} and hold {held}, but there is no such asset");
        report(violation(SUPPLY, subject(&asset), message));
    }
    for ((account, asset), Holder { held, set_aside }) in &holders {
        if held != set_aside {
            let message = format!(
                "{held} is held of {asset}, but open holds and pending payments have set aside \
                 {set_aside}"
            );
            report(violation(HELD, format!("account {account}"), message));
        }
    }
    Ok(())
}

fn subject(asset: &str) -> String {
    format!("asset {asset}")
}

fn check_asset(asset: &str, sum: &Sums, supply: &Value, report: &mut dyn FnMut(Violation)) {
    let Sums { available, held } = sum;
    let (minted, burned) = (number(&supply["minted"]), number(&supply["burned"]));
    let circulating = minted.checked_sub(burned).map(u128::from);
    if circulating != Some(available + held) {
        let message = format!(
            "balances are {available} and holds {held}, together {}, but {minted} were minted and \
             {burned} burned",
            available + held
        );
        report(violation(SUPPLY, subject(asset), message));
    }
}

fn add_holds<R: ModuleReader>(
    reads: &mut R,
    holders: &mut Holders,
    counted: &mut Counted,
    report: &mut dyn FnMut(Violation),
) -> Result<(), R::Error> {
    numbered(reads, ("wallet", "get-hold", "hold"), |_, id, found| {
        counted.holds += 1;
        match found {
            Ok(hold) => {
                let (remaining, amount) = (number(&hold["remaining"]), number(&hold["amount"]));
                if remaining == 0 || remaining > amount {
                    let message = format!("{remaining} is left of {amount}");
                    report(violation(HELD, format!("hold {id}"), message));
                }
                let payer = holder(holders, &hold["payer"], &hold["asset"]);
                payer.set_aside += u128::from(remaining);
            }
            Err(error) if case(&error) == "wrong-state" => {}
            Err(error) => report(violation(UNREADABLE, format!("hold {id}"), error.to_string())),
        }
        Ok(())
    })
}

fn add_payments<R: ModuleReader>(
    reads: &mut R,
    holders: &mut Holders,
    report: &mut dyn FnMut(Violation),
) -> Result<(), R::Error> {
    numbered(reads, ("wallet", "get-payment", "payment"), |_, id, found| {
        match found {
            Ok(payment) if payment["state"] == "pending" => {
                let payer = holder(holders, &payment["payer"], &payment["asset"]);
                payer.set_aside += u128::from(number(&payment["amount"]));
            }
            Ok(_) => {}
            // It was over, and left the state.
            Err(error) if case(&error) == "wrong-state" => {}
            Err(error) => report(violation(UNREADABLE, format!("payment {id}"), error.to_string())),
        }
        Ok(())
    })
}

/// The holds that were resolved, by the wallet's events in their order: a bit for each hold.
#[derive(Default)]
pub struct Resolutions {
    bits: Vec<u64>,
}

/// More holds than any chain has; larger numbers are invalid.
const HOLDS_MAX: u64 = 1 << 36;

impl Resolutions {
    /// Processes an event of the wallet, in its JSON form; returns a violation if it resolves a hold again.
    pub fn event(&mut self, event: &Value) -> Option<Violation> {
        let detail = &event[case(event)];
        let resolves = match case(event) {
            "hold-released" | "hold-expired" => true,
            "hold-paid" => number(&detail["remaining"]) == 0,
            _ => false,
        };
        if !resolves {
            return None;
        }
        let id = number(&detail["hold"]);
        if id >= HOLDS_MAX || !self.set(id) {
            let message = format!("it is resolved once more: {event}");
            return Some(violation(RESOLVED_TWICE, format!("hold {id}"), message));
        }
        None
    }

    /// Sets a bit; returns whether it was clear.
    fn set(&mut self, id: u64) -> bool {
        let (word, bit) = ((id / 64) as usize, 1 << (id % 64));
        if self.bits.len() <= word {
            self.bits.resize(word + 1, 0);
        }
        let was = self.bits[word] & bit != 0;
        self.bits[word] |= bit;
        !was
    }
}
