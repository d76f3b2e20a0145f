//! The host's interfaces as Rust: generated from `wit/host.wit`.

wit_bindgen::generate!({
    path: "wit",
    inline: "
        package ehb:contract@1.0.0;

        world module {
            import ehb:host/context@1.0.0;
            import ehb:host/storage@1.0.0;
            import ehb:host/crypto@1.0.0;
            import ehb:host/roles@1.0.0;
            import ehb:host/log@1.0.0;
        }
    ",
    generate_all,
    additional_derives: [PartialEq, Eq, PartialOrd, Ord, Hash, Default],
    disable_run_ctors_once_workaround: true,
});
