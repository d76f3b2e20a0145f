//! OpenMetrics rewritten as Prometheus text.

use expect_test::expect;

use crate::prometheus::prometheus_text;

#[test]
fn open_metrics_become_prometheus_text() {
    let open_metrics = "\
# HELP ehb_build The program.
# TYPE ehb_build info
ehb_build_info{version=\"0.1.0\"} 1
# HELP ehb_height The last height.
# TYPE ehb_height gauge
ehb_height 7
# HELP ehb_gas_used Gas used.
# TYPE ehb_gas_used counter
ehb_gas_used_total 9
# HELP ehb_sync_seconds Writing.
# TYPE ehb_sync_seconds histogram
# UNIT ehb_sync_seconds seconds
ehb_sync_seconds_sum 0.5
ehb_sync_seconds_count 1
ehb_sync_seconds_bucket{le=\"+Inf\"} 1
# EOF
";
    expect![[r#"
        # HELP ehb_build_info The program.
        # TYPE ehb_build_info gauge
        ehb_build_info{version="0.1.0"} 1
        # HELP ehb_height The last height.
        # TYPE ehb_height gauge
        ehb_height 7
        # HELP ehb_gas_used_total Gas used.
        # TYPE ehb_gas_used_total counter
        ehb_gas_used_total 9
        # HELP ehb_sync_seconds Writing.
        # TYPE ehb_sync_seconds histogram
        ehb_sync_seconds_sum 0.5
        ehb_sync_seconds_count 1
        ehb_sync_seconds_bucket{le="+Inf"} 1
    "#]]
    .assert_eq(&prometheus_text(open_metrics));
}
