//! Parses the functions and variants of WIT, for the rules about modules.

/// The lines of a WIT text without comments.
pub(crate) fn lines(wit: &str) -> impl Iterator<Item = &str> {
    wit.lines().map(str::trim).filter(|line| !line.starts_with("//"))
}

/// The names of a variant's cases, in their order.
pub(crate) fn cases<'a>(wit: &'a str, variant: &str) -> Vec<&'a str> {
    let start = format!("variant {variant} {{");
    let inside = lines(wit).skip_while(|line| *line != start).skip(1);
    let inside = inside.take_while(|line| *line != "}").filter(|line| !line.is_empty());
    inside.filter_map(|line| line.split(['(', ',']).next()).collect()
}

/// A function of a WIT text.
#[derive(Debug, PartialEq)]
pub(crate) struct Function<'a> {
    pub(crate) interface: &'a str,
    pub(crate) name: &'a str,
    /// Its documentation, without the marks of comments.
    pub(crate) docs: String,
    /// Its parameters as they are written.
    pub(crate) parameters: String,
}

/// The functions of a WIT text, in their order.
pub(crate) fn functions(wit: &str) -> Vec<Function<'_>> {
    let (mut found, mut docs, mut interface) = (Vec::new(), String::new(), "");
    let mut lines = wit.lines().map(str::trim);
    while let Some(line) = lines.next() {
        if let Some(comment) = line.strip_prefix("///") {
            docs.push_str(comment.trim());
            docs.push('\n');
            continue;
        }
        let docs = std::mem::take(&mut docs);
        if let Some(name) = line.strip_prefix("interface ").and_then(|it| it.strip_suffix(" {")) {
            interface = name;
        }
        let Some((name, rest)) = line.split_once(": func(") else { continue };
        let mut parameters = rest.to_owned();
        while !parameters.contains(')') {
            let Some(line) = lines.next() else { break };
            parameters.push(' ');
            parameters.push_str(line);
        }
        let end = parameters.find(')').unwrap_or(parameters.len());
        parameters.truncate(end);
        found.push(Function { interface, name: name.trim_start_matches('%'), docs, parameters });
    }
    found
}
