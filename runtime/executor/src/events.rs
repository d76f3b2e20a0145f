//! Decodes the events that a module emitted in a block.

use ehb_abi::Interface;
use ehb_types::{Hash, Network, Receipt};
use serde_json::Value;

/// An event in its JSON form, with the id of its receipt; or why it cannot be decoded.
pub type DecodedEvent = (Hash, Result<Value, String>);

/// Decodes the events of a module in the receipts of a block, in their order. `interface` returns the interface that the
/// module had in a call, by the index of the receipt and the position of the call in its transaction: an upgrade may append
/// to an event, so no other interface can decode it.
pub fn module_events<'a>(
    receipts: impl IntoIterator<Item = &'a Receipt>,
    (module, network): (&'a str, Network),
    interface: impl Fn(u32, u16) -> Option<&'a Interface>,
) -> impl Iterator<Item = DecodedEvent> {
    (0..).zip(receipts).flat_map(move |(index, receipt)| {
        let own = receipt.events.iter().filter(|event| event.module.as_str() == module);
        let decoded = own.map(|event| {
            let declared = interface(index, event.call);
            match declared.and_then(|it| it.event_to_json(network, &event.data)) {
                Some(Ok(event)) => Ok(event),
                Some(Err(error)) => Err(format!("an event of {module}: {error}")),
                None => Err(format!("{module} had no events then")),
            }
        });
        let events: Vec<_> = decoded.map(|event| (receipt.transaction, event)).collect();
        events
    })
}
