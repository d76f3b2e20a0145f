//! The metrics keep the rules of both text formats, whatever is added to them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ehb_network::Stats;
use ehb_rpc_server::{Usage, prometheus_text};

use crate::metrics::Metrics;
use crate::network_metrics::NetworkMetrics;

fn open_metrics() -> String {
    let metrics = Metrics::new();
    metrics.add_clients(Arc::new(Usage::default()));
    metrics.add_network(NetworkMetrics::of(Stats::default));
    metrics.encoded()
}

/// The families of a text: their types, and which have a help.
fn families(text: &str) -> (BTreeMap<&str, &str>, BTreeSet<&str>) {
    let named = |kind: &'static str| {
        text.lines().filter_map(move |line| line.strip_prefix(kind)?.split_once(' '))
    };
    let helps = named("# HELP ").filter(|(_, words)| !words.trim().is_empty());
    (named("# TYPE ").collect(), helps.map(|(name, _)| name).collect())
}

#[test]
fn every_metric_has_a_help_and_the_name_of_its_type() {
    let text = prometheus_text(&open_metrics());
    let (types, helps) = families(&text);
    assert!(types.len() > 20, "{text}");
    for (name, kind) in &types {
        assert!(helps.contains(name), "{name} has no help");
        assert!(name.starts_with("ehb_"), "{name}");
        let known = ["counter", "gauge", "histogram"];
        assert!(known.contains(kind), "{name} has the type {kind}, which Prometheus does not know");
        assert_eq!(*kind == "counter", name.ends_with("_total"), "{name} is a {kind}");
    }
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let name = line.split(['{', ' ']).next().unwrap();
        let parts = ["", "_bucket", "_sum", "_count"];
        let family = parts.iter().filter_map(|part| name.strip_suffix(part));
        let known = |family: &&str| types.contains_key(family);
        assert!(family.into_iter().any(|family| known(&family)), "{line} is of no family");
    }
    assert!(!text.contains("# EOF") && !text.contains("# UNIT"), "{text}");
}

#[test]
fn open_metrics_end_with_their_mark() {
    let text = open_metrics();
    assert!(text.ends_with("# EOF\n"), "{text}");
    let (types, helps) = families(&text);
    assert!(types.keys().all(|name| helps.contains(name)), "{text}");
    assert!(types.keys().all(|name| !name.ends_with("_total")), "{text}");
}

#[test]
fn frames_that_are_passed_over_are_counted_by_channel() {
    let text = prometheus_text(&open_metrics());
    for channel in ["consensus", "blocks", "sync"] {
        let line = format!("ehb_network_frames_skipped_total{{channel=\"{channel}\"}} 0");
        assert!(text.contains(&line), "{line} is not in {text}");
    }
}
