//! Compares all balances before and after the demonstration with the money that it moved.

use std::fmt::Write;

use anyhow::ensure;

use super::people::Owned;

/// Money that a story moves: from, to, cents.
pub(crate) type Move = (&'static str, &'static str, u64);

/// Shows all balances before and after, and checks that they agree: the total is unchanged, no more is held
/// than before, each balance changed by the amounts in the story, and each account's statements show the
/// same. Returns the table.
pub(crate) fn compare(
    names: &[&str],
    before: &[Owned],
    after: &[Owned],
    moves: &[Move],
) -> anyhow::Result<String> {
    let mut table = format!(
        "{:10}{:>14}{:>14}{:>12}{:>12}{:>9}\n",
        "", "before EUR", "after EUR", "change", "statement", "entries"
    );
    let rows = names.iter().zip(before.iter().zip(after));
    for (name, (before, after)) in rows.clone() {
        let change = difference(before.total(), after.total());
        let stated = difference(before.stated, after.stated);
        let moved_by_story = moved(name, moves);
        // Writing to a string cannot fail.
        let _ = writeln!(
            table,
            "{name:10}{:>14}{:>14}{:>12}{:>12}{:>9}",
            euros(before.total()),
            euros(after.total()),
            signed(change),
            signed(stated),
            after.entries.saturating_sub(before.entries),
        );
        ensure!(
            change == stated && change == moved_by_story,
            "the books of {name} do not agree: its balance changed by {change} cents, its statement says \
             {stated}, and the story moved {moved_by_story}"
        );
        ensure!(before.held == after.held, "{} cents of {name}'s money are still held", after.held);
    }
    let sum = |owned: &[Owned]| owned.iter().map(|it| u128::from(it.total())).sum::<u128>();
    let (old, new) = (sum(before), sum(after));
    ensure!(old == new, "the total changed from {old} to {new} cents");
    Ok(table)
}

fn moved(name: &str, moves: &[Move]) -> i128 {
    let part = |(from, to, cents): &Move| {
        let cents = i128::from(*cents);
        cents * (i128::from(*to == name) - i128::from(*from == name))
    };
    moves.iter().map(part).sum()
}

fn difference(before: u64, after: u64) -> i128 {
    i128::from(after) - i128::from(before)
}

pub(crate) fn euros(cents: u64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

fn signed(cents: i128) -> String {
    let sign = if cents < 0 { "-" } else { "+" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}
