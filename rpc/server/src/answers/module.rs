//! Answers the methods of `module`: descriptions, the history of versions, and read-only calls.

use std::sync::Arc;

use ehb_rpc_api::{
    At, Decimal, ModuleCallResult, ModuleDescription, ModuleServer, ModuleSummary,
    ModuleVersionView, Strict,
};
use ehb_types::{Address, Code, Name};
use jsonrpsee::core::{RpcResult, async_trait};

use super::{Answers, above_head, height_at, read_state};
use crate::backend::{Backend, BlockModules, ModuleInfo, ModuleVersion, ReadCall, Refusal};

#[async_trait]
impl ModuleServer for Answers {
    async fn list(&self, at: Option<At>) -> RpcResult<Vec<ModuleSummary>> {
        self.run(move |views| {
            let modules = match at {
                None => views.backend().modules(),
                Some(_) => modules_after(views.backend(), at)?.0.all_last(),
            };
            let summaries = modules.iter().map(|module| ModuleSummary {
                name: module.name.clone(),
                address: Address::of_module(&module.name).to_text(views.network),
                code_hash: module.code_hash,
            });
            Ok(summaries.collect())
        })
        .await
    }

    async fn describe(&self, module: Name, at: Option<At>) -> RpcResult<ModuleDescription> {
        let installed = match at {
            None => Some(self.module(&module)?),
            Some(_) => None,
        };
        let answers = self.clone();
        self.run(move |views| {
            if let Some(installed) = installed {
                return Ok(answers.described(&installed));
            }
            let (modules, height) = modules_after(views.backend(), at)?;
            let found = modules.last(module.as_str()).map(|info| answers.described(info));
            found.ok_or_else(|| {
                let text = format!("no module was installed under the name {module} at {height}");
                Refusal::new(Code::UnknownModule, text)
            })
        })
        .await
    }

    async fn history(&self, module: Option<Name>) -> RpcResult<Vec<ModuleVersionView>> {
        self.run(move |views| {
            let versions = views.backend().module_versions()?;
            let wanted =
                |it: &&ModuleVersion| module.as_ref().is_none_or(|name| it.module == *name);
            let shown: Vec<_> = versions
                .iter()
                .enumerate()
                .filter(|(_, it)| wanted(it))
                .map(|(at, it)| {
                    let next = versions[at + 1..].iter().find(|later| later.module == it.module);
                    ModuleVersionView {
                        name: it.module.clone(),
                        code_hash: it.code_hash,
                        from: it.from,
                        until: next.map(|next| next.from).or(it.removed),
                    }
                })
                .collect();
            match module {
                Some(name) if shown.is_empty() => {
                    let text = format!("no module was ever installed under the name {name}");
                    Err(Refusal::new(Code::UnknownModule, text))
                }
                _ => Ok(shown),
            }
        })
        .await
    }

    async fn call(
        &self,
        module: Name,
        function: Name,
        arguments: Strict,
        sender: Option<String>,
        at: Option<At>,
    ) -> RpcResult<ModuleCallResult> {
        let sender = sender.map(|text| self.address(&text)).transpose()?;
        self.run(move |views| {
            let (info, height) = module_at(views.backend(), &module, at)?;
            let signature = info.interface.function(function.as_str()).ok_or_else(|| {
                let text = format!("the module {module} has no function {function}");
                Refusal::new(Code::UnknownFunction, text)
            })?;
            let arguments = signature
                .arguments_from_json(views.network, &arguments.0)
                .map_err(|problem| Refusal::new(Code::BadArguments, problem.to_string()))?;
            let call = ReadCall { sender, module, function, arguments, height };
            let result = views.backend().call(call)?;
            let value = signature.output_to_json(views.network, &result.output);
            let value = value.map_err(|_| {
                Refusal::new(Code::Internal, "the module's result is not of its declared type")
            })?;
            Ok(ModuleCallResult {
                height: result.height,
                value,
                gas_used: Decimal(result.gas_used),
            })
        })
        .await
    }
}

impl Answers {
    fn described(&self, module: &ModuleInfo) -> ModuleDescription {
        ModuleDescription {
            name: module.name.clone(),
            address: Address::of_module(&module.name).to_text(self.network),
            code_hash: module.code_hash,
            wit: module.wit.clone(),
            interface: module.interface.clone(),
        }
    }

    fn module(&self, name: &Name) -> RpcResult<Arc<ModuleInfo>> {
        self.shown(module_at(&*self.backend, name, None).map(|(module, _)| module))
    }
}

/// The modules of a block, with its height.
fn modules_after(
    backend: &dyn Backend,
    at: Option<At>,
) -> Result<(Arc<BlockModules>, u64), Refusal> {
    let height = height_at(backend, at)?;
    if height > backend.height() {
        return Err(above_head(backend, height));
    }
    Ok((backend.modules_of_block(height)?, height))
}

/// A module as it was installed, with the height of the requested state.
fn module_at(
    backend: &dyn Backend,
    name: &Name,
    at: Option<At>,
) -> Result<(Arc<ModuleInfo>, Option<u64>), Refusal> {
    if at.is_none() {
        let module = backend.module(name.as_str()).ok_or_else(|| {
            let text = format!("no module is installed under the name {name}");
            Refusal::new(Code::UnknownModule, text)
        })?;
        return Ok((module, None));
    }
    let (module, height) =
        read_state(backend, at, |height| Ok((backend.module_at(name.as_str(), height)?, height)))?;
    let module = module.ok_or_else(|| {
        let problem = format!("no module was installed under the name {name} then");
        Refusal::new(Code::UnknownModule, problem)
    })?;
    Ok((module, height))
}
