//! The flow of a job with one milestone between a client and a contractor.

use ehb_sdk::api::LocatedReceipt;
use serde_json::{Value, json};

use super::{Step, event_field, result, step};
use crate::business::{self, document};
use crate::load::world::now_ms;

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
            0 => (client, "post-job", business::posting(now_ms())),
            1 => (contractor, "submit-application", business::application(&self.posting)),
            2 => {
                let offer = business::offer(&self.posting, &self.contractor_text, now_ms());
                (client, "make-offer", offer)
            }
            3 => (contractor, "accept-offer", json!({ "offer": self.offer, "key": "" })),
            4 => (client, "fund-milestone", keyed()),
            5 => {
                let work = json!({ "milestone": milestone, "deliverable": document() });
                (contractor, "submit-milestone", work)
            }
            6 => (client, "approve-milestone", json!({ "milestone": milestone })),
            7 => (client, "pay-milestone", keyed()),
            _ => return None,
        };
        Some(step(by, "jobs", function, arguments))
    }

    pub(super) fn go_on(&mut self, located: &LocatedReceipt) {
        match self.done {
            0 => self.posting = result(located),
            2 => self.offer = result(located),
            3 => self.milestone = event_field(located, "jobs", "/contract-started/milestones/0/id"),
            _ => {}
        }
        self.done += 1;
    }
}
