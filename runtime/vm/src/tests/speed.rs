use super::*;
use ehb_crypto::Domain;
use serde_json::json;

fn any_account(_: &Overlay, _: &Address) -> Result<Option<Account>, ehb_state::StoreError> {
    account(&Overlay::new(Arc::new(MemoryStore::default())), &ALICE)
}

#[test]
fn speed() {
    let code = std::fs::read(std::env::var("WALLET").unwrap()).unwrap();
    let code = match std::env::var("CORE") {
        Ok(core) => stripped(&std::fs::read(core).unwrap(), std::env::var("STRIP").is_ok()),
        Err(_) => code,
    };
    let key = ehb_types::SecretKey::from_seed(&[1; 32]);
    let sig = key.sign(Domain::Transaction, "c", b"x");
    let public = key.public_key();
    let mut v: Vec<u64> = (0..100)
        .map(|_| {
            let c0 = cpu();
            for _ in 0..20 {
                public.verify(Domain::Transaction, "c", b"x", &sig).unwrap();
            }
            (cpu() - c0) / 20
        })
        .collect();
    v.sort();
    eprintln!("verify min {} p50 {} ns", v[0], v[50]);
    let start = std::time::Instant::now();
    let module = compile("wallet", &code).unwrap();
    eprintln!("compile {} bytes {:?}", code.len(), start.elapsed());
    let modules = Modules::link(engine(), vec![module]).unwrap();
    let interface = modules.get("wallet").unwrap().interface().clone();
    for f in &interface.functions {
        let _ = f;
    }
    let context = Context { accounts: any_account, ..context() };
    let mut session = session_with(context);
    let call = |session: &mut Session, name: &str, args: serde_json::Value| {
        let f = interface.function(name).unwrap();
        let bytes = f.arguments_from_json(NETWORK, &args).unwrap();
        let mut gas = GAS;
        let out = modules.call(session, "wallet", name, &bytes, &mut gas);
        eprintln!("{name} {out:?} gas {}", GAS - gas);
    };
    let alice = ALICE.to_text(NETWORK);
    let bob = Address([7; 32]).to_text(NETWORK);
    call(&mut session, "create-asset", json!(["EUR", "Euro", 2, alice]));
    call(&mut session, "mint", json!({"asset":"EUR","to":alice,"amount":"1000000000"}));
    call(&mut session, "transfer", json!({"to":bob,"asset":"EUR","amount":"5"}));
    let f = interface.function("transfer").unwrap();
    let args =
        f.arguments_from_json(NETWORK, &json!({"to":bob,"asset":"EUR","amount":"5"})).unwrap();
    let mut batches: Vec<u64> = (0..400)
        .map(|_| {
            let n = 250;
            let c0 = cpu();
            for _ in 0..n {
                let mut gas = GAS;
                modules.call(&mut session, "wallet", "transfer", &args, &mut gas).unwrap();
                session.events.clear();
                session.overlay.keep();
            }
            (cpu() - c0) / n
        })
        .collect();
    batches.sort();
    eprintln!(
        "transfer cpu ns min {} p10 {} p50 {} p90 {}",
        batches[0], batches[40], batches[200], batches[360]
    );
}

fn cpu() -> u64 {
    let t = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    t.split(' ').next().unwrap().parse().unwrap()
}

fn stripped(core: &[u8], strip: bool) -> Vec<u8> {
    use wasmparser::{Parser, Payload};
    let mut module = wasm_encoder::Module::new();
    for payload in Parser::new(0).parse_all(core) {
        let payload = payload.unwrap();
        match &payload {
            Payload::ExportSection(s) => {
                let mut out = wasm_encoder::ExportSection::new();
                for e in s.clone() {
                    let e = e.unwrap();
                    if strip && e.name.starts_with("cabi_post_") {
                        continue;
                    }
                    let kind = match e.kind {
                        wasmparser::ExternalKind::Func => wasm_encoder::ExportKind::Func,
                        wasmparser::ExternalKind::Memory => wasm_encoder::ExportKind::Memory,
                        wasmparser::ExternalKind::Global => wasm_encoder::ExportKind::Global,
                        _ => wasm_encoder::ExportKind::Table,
                    };
                    out.export(e.name, kind, e.index);
                }
                module.section(&out);
            }
            other => {
                if let Some((id, range)) = other.as_section() {
                    module.section(&wasm_encoder::RawSection { id, data: &core[range] });
                }
            }
        }
    }
    let bytes = module.finish();
    let mut e = wit_component::ComponentEncoder::default().validate(true).module(&bytes).unwrap();
    e.encode().unwrap()
}
