//! Addresses that a person could take for another one.

use super::look_alike;

#[test]
fn addresses_look_alike_by_their_ends() {
    let known = "ehbt13p4vgjakalfghrna0uehem8skxpgpjgfwj4t98z0vm7gv7vj7vjsgytcg6";
    for (other, alike) in [
        (known, false),
        ("ehbt13p4qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqytcg6", true),
        ("ehbt13p4vgjqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq", true),
        ("ehbt1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqsgytcg6", true),
        ("ehbt13qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqtcg6", false),
        ("ehb13p4vgjakalfghrna0uehem8skxpgpjgfwj4t98z0vm7gv7vj7vjsgytcg6", false),
        ("alice", false),
    ] {
        assert_eq!(look_alike(known, other), alike, "{other}");
        assert_eq!(look_alike(other, known), alike, "{other}");
    }
}
