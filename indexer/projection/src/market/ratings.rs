//! Ratings of orders by both sides.

use super::order_rows::{Rating, RatingSum};
use super::orders;
use super::rows::StoreRating;
use crate::cell::Number;
use crate::error::Done;
use crate::event::Event;
use crate::table::{At, key};
use crate::tables::Tables;

pub(super) fn enter(tables: &mut Tables, event: &Event<'_>) -> Done {
    let id: Number = event.get("sub-order")?;
    if event.name == "rating-committed" {
        return commit(tables, event, id);
    }
    let mut rating: Rating = tables.known(key![id], key![], event.at)?;
    rating.at = event.at;
    if event.name == "rating-revealed" {
        let (score, comment) = (Some(event.get("score")?), Some(event.get("comment")?));
        match is_buyer(event)? {
            true => (rating.buyer_score, rating.buyer_comment) = (score, comment),
            false => (rating.seller_score, rating.seller_comment) = (score, comment),
        }
    } else {
        let published = event.name == "rating-published";
        rating.state = if published { "published" } else { "revealing" }.to_owned();
        rating.deadline_ms = event.get("deadline-ms")?;
        if published {
            publish(tables, event.at, &rating)?;
        }
    }
    tables.put(&rating);
    Ok(())
}

fn is_buyer(event: &Event<'_>) -> Done<bool> {
    Ok(event.get::<String>("by")? == "buyer")
}

fn commit(tables: &mut Tables, event: &Event<'_>, id: Number) -> Done {
    let mut rating = match tables.get::<Rating>(key![id], key![])? {
        Some(rating) => rating,
        None => {
            let part = orders::sub_order(tables, event)?;
            Rating {
                sub_order: id,
                store: part.store,
                buyer: part.buyer,
                state: "committing".to_owned(),
                deadline_ms: event.get("deadline-ms")?,
                ..Rating::default()
            }
        }
    };
    let (commitment, comment) = (Some(event.get("commitment")?), Some(String::new()));
    match is_buyer(event)? {
        true => (rating.buyer_commitment, rating.buyer_comment) = (commitment, comment),
        false => (rating.seller_commitment, rating.seller_comment) = (commitment, comment),
    }
    rating.at = event.at;
    tables.put(&rating);
    Ok(())
}

/// Scores that were revealed count for the other side.
fn publish(tables: &mut Tables, at: At, rating: &Rating) -> Done {
    if let Some(score) = rating.buyer_score {
        let known = tables.get::<StoreRating>(key![rating.store], key![])?.unwrap_or_default();
        let (count, sum) = (known.count + Number(1), known.sum + score);
        tables.put(&StoreRating { store: rating.store, count, sum, at });
    }
    if let Some(score) = rating.seller_score {
        let id = rating.sub_order;
        let part: super::order_rows::SubOrder = tables.known(key![id], key![], at)?;
        add_score(tables, at, &part.buyer_organisation.unwrap_or_default(), "buyer", score)?;
    }
    Ok(())
}

/// Adds a score to those of an organisation in a role.
pub(crate) fn add_score(
    tables: &mut Tables,
    at: At,
    organisation: &str,
    role: &str,
    score: Number,
) -> Done {
    let (organisation, role) = (organisation.to_owned(), role.to_owned());
    let known = tables.get::<RatingSum>(key![organisation, role], key![])?.unwrap_or_default();
    let (count, sum) = (known.count + Number(1), known.sum + score);
    tables.put(&RatingSum { organisation, role, count, sum, at });
    Ok(())
}
