//! Checks the marketplace's stock levels against the pieces that open sub-orders reserve.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{ModuleReader, STOCK, Violation, number, numbered, pages, readable, violation};

/// The pieces that the lines of sub-orders have reserved, by variant and location.
#[derive(Default)]
pub(super) struct Reserved(BTreeMap<(u64, u64), u128>);

impl Reserved {
    /// Adds the lines of a sub-order, and checks that their pieces add up. A sub-order in a final state
    /// reserves nothing.
    pub(super) fn add(
        &mut self,
        subject: &str,
        part: &Value,
        open: bool,
        report: &mut dyn FnMut(Violation),
    ) {
        for (place, line) in part["lines"].as_array().into_iter().flatten().enumerate() {
            let pieces = |name: &str| u128::from(number(&line[name]));
            let [ordered, reserved, shipped] = ["ordered", "reserved", "shipped"].map(pieces);
            let [delivered, returned] = ["delivered", "returned"].map(pieces);
            let refunded = pieces("refunded");
            let fits =
                reserved + shipped <= ordered && delivered <= shipped && returned <= delivered;
            let fits = fits && (open || reserved == 0);
            // Goodwill is for the pieces that are still paid for.
            let goodwill = pieces("goodwill");
            let paid_for = pieces("unit-price") * (reserved + shipped);
            let fits = fits && goodwill <= refunded && (!open || goodwill <= paid_for);
            if !fits || refunded > pieces("unit-price") * ordered {
                report(violation(STOCK, subject, format!("line {place} does not add up: {line}")));
            }
            if reserved > 0 {
                let place = (number(&line["variant"]), number(&line["location"]));
                *self.0.entry(place).or_default() += reserved;
            }
        }
    }

    /// Compares the sums with the reserved pieces of the stock levels.
    pub(super) fn check<R: ModuleReader>(
        mut self,
        reads: &mut R,
        report: &mut dyn FnMut(Violation),
    ) -> Result<(), R::Error> {
        numbered(reads, ("marketplace", "get-variant", "variant"), |reads, id, found| {
            if readable(&format!("variant {id}"), found, report).is_none() {
                return Ok(());
            }
            let mut levels = Vec::new();
            let of = json!({ "variant": id.to_string() });
            pages(reads, ("marketplace", "list-stock"), &of, "levels", report, |level| {
                levels.push(level.clone());
            })?;
            for level in levels {
                let place = (id, number(&level["location"]));
                check_level(place, &level, self.0.remove(&place).unwrap_or(0), report);
            }
            Ok(())
        })?;
        for (place, reserved) in self.0 {
            let message = format!("orders have reserved {reserved}, but there is no such stock");
            report(violation(STOCK, subject(place), message));
        }
        Ok(())
    }
}

fn subject((variant, location): (u64, u64)) -> String {
    format!("variant {variant} at location {location}")
}

fn check_level(
    place: (u64, u64),
    level: &Value,
    by_orders: u128,
    report: &mut dyn FnMut(Violation),
) {
    let [on_hand, reserved, available] =
        ["on-hand", "reserved", "available"].map(|part| u128::from(number(&level[part])));
    if reserved + available != on_hand {
        let message = format!("{reserved} reserved and {available} available are not {on_hand}");
        report(violation(STOCK, subject(place), message));
    }
    if reserved != by_orders {
        let message = format!("{reserved} are reserved, but the orders have reserved {by_orders}");
        report(violation(STOCK, subject(place), message));
    }
}
