//! Modules that are hard to check: many or large types, imports, exports, names and instances. The same file
//! serves the tests of this crate and the gas table.

use std::fmt::Write as _;

/// A module whose structure is hard to check.
pub(crate) struct Structure {
    /// What there is a lot of.
    pub(crate) name: &'static str,
    /// The component as text; it exports `run` like all probes.
    pub(crate) text: String,
}

/// Parts of a component, each as text.
#[derive(Default)]
struct Parts {
    /// Before the core module.
    before: String,
    /// In the core module.
    core: String,
    /// Arguments of the core instance.
    arguments: String,
    /// More instances.
    more: String,
    /// Exports of the interface.
    exports: String,
}

type Shape = fn(usize) -> Parts;

/// The shapes by name, each with the greatest number that the limits permit, about.
const SHAPES: [(&str, usize, Shape); 20] = [
    ("records", 8_000, records),
    ("cases of a variant", 30_000, cases),
    ("large types", 150, large_types),
    ("large types in functions", 90, large_functions),
    ("types within types", 120, deep_types),
    ("types that an instance type takes from outside", 2_700, outer_types),
    ("imported instances", 3_500, imported_instances),
    ("functions of an imported instance", 7_000, imported_functions),
    ("imports with long names", 1_300, long_names),
    ("functions of an imported instance, with a record each", 2_000, imported_records),
    ("instances of a component with large imports", 60, instances),
    ("instances of a component that exports types", 60, exporting_instances),
    ("arguments of instances", 60, arguments),
    ("aliases", 8_000, aliases),
    ("exported functions", 2_000, exported_functions),
    ("exported functions with large results", 400, exported_results),
    ("exported instances within instances", 60, exported_instances),
    ("core imports and exports", 1_000, core_exports),
    ("globals and segments", 1_000, segments),
    ("documented functions", 1_500, documented),
];

/// All shapes at their full size and at a tenth of it.
pub(crate) fn structures() -> Vec<Structure> {
    let sizes = |(name, most, make): &(&'static str, usize, Shape)| {
        [*most, most / 10].map(|count| Structure { name, text: make(count.max(1)).text() })
    };
    SHAPES.iter().flat_map(sizes).collect()
}

/// Modules whose instances take long to make; they do nothing else.
pub(crate) fn heavy_instances() -> Vec<Structure> {
    let other =
        |parts: &str| format!("(core module $t {parts}) (core instance $t (instantiate $t))");
    let table = other("(table (export \"t\") 10000 funcref)");
    let memory = other("(memory (export \"m\") 2)");
    let offset = other("(global (export \"g\") i32 (i32.const 0))");
    let functions = other(&each(600, |at| format!("(func (export \"f{at}\"))")));
    let imports = each(600, |at| format!("(import \"t\" \"f{at}\" (func))"));
    let elements =
        |offset: &str| format!("(elem ({offset}) func {})", "0 ".repeat(32)).repeat(63) + "(func)";
    let imported_table = "(import \"t\" \"t\" (table 10000 funcref))";
    let imported_memory = "(import \"t\" \"m\" (memory 2))";
    let imported_offset = "(import \"t\" \"g\" (global i32)) (table 10000 funcref)";
    let data = format!("(data (i32.const 0) \"{}\")", "a".repeat(100_000)).repeat(9);
    let small = "(data (i32.const 0) \"abc\")".repeat(1_000);
    let globals = "(global i64 (i64.const 7))".repeat(2_000);
    let at_zero = elements("i32.const 0");
    [
        ("nothing", String::new(), String::new(), 1),
        ("elements of its table", String::new(), format!("(table 10000 funcref) {at_zero}"), 1),
        (
            "elements of another's table, three times",
            table,
            imported_table.to_owned() + &at_zero,
            3,
        ),
        (
            "elements at an imported offset, three times",
            offset,
            imported_offset.to_owned() + &elements("global.get 0"),
            3,
        ),
        ("data of its memory", String::new(), format!("(memory 2) {data}"), 1),
        (
            "data of another's memory, three times",
            memory.clone(),
            imported_memory.to_owned() + &data,
            3,
        ),
        (
            "small segments of another's memory, three times",
            memory,
            imported_memory.to_owned() + &small,
            3,
        ),
        ("imports, three times", functions, imports, 3),
        ("globals, four times", String::new(), globals, 4),
    ]
    .map(|(name, before, core, times)| {
        let with = if before.is_empty() { "" } else { "(with \"t\" (instance $t))" };
        let more = format!("(core instance (instantiate $m {with}))").repeat(times - 1);
        let parts = Parts { before, core, arguments: with.to_owned(), more, ..Parts::default() };
        Structure { name, text: parts.text() }
    })
    .into()
}

impl Parts {
    fn before(before: String) -> Self {
        Self { before, ..Self::default() }
    }

    fn exports(before: String, exports: String) -> Self {
        Self { before, exports, ..Self::default() }
    }

    fn text(&self) -> String {
        let Self { before, core, arguments, more, exports } = self;
        format!(
            r#"(component
            {before}
            (core module $m
              {core}
              (func (export "run") (param i64) (result i64) (local.get 0)))
            {more}
            (core instance $i (instantiate $m {arguments}))
            (func $run (param "n" u64) (result u64) (canon lift (core func $i "run")))
            (instance $api (export "run" (func $run)) {exports})
            (export "ehb:probe/api@1.0.0" (instance $api)))"#
        )
    }
}

/// A text for each number below `count`, joined.
fn each(count: usize, text: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut all, at| {
        all.push_str(&text(at));
        all
    })
}

/// Types that double, down to one of `2^levels` nodes, which is `$t`.
fn doubling(levels: usize) -> String {
    let mut text = "(type $t0 (tuple u8 u8))".to_owned();
    for level in 1..levels {
        let before = level - 1;
        let _ = write!(text, "(type $t{level} (tuple $t{before} $t{before}))");
    }
    let last = levels - 1;
    let _ = write!(text, "(type $t (tuple $t{last}))");
    text
}

fn records(count: usize) -> Parts {
    let fields = each(8, |at| format!("(field \"f{at}\" u64)"));
    Parts::before(each(count, |_| format!("(type (record {fields}))")))
}

fn cases(count: usize) -> Parts {
    let cases = each(count, |at| format!("(case \"c{at}\")"));
    Parts::before(format!("(type (variant {cases}))"))
}

fn large_types(count: usize) -> Parts {
    Parts::before(doubling(16) + &each(count, |_| "(type (list $t))".to_owned()))
}

fn large_functions(count: usize) -> Parts {
    let import = |at| {
        format!(
            "(import \"ehb:a{at}/b@1.0.0\" (instance (alias outer 1 $t (type $x)) \
             (export \"f\" (func (param \"x\" $x)))))"
        )
    };
    Parts::before(doubling(15) + &each(count / 2, import))
}

fn deep_types(count: usize) -> Parts {
    let chain = |_| {
        let levels = each(60, |_| "(type (list 0))".to_owned());
        levels.replacen("(type (list 0))", "(type (list u8))", 1)
    };
    let chains = each(count, chain);
    // Each type refers to the one before it.
    let mut place = 0;
    let linked = chains.split_inclusive("))").fold(String::new(), |mut all, one| {
        let before = format!("(list {})", usize::max(place, 1) - 1);
        all.push_str(&one.replace("(list 0)", &before));
        place += 1;
        all
    });
    Parts::before(linked)
}

fn outer_types(count: usize) -> Parts {
    let one = "(type (instance (alias outer 1 $t (type $x)) (export \"t\" (type (eq $x)))))";
    Parts::before(doubling(11) + &each(count, |_| one.to_owned()))
}

fn imported_instances(count: usize) -> Parts {
    let one = |at| format!("(import \"ehb:a{at}/b@1.0.0\" (instance (export \"f\" (func))))");
    Parts::before(each(count, one))
}

fn imported_functions(count: usize) -> Parts {
    let functions = each(count, |at| format!("(export \"f{at}\" (func))"));
    Parts::before(format!("(import \"ehb:a/b@1.0.0\" (instance {functions}))"))
}

fn long_names(count: usize) -> Parts {
    let long = "a".repeat(480);
    let one = |at| format!("(import \"ehb:{long}{at}/b@1.0.0\" (instance (export \"f\" (func))))");
    Parts::before(each(count, one))
}

fn imported_records(count: usize) -> Parts {
    let one = |at| {
        format!(
            "(type $r{at} (record (field \"a\" u64) (field \"b\" string)))
             (export \"r{at}\" (type $e{at} (eq $r{at})))
             (export \"f{at}\" (func (param \"x\" $e{at}) (result $e{at})))"
        )
    };
    Parts::before(format!("(import \"ehb:a/b@1.0.0\" (instance {}))", each(count, one)))
}

fn instances(count: usize) -> Parts {
    let component = "(component $c (alias outer 1 $t (type $x)) (import \"x\" (type (eq $x))) \
         (import \"y\" (type (eq $x))))";
    let one = "(instance (instantiate $c (with \"x\" (type $t)) (with \"y\" (type $t))))";
    Parts::before(doubling(15) + component + &each(count, |_| one.to_owned()))
}

fn exporting_instances(count: usize) -> Parts {
    let types = each(100, |at| {
        format!("(type $r{at} (record (field \"a\" u64))) (export \"r{at}\" (type $r{at}))")
    });
    let one = "(instance (instantiate $c))".to_owned();
    Parts::before(format!("(component $c {types})") + &each(count, |_| one.clone()))
}

fn arguments(count: usize) -> Parts {
    let imports = each(100, |at| format!("(import \"i{at}\" (instance (export \"f\" (func))))"));
    let with = each(100, |at| format!("(with \"i{at}\" (instance $given))"));
    let one = format!("(instance (instantiate $c {with}))");
    let given = "(import \"ehb:a/b@1.0.0\" (instance $given (export \"f\" (func))))";
    Parts::before(
        given.to_owned() + &format!("(component $c {imports})") + &each(count, |_| one.clone()),
    )
}

fn aliases(count: usize) -> Parts {
    let import = "(import \"ehb:a/b@1.0.0\" (instance $a (export \"f\" (func))))";
    Parts::before(import.to_owned() + &each(count, |_| "(alias export $a \"f\" (func))".to_owned()))
}

fn exported_functions(count: usize) -> Parts {
    Parts::exports(String::new(), each(count, |at| format!("(export \"f{at}\" (func $run))")))
}

fn exported_results(count: usize) -> Parts {
    let fields = each(100, |at| format!("(field \"f{at}\" u64)"));
    let imported = format!(
        "(import \"ehb:a/b@1.0.0\" (instance $a (type $r (record {fields})) \
         (export \"r\" (type $e (eq $r))) (export \"f\" (func (result $e)))))
         (alias export $a \"f\" (func $many))"
    );
    Parts::exports(imported, each(count, |at| format!("(export \"f{at}\" (func $many))")))
}

fn exported_instances(count: usize) -> Parts {
    let mut before = "(instance $n0)".to_owned();
    for at in 1..count {
        let _ = write!(before, "(instance $n{at} (export \"a\" (instance $n{})))", at - 1);
    }
    Parts::before(before)
}

fn core_exports(count: usize) -> Parts {
    let exports = each(count, |at| format!("(func (export \"f{at}\"))"));
    let imports = each(count, |at| format!("(import \"a\" \"f{at}\" (func))"));
    Parts {
        before: format!("(core module $a {exports}) (core instance $a (instantiate $a))"),
        core: imports,
        arguments: "(with \"a\" (instance $a))".to_owned(),
        ..Parts::default()
    }
}

fn segments(count: usize) -> Parts {
    let globals = each(count, |_| "(global i64 (i64.const 7))".to_owned());
    let data = each(count, |_| "(data (i32.const 0) \"abcdefgh\")".to_owned());
    let core = format!("(memory 1) {globals} {data}");
    Parts { core, ..Parts::default() }
}

/// With a package whose functions are none of the module's.
fn documented(count: usize) -> Parts {
    let functions = each(count, |at| format!("(export \"f{at}\" (func (param \"n\" u64)))"));
    let package = format!(
        "(component (type (component (type (instance {functions})) \
         (export \"ehb:probe/api@1.0.0\" (instance (type 0))))) (export \"api\" (type 0)))"
    );
    let bytes = wat::parse_str(package).unwrap_or_default();
    let escaped = bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "\\{byte:02x}");
        text
    });
    Parts::exports(
        format!("(@custom \"ehb-wit\" \"{escaped}\")"),
        each(count, |at| format!("(export \"f{at}\" (func $run))")),
    )
}
