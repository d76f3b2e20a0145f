use std::collections::{BTreeMap, BTreeSet};

use ehb_contract::{Address, Host, Key, Map, Pack};
use ehb_dispute::types::Dispute;

use crate::bindings::ehb::jobs::events::{Event, RatingMinimum};
use crate::bindings::ehb::jobs::types::{
    Application, ApplicationState, Attestation, Contract, Milestone, Offer, PlatformFee, Posting,
    Rating, RatingState, RatingSum, Reputation,
};
use crate::keys::Kind;
use crate::keys::{
    APPLICATIONS, ATTESTATIONS, CONTRACTS, DISPUTES, INVITED, MILESTONES, OFFERS, PLATFORM_FEE,
    POSTINGS, RATING_MINIMUMS, RATINGS, REPUTATIONS,
};

/// All that the module knows.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Tables {
    platform_fee: Option<PlatformFee>,
    rating_minimums: BTreeMap<String, u64>,
    postings: BTreeMap<u64, Posting>,
    invited: BTreeSet<(u64, Address)>,
    applications: BTreeMap<u64, Application>,
    offers: BTreeMap<u64, Offer>,
    contracts: BTreeMap<u64, Contract>,
    milestones: BTreeMap<u64, Milestone>,
    disputes: BTreeMap<u64, Dispute>,
    ratings: BTreeMap<u64, Rating>,
    reputations: BTreeMap<Address, Reputation>,
    attestations: BTreeMap<u64, Attestation>,
}

fn all<K: Key + Ord, V: Pack>(host: &Host, map: &Map<K, V>) -> BTreeMap<K, V> {
    map.scan(host, None, 256).into_iter().collect()
}

impl Tables {
    /// As the state has them.
    pub(super) fn of_state(host: &Host) -> Self {
        Self {
            platform_fee: PLATFORM_FEE.get(host),
            rating_minimums: all(host, &RATING_MINIMUMS),
            postings: all(host, &POSTINGS),
            invited: all(host, &INVITED).into_keys().collect(),
            applications: all(host, &APPLICATIONS),
            offers: all(host, &OFFERS),
            contracts: all(host, &CONTRACTS),
            milestones: all(host, &MILESTONES),
            disputes: all(host, &DISPUTES),
            ratings: all(host, &RATINGS),
            reputations: all(host, &REPUTATIONS),
            attestations: all(host, &ATTESTATIONS),
        }
    }

    /// As somebody makes them who knows the events alone.
    pub(super) fn of_events(events: &[Event]) -> Self {
        let mut tables = Self::default();
        events.iter().cloned().for_each(|event| tables.enter(event));
        tables
    }

    /// Every deadline, with what has it.
    pub(super) fn deadlines(&self) -> BTreeSet<(u64, u8, u64)> {
        fn of<'a, T: 'a>(
            kind: Kind,
            table: &'a BTreeMap<u64, T>,
            deadline_ms: fn(&T) -> u64,
        ) -> impl Iterator<Item = (u64, u8, u64)> + 'a {
            table
                .iter()
                .map(move |(id, value)| (deadline_ms(value), kind as u8, *id))
                .filter(|due| due.0 > 0)
        }
        of(Kind::Posting, &self.postings, |it| it.deadline_ms)
            .chain(of(Kind::Application, &self.applications, |it| it.deadline_ms))
            .chain(of(Kind::Offer, &self.offers, |it| it.deadline_ms))
            .chain(of(Kind::Milestone, &self.milestones, |it| it.deadline_ms))
            .chain(of(Kind::Dispute, &self.disputes, |it| it.deadline_ms))
            .chain(of(Kind::Rating, &self.ratings, |it| it.deadline_ms))
            .chain(of(Kind::Attestation, &self.attestations, |it| it.deadline_ms))
            .collect()
    }

    fn enter(&mut self, event: Event) {
        match event {
            Event::PlatformFeeSet(fee) => self.platform_fee = Some(fee),
            Event::RatingMinimumSet(RatingMinimum { asset, paid_min: Some(paid_min) }) => {
                self.rating_minimums.insert(asset, paid_min);
            }
            Event::RatingMinimumSet(RatingMinimum { asset, paid_min: None }) => {
                self.rating_minimums.remove(&asset);
            }
            Event::Posted(posting) => insert(&mut self.postings, posting.id, posting),
            Event::PostingChanged(change) => {
                let posting = known(&mut self.postings, change.posting);
                posting.state = change.state;
                posting.deadline_ms = change.deadline_ms;
                posting.hired = change.hired;
            }
            Event::Invited(it) => {
                self.invited.insert((it.posting, it.account));
            }
            Event::Applied(it) => insert(&mut self.applications, it.id, it),
            Event::ApplicationChanged(change) => {
                let application = known(&mut self.applications, change.application);
                assert_ne!(application.state, ApplicationState::Lapsed);
                application.state = change.state;
                application.deadline_ms = change.deadline_ms;
            }
            Event::OfferMade(offer) => insert(&mut self.offers, offer.id, offer),
            Event::OfferEnded(end) => {
                let offer = known(&mut self.offers, end.offer);
                offer.state = end.state;
                offer.deadline_ms = 0;
            }
            Event::ContractStarted(start) => {
                insert(&mut self.contracts, start.contract.id, start.contract);
                for milestone in start.milestones {
                    insert(&mut self.milestones, milestone.id, milestone);
                }
            }
            Event::ContractChanged(change) => {
                let contract = known(&mut self.contracts, change.contract);
                contract.state = change.state;
                contract.open = change.open;
                contract.paid = change.paid;
                contract.cancellation = change.cancellation;
            }
            Event::MilestoneChanged(milestone) => {
                let id = milestone.id;
                *known(&mut self.milestones, id) = milestone;
            }
            Event::RevisionRequested(revision) => {
                assert!(known(&mut self.milestones, revision.milestone).revisions > 0);
            }
            Event::DisputeOpened(dispute) => insert(&mut self.disputes, dispute.id, dispute),
            Event::DisputeMoved(step) => {
                ehb_dispute::replay(known(&mut self.disputes, step.dispute), &step);
            }
            Event::RatingChanged(rating) => self.rate(rating),
            Event::Attested(it) => insert(&mut self.attestations, it.id, it),
            Event::AttestationEnded(end) => {
                let attestation = known(&mut self.attestations, end.attestation);
                attestation.state = end.state;
                attestation.deadline_ms = 0;
            }
        }
    }

    fn rate(&mut self, rating: Rating) {
        if rating.state == RatingState::Published {
            let none = RatingSum { count: 0, sum: 0 };
            let none = Reputation { as_client: none, as_contractor: none };
            let add = |sum: &mut RatingSum, score: u8| {
                sum.count += 1;
                sum.sum += u64::from(score);
            };
            if let Some(score) = rating.by_client.as_ref().and_then(|it| it.score) {
                let sums = self.reputations.entry(rating.contractor).or_insert(none);
                add(&mut sums.as_contractor, score);
            }
            if let Some(score) = rating.by_contractor.as_ref().and_then(|it| it.score) {
                add(&mut self.reputations.entry(rating.client).or_insert(none).as_client, score);
            }
        }
        self.ratings.insert(rating.contract, rating);
    }
}

fn insert<T: std::fmt::Debug>(table: &mut BTreeMap<u64, T>, id: u64, value: T) {
    assert!(table.insert(id, value).is_none());
}

fn known<T>(table: &mut BTreeMap<u64, T>, id: u64) -> &mut T {
    table.get_mut(&id).unwrap_or_else(|| panic!("no event created number {id}"))
}
