use ehb_sdk::api::LocatedReceipt;
use serde_json::{Value, json};

use super::{Step, result, step, told};
use crate::load::world::{HOUR_MS, dispute_terms, document, in_hours};

/// A job of one milestone, posted, applied for, offered, accepted, funded, submitted, approved and paid.
pub(crate) struct Job {
    client: usize,
    contractor: usize,
    contractor_text: String,
    done: u32,
    posting: Value,
    offer: Value,
    milestone: Value,
}

impl Job {
    pub(crate) fn new(client: usize, contractor: usize, contractor_text: &str) -> Self {
        Self {
            client,
            contractor,
            contractor_text: contractor_text.to_owned(),
            done: 0,
            posting: Value::Null,
            offer: Value::Null,
            milestone: Value::Null,
        }
    }

    pub(super) fn step(&self) -> Option<Step> {
        let milestone = &self.milestone;
        let keyed = || json!({ "milestone": milestone, "key": "" });
        let (client, contractor) = (self.client, self.contractor);
        let (by, function, arguments) = match self.done {
            0 => (client, "post-job", json!({ "details": details(), "key": "" })),
            1 => (contractor, "apply", self.application()),
            2 => (client, "make-offer", self.offering()),
            3 => (contractor, "accept-offer", json!({ "offer": self.offer, "key": "" })),
            4 => (client, "fund-milestone", keyed()),
            5 => {
                let work = json!({ "milestone": milestone, "deliverable": document() });
                (contractor, "submit-milestone", work)
            }
            6 => (client, "approve-milestone", json!({ "milestone": milestone })),
            7 => (client, "release-milestone", keyed()),
            _ => return None,
        };
        Some(step(by, "jobs", function, arguments))
    }

    fn application(&self) -> Value {
        json!({
            "posting": self.posting, "note": "", "price": "5000", "documents": [], "key": "",
        })
    }

    fn offering(&self) -> Value {
        let hour = HOUR_MS.to_string();
        let conditions = json!({
            "asset": "EUR",
            "specification": null,
            "review-ms": hour,
            "revision-ms": hour,
            "release-ms": hour,
            "revisions-max": 2,
            "dispute": dispute_terms(),
        });
        json!({
            "posting": self.posting,
            "contractor": self.contractor_text,
            "conditions": conditions,
            "milestones": [{ "title": "All of it", "amount": "5000", "due-ms": in_hours(9) }],
            "accept-until-ms": in_hours(1),
            "key": "",
        })
    }

    pub(super) fn go_on(&mut self, located: &LocatedReceipt) {
        match self.done {
            0 => self.posting = result(located),
            2 => self.offer = result(located),
            3 => self.milestone = told(located, "jobs", "/contract-started/milestones/0/id"),
            _ => {}
        }
        self.done += 1;
    }
}

fn details() -> Value {
    json!({
        "title": "Paint the hall",
        "summary": "",
        "skills": ["painting"],
        "place": "",
        "documents": [],
        "visibility": "everybody",
        "requirements": [],
        "asset": "EUR",
        "budget": "5000",
        "positions": 1,
        "apply-until-ms": in_hours(2),
        "decide-until-ms": in_hours(3),
    })
}
