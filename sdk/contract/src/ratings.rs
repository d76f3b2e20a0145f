//! Ratings by two sides that cannot read each other's: both commit to a hash, then reveal what it hides.
//!
//! A module stores an [`Feedback`] for each side, knows who rates for which side, and decides by its own machine when
//! the time for either is over. Only what was revealed counts: [`RatingSum::add`].

use alloc::string::String;

use crate::common::{Feedback, RatingSum, Refusal};
use crate::{Hash, Host, Pack, checks};

/// The best score; the worst is 1.
const SCORE_MAX: u8 = 5;

/// The longest comment, bytes.
const COMMENT_BYTES_MAX: usize = 280;

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
    use super::{RatingSum, commit, commitment, is_hidden, reveal, score};
    use crate::common::Refusal;
    use crate::{Hash, Host};

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
