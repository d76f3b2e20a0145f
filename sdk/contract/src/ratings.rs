//! Ratings by two sides that cannot read each other's: both commit to a hash, then reveal what it hides.
//!
//! A module stores an [`Feedback`] for each side, knows who rates for which side, and decides by its own machine when
//! the time for either is over. Only what was revealed counts: [`RatingSum::add`].

use alloc::string::String;

use crate::common::{Feedback, RatingMinimum, RatingSum, Refusal};
use crate::parties::{PLATFORM_ADMIN, check_role};
use crate::{Hash, Host, Map, Pack, checks};

/// The best score; the worst is 1.
const SCORE_MAX: u8 = 5;

/// The longest comment, bytes.
const COMMENT_BYTES_MAX: usize = 280;

/// The least that must have been paid in an asset for ratings, by asset: what is cheap to make up is not rated. There are no
/// ratings in assets without a minimum.
pub type Minimums = Map<String, u64>;

/// Checks another minimum, which the platform sets: the caller's role, and what is given.
///
/// # Errors
/// `missing-role`, `malformed-asset-id`, `zero-amount`.
pub fn check_minimum(host: &Host, asset: &str, paid_min: Option<u64>) -> Result<(), Refusal> {
    check_role(host, &[PLATFORM_ADMIN])?;
    checks::asset(asset)?;
    paid_min.map_or(Ok(()), checks::amount)
}

/// Sets the minimum of an asset, or removes it, and returns what the module emits.
pub fn set_minimum(
    minimums: &Minimums,
    host: &mut Host,
    asset: String,
    paid_min: Option<u64>,
) -> RatingMinimum {
    match paid_min {
        Some(paid_min) => minimums.set(host, &asset, &paid_min),
        None => minimums.remove(host, &asset),
    }
    RatingMinimum { asset, paid_min }
}

/// Passes where at least the minimum was paid in an asset.
///
/// # Errors
/// `below-rating-minimum`.
pub fn check_worth(
    minimums: &Minimums,
    host: &Host,
    asset: &String,
    paid: u64,
) -> Result<(), Refusal> {
    let minimum = minimums.get(host, asset);
    match minimum {
        Some(paid_min) if paid >= paid_min => Ok(()),
        _ => Err(Refusal::BelowRatingMinimum(minimum)),
    }
}

/// The hash to which a side commits: of what is rated, the side, the score, the comment and the salt.
///
/// # Errors
/// `out-of-range`: a score that is not 1 to 5, or a comment of more than 280 bytes.
pub fn commitment(
    host: &Host,
    rated: u64,
    by: &impl Pack,
    score: u8,
    comment: &String,
    salt: Hash,
) -> Result<Hash, Refusal> {
    checks::range("score", u64::from(score), 1, u64::from(SCORE_MAX))?;
    checks::text("comment", comment, 0, COMMENT_BYTES_MAX)?;
    Ok(host.sha256(&crate::packed!(rated, *by, score, *comment, salt)))
}

/// Commits a side to a hash.
///
/// # Errors
/// `already-rated`.
pub fn commit(own: &mut Option<Feedback>, commitment: Hash) -> Result<(), Refusal> {
    if own.is_some() {
        return Err(Refusal::AlreadyRated);
    }
    *own = Some(Feedback { commitment, score: None, comment: String::new() });
    Ok(())
}

/// Reveals what a side committed to, whose [`commitment`] is `revealed`.
///
/// # Errors
/// `not-committed`, `already-rated`, `wrong-commitment`.
pub fn reveal(
    own: &mut Option<Feedback>,
    revealed: Hash,
    score: u8,
    comment: String,
) -> Result<(), Refusal> {
    let own = own.as_mut().ok_or(Refusal::NotCommitted)?;
    if own.score.is_some() {
        return Err(Refusal::AlreadyRated);
    }
    if own.commitment != revealed {
        return Err(Refusal::WrongCommitment);
    }
    (own.score, own.comment) = (Some(score), comment);
    Ok(())
}

/// Whether a side committed to what it has not revealed.
pub fn is_hidden(feedback: &Option<Feedback>) -> bool {
    feedback.as_ref().is_some_and(|it| it.score.is_none())
}

/// The score that a side revealed.
pub fn score(feedback: &Option<Feedback>) -> Option<u8> {
    feedback.as_ref().and_then(|it| it.score)
}

impl RatingSum {
    /// No score yet.
    pub const NONE: Self = Self { count: 0, sum: 0 };

    /// Counts a score.
    pub fn add(&mut self, score: u8) {
        self.count = self.count.saturating_add(1);
        self.sum = self.sum.saturating_add(u64::from(score));
    }
}

#[cfg(test)]
mod tests {
    use super::{
        Minimums, RatingSum, check_minimum, check_worth, commit, commitment, is_hidden, reveal,
        score, set_minimum,
    };
    use crate::common::Refusal;
    use crate::parties::PLATFORM_ADMIN;
    use crate::{Address, Hash, Host};

    #[test]
    fn what_is_cheap_to_make_up_is_not_rated() {
        const MINIMUMS: Minimums = Minimums::new(b'm');
        let (mut host, admin) = (Host::new(), Address::from_bytes(&[1; 32]));
        host.act_as(admin);
        let missing = Refusal::missing_role(PLATFORM_ADMIN);
        assert_eq!(check_minimum(&host, "EUR", Some(5)), Err(missing));
        host.grant(admin, PLATFORM_ADMIN);
        assert_eq!(check_minimum(&host, "EUR", Some(0)), Err(Refusal::ZeroAmount));
        let malformed = Refusal::MalformedAssetId("eur".to_owned());
        assert_eq!(check_minimum(&host, "eur", None), Err(malformed));
        assert_eq!(check_minimum(&host, "EUR", Some(5)), Ok(()));
        let eur = "EUR".to_owned();
        for (paid_min, paid, worth) in [(None, 9, false), (Some(5), 4, false), (Some(5), 5, true)] {
            let set = set_minimum(&MINIMUMS, &mut host, eur.clone(), paid_min);
            assert_eq!((set.asset, set.paid_min), (eur.clone(), paid_min));
            let expected = if worth { Ok(()) } else { Err(Refusal::BelowRatingMinimum(paid_min)) };
            assert_eq!(check_worth(&MINIMUMS, &host, &eur, paid), expected, "{paid_min:?}");
        }
    }

    #[test]
    fn a_side_reveals_once_what_it_committed_to() {
        let (host, salt) = (Host::new(), Hash::from_bytes(&[7; 32]));
        let good = "good".to_owned();
        let hash = commitment(&host, 1, &0u8, 5, &good, salt).unwrap();
        for (rated, by, score) in [(2, 0u8, 5), (1, 1, 5), (1, 0, 4)] {
            assert_ne!(commitment(&host, rated, &by, score, &good, salt).unwrap(), hash);
        }
        for (score, length) in [(0, 4), (6, 4), (5, 281)] {
            let refused = commitment(&host, 1, &0u8, score, &"x".repeat(length), salt);
            assert!(matches!(refused, Err(Refusal::OutOfRange(_))), "{refused:?}");
        }
        let mut own = None;
        assert_eq!(reveal(&mut own, hash, 5, good.clone()), Err(Refusal::NotCommitted));
        assert!(!is_hidden(&own));
        assert_eq!(commit(&mut own, hash), Ok(()));
        assert_eq!(commit(&mut own, salt), Err(Refusal::AlreadyRated));
        assert_eq!(reveal(&mut own, salt, 5, good.clone()), Err(Refusal::WrongCommitment));
        assert!(is_hidden(&own) && score(&own).is_none());
        assert_eq!(reveal(&mut own, hash, 5, good.clone()), Ok(()));
        assert_eq!(reveal(&mut own, hash, 5, good), Err(Refusal::AlreadyRated));
        assert_eq!((is_hidden(&own), score(&own)), (false, Some(5)));
        let mut sum = RatingSum::NONE;
        sum.add(5);
        sum.add(2);
        assert_eq!((sum.count, sum.sum), (2, 7));
    }
}
