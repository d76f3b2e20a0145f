//! Which changes of an interface an upgrade may make.

use ehb_abi::{Case, Field, Function, Interface, Type};
use expect_test::expect;

use super::check_compatible;

fn record(fields: &[(&str, Type)]) -> Type {
    let field =
        |(name, kind): &(&str, Type)| Field { name: (*name).to_owned(), kind: kind.clone() };
    Type::Record(fields.iter().map(field).collect())
}

fn variant(cases: &[(&str, Option<Type>)]) -> Type {
    let case =
        |(name, kind): &(&str, Option<Type>)| Case { name: (*name).to_owned(), kind: kind.clone() };
    Type::Variant(cases.iter().map(case).collect())
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn list(kind: Type) -> Type {
    Type::List(Box::new(kind))
}

fn emits(event: Option<Type>) -> Interface {
    Interface { functions: vec![], event }
}

fn offers(parameters: Vec<Field>, result: Option<Type>) -> Interface {
    let (name, interface) = ("quote".to_owned(), "ehb:shop/queries@1.0.0".to_owned());
    let function = Function { name, interface, parameters, result, docs: String::new() };
    Interface { functions: vec![function], event: None }
}

/// The permitted additions, at any depth.
#[test]
fn types_of_results_and_events_grow_at_their_end() {
    let price = record(&[("amount", Type::U64)]);
    let with_tax = record(&[("amount", Type::U64), ("tax", Type::U64)]);
    let order = |price: &Type| record(&[("lines", list(price.clone())), ("paid", Type::Bool)]);
    let rows = [
        (price.clone(), with_tax.clone()),
        (order(&price), order(&with_tax)),
        (
            variant(&[("placed", Some(price.clone()))]),
            variant(&[("placed", Some(with_tax.clone())), ("closed", None)]),
        ),
        (Type::Option(Box::new(price.clone())), Type::Option(Box::new(with_tax.clone()))),
        (Type::Enum(names(&["open"])), Type::Enum(names(&["open", "shut"]))),
        (Type::Flags(names(&["red"])), Type::Flags(names(&["red", "blue"]))),
        (Type::Tuple(vec![price.clone(), Type::U8]), Type::Tuple(vec![with_tax.clone(), Type::U8])),
    ];
    for (old, new) in rows {
        let checked = check_compatible(&emits(Some(old.clone())), &emits(Some(new.clone())));
        assert_eq!(checked, Ok(()), "{old:?}");
        let result = |ok: &Type| {
            offers(vec![], Some(Type::Result { ok: Some(Box::new(ok.clone())), err: None }))
        };
        assert_eq!(check_compatible(&result(&old), &result(&new)), Ok(()), "{old:?}");
        // The reverse is not permitted.
        assert!(check_compatible(&emits(Some(new)), &emits(Some(old))).is_err());
    }
    let gone = Interface::default();
    assert_eq!(check_compatible(&offers(vec![], None), &gone), Ok(()));
    assert_eq!(check_compatible(&gone, &emits(Some(price))), Ok(()));
}

#[test]
fn existing_parts_must_stay() {
    let price =
        |fields: &[&str]| record(&fields.iter().map(|name| (*name, Type::U64)).collect::<Vec<_>>());
    let placed = |price: Type| emits(Some(variant(&[("placed", Some(list(price)))])));
    let fails =
        |err: Type| offers(vec![], Some(Type::Result { ok: None, err: Some(Box::new(err)) }));
    let parameter = |kind| vec![Field { name: "item".to_owned(), kind }];
    let one = || price(&["net"]);
    let rows = [
        (placed(one()), placed(price(&["tax", "net"]))),
        (placed(one()), placed(price(&["gross"]))),
        (placed(price(&["net", "tax"])), placed(one())),
        (placed(one()), placed(record(&[("net", Type::U32)]))),
        (emits(Some(variant(&[("placed", None)]))), placed(one())),
        (placed(one()), emits(Some(variant(&[("placed", None)])))),
        (placed(one()), emits(Some(variant(&[("closed", None)])))),
        (placed(one()), emits(None)),
        (fails(Type::Enum(names(&["a", "b"]))), fails(Type::Enum(names(&["b", "a"])))),
        (fails(Type::Flags(names(&["a"]))), fails(Type::Flags(names(&["b", "a"])))),
        (
            offers(vec![], Some(Type::Tuple(vec![Type::U8]))),
            offers(vec![], Some(Type::Tuple(vec![Type::U8, Type::U8]))),
        ),
        (offers(vec![], None), offers(vec![], Some(Type::U8))),
        (offers(parameter(one()), None), offers(parameter(price(&["net", "tax"])), None)),
    ];
    let problems: String = rows
        .iter()
        .map(|(old, new)| check_compatible(old, new).expect_err("it is another type") + "\n")
        .collect();
    expect![[r#"
        the event of the module.placed must keep the field net at position 0: new ones can only follow at the end
        the event of the module.placed must keep the field net at position 0: new ones can only follow at the end
        the event of the module.placed must keep the field tax at position 1: new ones can only follow at the end
        the event of the module.placed.net has another type: an upgrade can only add to the end of types
        the event of the module.placed had no value before: an upgrade must leave it so
        the event of the module.placed is gone: an upgrade must keep it
        the event of the module must keep the case placed at position 0: new ones can only follow at the end
        the event of the module is gone: an upgrade must keep it
        the result of quote.err must keep the case a at position 0: new ones can only follow at the end
        the result of quote.err must keep the flag a at position 0: new ones can only follow at the end
        the result of quote has another type: an upgrade can only add to the end of types
        the result of quote had no value before: an upgrade must leave it so
        quote has other parameters, give it another name
    "#]].assert_eq(&problems);
}
