//! Checks sums within the tables, which are the invariants of the modules: value is conserved.

use sqlx::{AssertSqlSafe, PgConnection};

use super::{Report, VerifyError};

/// A rule, and a query for what breaks it: a text for each violation.
const RULES: &[(&str, &str)] = &[
    (
        "balances add up to the supply",
        "select asset || ': balances ' || coalesce(owned, 0) || ', supply ' || minted - burned
         from emo.supply left join (select asset, sum(available + held) as owned from emo.balance group by 1) b
             using (asset)
         where coalesce(owned, 0) <> minted - burned",
    ),
    (
        "no balance is below zero",
        "select account || ' ' || asset || ': ' || available || ', ' || held from emo.balance
         where available < 0 or held < 0",
    ),
    (
        "what is held is in open holds and pending payments",
        "select b.account || ' ' || b.asset || ': held ' || b.held || ', holds and payments ' || coalesce(s.sum, 0)
         from emo.balance b left join (
             select account, asset, sum(amount) as sum from (
                 select payer as account, asset, remaining as amount from emo.hold where state = 'open'
                 union all
                 select payer, asset, amount from emo.pending_payment where state = 'pending'
             ) parts group by 1, 2
         ) s using (account, asset)
         where b.held <> coalesce(s.sum, 0)",
    ),
    (
        "the last entry of a balance is the balance",
        "select b.account || ' ' || b.asset || ': ' || b.available || ', ' || b.held from emo.balance b
         left join emo.entry e on e.account = b.account and e.asset = b.asset and e.n = b.entries
         where (e.available, e.held) is distinct from (b.available, b.held)",
    ),
    (
        "an escrow of an order never pays more than it got, and is empty in the end",
        "select id || ': funded ' || funded || ', refunded ' || refunded || ', paid ' || paid || ', fees ' || fees
         from emo.sub_order
         where funded < refunded + paid + fees or (funded <> refunded + paid + fees and state in ('declined', 'expired',
             'cancelled', 'undelivered', 'completed', 'returned', 'resolved', 'hold-expired'))",
    ),
    (
        "the holds of orders hold what their escrows have left",
        "select h.id || ': hold ' || h.remaining || ', escrows ' || s.left_over from emo.hold h join (
             select hold, sum(funded - refunded - paid - fees) as left_over from emo.sub_order group by 1
         ) s on s.hold = h.id where h.remaining <> s.left_over",
    ),
    (
        "reserved stock is what orders reserve",
        "select s.variant || ', ' || s.location || ': stock ' || s.reserved || ', orders ' || coalesce(l.reserved, 0)
         from pss.stock s left join (
             select variant, location, sum(reserved) as reserved from emo.order_line group by 1, 2
         ) l using (variant, location)
         where s.reserved <> coalesce(l.reserved, 0) or s.reserved > s.on_hand or s.reserved < 0",
    ),
    (
        "the last movement of a stock is the stock",
        "select s.variant || ', ' || s.location || ': ' || s.on_hand from pss.stock s
         left join pss.stock_movement m on m.variant = s.variant and m.location = s.location and m.n = s.movements
         where (m.on_hand, m.reserved) is distinct from (s.on_hand, s.reserved)",
    ),
    (
        "the pieces of an order line add up",
        "select sub_order || ', ' || line || ': ' || ordered from emo.order_line
         where reserved < 0 or reserved + shipped > ordered or delivered > shipped or returned > delivered",
    ),
    (
        "the hold of a milestone holds what its escrow has left",
        "select m.id || ': hold ' || h.remaining || ', escrow ' || m.funded - m.paid - m.fee - m.refunded
         from emo.milestone m join emo.hold h on h.id = m.hold
         where h.remaining <> m.funded - m.paid - m.fee - m.refunded",
    ),
    (
        "what is held of grants is set aside by open usage",
        "select g.id || ': held ' || g.held || ', usage ' || coalesce(d.credits, 0) from emo.grant g left join (
             select grant_id, sum(d.credits) as credits from emo.usage_draw d join emo.usage u on u.id = d.usage
             where u.state = 'authorised' and grant_id is not null group by 1
         ) d on d.grant_id = g.id
         where g.held <> coalesce(d.credits, 0) or g.used + g.held > g.amount",
    ),
    (
        "what is used of grants was charged to them",
        "select g.id || ': used ' || g.used || ', charged ' || coalesce(d.charged, 0) from emo.grant g left join (
             select grant_id, sum(charged) as charged from emo.usage_draw where grant_id is not null group by 1
         ) d on d.grant_id = g.id where g.used <> coalesce(d.charged, 0)",
    ),
    (
        "what is held of credit lines is set aside by open usage",
        "select l.id || ': held ' || l.held || ', usage ' || coalesce(d.credits, 0) from emo.credit_line l left join (
             select d.credit_line, sum(d.credits) as credits from emo.usage_draw d join emo.usage u on u.id = d.usage
             where u.state = 'authorised' and d.credit_line is not null group by 1
         ) d on d.credit_line = l.id where l.held <> coalesce(d.credits, 0)",
    ),
    (
        "the lines of a bill add up to it",
        "select b.id || ': bill ' || b.credits || ', lines ' || coalesce(sum(l.credits), 0) from emo.bill b
         left join emo.bill_line l on l.credit_line = b.credit_line and l.number = b.number
         group by b.id, b.credits having b.credits <> coalesce(sum(l.credits), 0)",
    ),
    (
        "the payments of a bill add up to what was paid",
        "select b.id || ': paid ' || b.paid || ', payments ' || coalesce(sum(p.amount), 0) from emo.bill b
         left join emo.bill_payment p on p.bill = b.id
         group by b.id, b.paid having b.paid <> coalesce(sum(p.amount), 0)",
    ),
];

/// Checks all rules.
pub(super) async fn check(
    snapshot: &mut PgConnection,
    report: &mut Report,
) -> Result<(), VerifyError> {
    for number in 0..RULES.len() {
        let Some((rule, sql)) = rule(number) else { break };
        report.sums = report.sums.saturating_add(1);
        let broken: Vec<String> =
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut *snapshot).await?;
        broken.into_iter().for_each(|what| report.differs(format!("{rule}: {what}")));
    }
    Ok(())
}

/// A rule and its query.
fn rule(number: usize) -> Option<(String, String)> {
    RULES.get(number).map(|(rule, sql)| ((*rule).to_owned(), (*sql).to_owned()))
}
