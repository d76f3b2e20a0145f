//! The views of business, on the rows of a real chain.

use std::time::Duration;

use ehb_devnet::DevNet;
use ehb_sdk::{Client, Draft, Signer};
use ehb_workload::{PEOPLE, order};
use expect_test::{Expect, expect};
use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::database::{TestDatabase, execute};
use crate::real;

const DAY: Duration = Duration::from_secs(86_400);

async fn act(
    net: &DevNet,
    client: &Client,
    who: &str,
    module: &str,
    function: &str,
    arguments: Value,
) {
    let signer = Signer::of_key(net.account(who).unwrap().key.clone());
    let call = client.call(module, function, &arguments).await.unwrap();
    let done = client.execute(&signer, Draft::new(call)).await;
    assert!(done.is_ok(), "{who} {module}.{function}: {done:?}");
}

/// A chain with business under way, of which some goes on; and more on the next day. Returns the last indexed height.
async fn trade(net: &DevNet, client: &Client) -> u64 {
    net.advance(Duration::from_secs(4)).unwrap();
    let shop = "marketplace";
    let of = |id: &str| json!({"sub-order": id, "key": ""});
    act(net, client, "alice", shop, "confirm-order", of("4")).await;
    let back = json!({"sub-order": "5", "restock": true, "key": ""});
    act(net, client, "sam", shop, "receive-return", back).await;
    act(net, client, "alice", "jobs", "approve-milestone", json!({"milestone": "1"})).await;
    let release = json!({"milestone": "1", "key": ""});
    act(net, client, "alice", "jobs", "pay-milestone", release).await;
    let captured = json!({"usage": "1", "quantity": "7", "key": ""});
    act(net, client, "fast", "credit", "capture-usage", captured).await;
    net.advance(DAY).unwrap();
    act(net, client, "alice", shop, "place-order", order(3)).await;
    net.produce_block().unwrap();
    net.produce_block().unwrap() - 1
}

/// The rows of a query, each a line of its values, with names of accounts.
async fn rows(connection: &mut PgConnection, net: &DevNet, sql: &str) -> String {
    let sql = format!(
        "select coalesce(string_agg(array_to_string(array(select coalesce(value, '-')
             from json_each_text(row_to_json(q))), ' '), E'\\n'), '') from ({sql}) q"
    );
    let mut text: String =
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(connection).await.unwrap();
    for person in PEOPLE {
        if let Ok(account) = net.account(person.name) {
            text = text.replace(&account.text(), person.name);
        }
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn views_of_business_have_the_rows_of_a_real_chain() {
    let net = real::chain();
    let client = Client::connect(net.url()).await.unwrap();
    let height = trade(&net, &client).await;
    let test = TestDatabase::new("views_of_business").await;
    real::index(&test, &net, &Default::default(), height).await;
    let mut connection = test.connect().await;
    // Days are those of UTC, wherever the reader is.
    execute(&mut connection, "set timezone = 'America/New_York'").await;
    let cases: [(&str, Expect); 17] = [
        (
            "select day, orders, pieces, ordered, paid, refunded, fees, ordered_main, paid_main from report.sales_daily
             order by day",
            expect![[r#"
                2027-01-15 8 16 16000 2974 950 76 160.0000000000000000 29.7400000000000000
                2027-01-16 1 3 3000 0 0 0 30.0000000000000000 0.00000000000000000000"#]],
        ),
        (
            "select day, stores, orders, pieces, ordered, paid, refunded, fees from report.market_daily order by day",
            expect![[r#"
                2027-01-15 1 8 16 16000 2974 950 76
                2027-01-16 1 1 3 3000 0 0 0"#]],
        ),
        (
            "select title, month, orders, ordered, shipped, returned, amount, amount_main from report.top_products",
            expect!["Hammer 2027-01-01 9 19 9 1 19000 190.0000000000000000"],
        ),
        ("select state, orders, percent_of_placed from report.order_funnel order by 2 desc, 1", expect![[r#"
            placed 9 100.0
            accepted 7 77.8
            shipped 4 44.4
            delivered 2 22.2
            disputed 2 22.2
            completed 1 11.1
            partially-shipped 1 11.1
            return-approved 1 11.1
            return-requested 1 11.1
            return-shipped 1 11.1
            returned 1 11.1"#]]),
        (
            "select sub_order, buyer, state, reason, pieces, value, value_main, carrier, received, restocked from report.returns",
            expect!["5 alice returned why 1 1000 10.0000000000000000 Post true true"],
        ),
        (
            "select title, sku, variant, location, on_hand, reserved, available from report.stock_now",
            expect!["Hammer H-1 1 1 92 10 82"],
        ),
        (
            "select sub_order, state, must_act from report.orders_open order by 1",
            expect![[r#"
                1 placed store
                2 accepted store
                3 shipped carrier or buyer
                6 disputed parties or arbiter
                7 disputed parties or arbiter
                8 partially-shipped store
                9 placed store"#]],
        ),
        (
            "select posting, client, state, positions, applications, shortlisted, rejected, offers, offers_accepted, hired,
                 filled_percent from report.hiring_funnel order by 1",
            expect![[r#"
                1 alice filled 1 1 1 0 1 1 1 100.0
                2 alice filled 1 1 1 0 1 1 1 100.0
                3 alice filled 1 1 1 0 1 1 1 100.0
                4 alice filled 1 1 1 0 1 1 1 100.0
                5 alice open 1 1 0 0 1 0 0 0.0
                6 alice open 1 1 0 0 0 0 0 0.0"#]],
        ),
        (
            "select milestone, client, contractor, state, must_act, amount_main from report.milestones_due order by 1",
            expect![[r#"
                2 alice bob disputed parties or arbiter 50.0000000000000000
                3 alice bob disputed parties or arbiter 50.0000000000000000
                4 alice bob pending client 50.0000000000000000"#]],
        ),
        (
            "select contractor, month, clients, milestones, paid, fees, paid_main from report.contractor_earnings",
            expect!["bob 2027-01-01 1 1 4875 125 48.7500000000000000"],
        ),
        (
            "select programme_name, account, service, day, usages, quantity, credits from report.credit_usage_daily order by 2",
            expect![[r#"
                API bob gpt 2027-01-15 1 40 12
                API alice gpt 2027-01-15 1 7 3"#]],
        ),
        (
            "select programme_name, day, accounts, usages, credits from report.credit_daily",
            expect!["API 2027-01-15 2 2 15"],
        ),
        (
            "select programme_name, sold, asset, grants, accounts, granted, used, held, unused, unsettled, unsettled_main
             from report.credit_liability order by 2",
            expect![[r#"
                API true EUR 2 2 270 15 0 255 135 1.3500000000000000
                API true EUR 1 1 110 0 0 110 55 0.55000000000000000000"#]],
        ),
        (
            "select credit_line, account, state, credit_limit, held, unbilled, billed, drawn, free, open
             from report.credit_lines order by 1",
            expect![[r#"
                1 bob active 500 0 0 0 0 500 0
                2 alice offered 500 0 0 0 0 500 0"#]],
        ),
        (
            "select module, role, subject, asset, single_max, daily_max from report.role_limits_today order by 1, 2",
            expect!["marketplace clerk 1 EUR 100 1000"],
        ),
        (
            "select day, transactions from report.network_daily order by day",
            expect![[r#"
                2027-01-15 5
                2027-01-16 1"#]],
        ),
        (
            "select account, month, net from report.cash_flow_monthly where asset = 'EUR' order by net, account",
            expect![[r#"
                alice 2027-01-01 991950
                admin 2027-01-01 1000000
                sam 2027-01-01 1000000
                cloud 2027-01-01 1000000
                fast 2027-01-01 1000000
                bank 2027-01-01 1000000
                judge 2027-01-01 1000000
                bench 2027-01-01 1000000
                plat 2027-01-01 1000201
                till 2027-01-01 1002974
                bob 2027-01-01 1004875"#]],
        ),
    ];
    for (sql, expected) in cases {
        expected.assert_eq(&rows(&mut connection, &net, sql).await);
    }
    // The order that was completed took four seconds, like the one that came back.
    let funnel = "select state, median >= '4 s' and median < '60 s', percentile_90 >= median from report.order_funnel
        where state in ('completed', 'returned') order by 1";
    assert_eq!(
        rows(&mut connection, &net, funnel).await,
        "completed true true\nreturned true true"
    );
    // Stock after the first day, before anything, and now.
    let asof = |at: &str| {
        format!("select sum(on_hand) as s, sum(reserved) as r from report.stock_asof({at})")
    };
    let now = rows(
        &mut connection,
        &net,
        "select sum(on_hand) as s, sum(reserved) as r from report.stock_now",
    )
    .await;
    assert_eq!(rows(&mut connection, &net, &asof("'2040-01-01'")).await, now);
    assert_eq!(rows(&mut connection, &net, &asof("'2020-01-01'")).await, "- -");
    let first = asof(
        "to_timestamp((select max(placed_ms) / 1000 from emo.\"order\")::double precision - 3600)",
    );
    let change = format!(
        "select n.r - b.r as more from ({first}) b, (select sum(reserved) as r from report.stock_now) n"
    );
    assert_eq!(rows(&mut connection, &net, &change).await, "3");
    by_the_clock(&mut connection, &net).await;
    test.end().await;
}

/// What the views compare with the reader's time, on rows that are moved to it.
async fn by_the_clock(connection: &mut PgConnection, net: &DevNet) {
    execute(
        connection,
        "create function pg_temp.ago(span interval) returns numeric language sql as
             $$ select floor(extract(epoch from now() - span) * 1000) $$;
         update emo.sub_order set deadline_ms = pg_temp.ago('1 day 1 hour') where id = 1;
         update emo.sub_order set deadline_ms = pg_temp.ago('-1 day') where id = 2;
         update emo.milestone set deadline_ms = pg_temp.ago('1 day') where id = 2;
         update pss.stock_movement set time_ms = pg_temp.ago('31 days');
         update pss.stock_movement set time_ms = pg_temp.ago('29 days'), on_hand_change = -15
             where cause = 'shipped' and n = (select min(n) from pss.stock_movement where cause = 'shipped');
         update emo.role_limit set day = floor(pg_temp.ago('0') / 86400000), used = 40;
         update emo.credit_line set bill = 7 where state = 'active';
         insert into emo.bill (id, credit_line, number, from_ms, until_ms, credits, amount, paid, due_ms, state, removed, at_height, at_index,
                 at_event)
             select 7, id, 1, 0, 0, 10, 50, 20, pg_temp.ago('40 days 1 hour'), 'overdue', false, 1, 0, 0 from emo.credit_line where state = 'active'",
    )
    .await;
    let cases = [
        (
            "select sub_order, is_late, late >= '1 day 1 hour' and late < '1 day 2 hours' from report.orders_open
             where sub_order in (1, 2) order by 1",
            "1 true true\n2 false -",
        ),
        ("select is_late from report.milestones_due where milestone = 2", "true"),
        (
            "select shipped_30_days, days_of_cover = round(available * 30 / 15.0, 1) from report.stock_now",
            "15 true",
        ),
        (
            "select used_today, left_today from report.role_limits_today where role = 'clerk'",
            "40 960",
        ),
        ("select open, days_late from report.credit_lines where state = 'active'", "30 31-60"),
        ("select open, days_late from report.bills_overdue", "30 41"),
    ];
    for (sql, expected) in cases {
        assert_eq!(rows(connection, net, sql).await, expected, "{sql}");
    }
}
