use expect_test::expect;

use super::table::check;

#[test]
fn version_1_has_nothing_to_migrate() {
    check(expect![[r#"
        migrate                           => NothingToMigrate
        bank create-asset EUR Euro 2 bank => ok
        migrate                           => NothingToMigrate
        bank migrate                      => NotKernel
    "#]]);
}
