//! CSV cells, which a spreadsheet must not execute.

use serde_json::{Map, json};

use super::line;
use crate::serve::resource::RESOURCES;

fn line_of(name: &str, row: serde_json::Value) -> String {
    let row: Map<_, _> = row.as_object().unwrap().clone();
    let mut text = String::new();
    let resource = RESOURCES.iter().find(|it| it.name == name).unwrap();
    line(resource, &row, &mut text);
    text
}

#[test]
fn texts_that_a_spreadsheet_would_execute_are_quoted_and_numbers_are_not() {
    let row = json!({"key": "=1+1", "fromHeight": 7, "name": "@sum(a)", "nodeKey": "a \"b\", c", "power": "-5"});
    assert_eq!(line_of("validators", row), "\"'=1+1\",7,\"'@sum(a)\",\"a \"\"b\"\", c\",-5\r\n");
    for sign in ["+", "-", "\t", "\r"] {
        let row = json!({"key": format!("{sign}x"), "fromHeight": 1, "name": "a", "nodeKey": "b", "power": "1"});
        assert_eq!(line_of("validators", row), format!("\"'{sign}x\",1,a,b,1\r\n"));
    }
}

#[test]
fn json_and_nothing_have_their_cells() {
    let row = json!({"name": "x", "fromHeight": 0, "value": {"a": [1, "=2"]}});
    assert_eq!(line_of("parameters", row), "x,0,\"{\"\"a\"\":[1,\"\"=2\"\"]}\"\r\n");
    let row = json!({"name": "x", "fromHeight": 0, "value": null});
    assert_eq!(line_of("parameters", row), "x,0,\r\n");
}
