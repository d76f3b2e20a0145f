//! The first version, which has nothing to migrate.

use expect_test::expect;

use super::table::check;

#[test]
fn version_1_leaves_what_is_stored_as_it_is() {
    check(expect![[r#"
        migrate                           => ok
        bank create-asset EUR Euro 2 bank => ok
        migrate                           => ok
        bank migrate                      => NotKernel
    "#]]);
}
