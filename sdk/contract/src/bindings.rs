//! The host's interfaces and the types that all modules share, as Rust: generated from `wit/`.

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

pub(crate) mod shared {
    //! `ehb:common` has variants, which have no default.

    wit_bindgen::generate!({
        path: ["wit", "wit/common"],
        inline: "
            package ehb:contract-common@1.0.0;

            world shared {
                import ehb:common/types@1.0.0;
            }
        ",
        with: { "ehb:host/types@1.0.0": crate::bindings::ehb::host::types },
        generate_all,
        generate_unused_types: true,
        additional_derives: [PartialEq, Eq, ehb_contract::Pack, ehb_contract::Named, ehb_contract::Json],
        disable_run_ctors_once_workaround: true,
    });
}
