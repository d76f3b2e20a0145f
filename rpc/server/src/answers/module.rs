//! Answers the methods of `module`: descriptions, the history of versions, and read-only calls.

use std::sync::Arc;

use ehb_rpc_api::{
    At, Decimal, ModuleCallResult, ModuleDescription, ModuleServer, ModuleSummary,
    ModuleVersionView, Strict, error,
};
use ehb_types::{Address, Code, Name};
use jsonrpsee::core::{RpcResult, async_trait};

use super::{Answers, above_head, height_at, read_state};
use crate::backend::{ModuleInfo, ModuleVersion, ReadCall, Refusal};

#[async_trait]
impl ModuleServer for Answers {
    async fn list(&self) -> RpcResult<Vec<ModuleSummary>> {
        self.run(move |views| {
            let modules = views.backend().modules();
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
            let height = height_at(views.backend(), at)?;
            if height > views.backend().height() {
                return Err(above_head(views.backend(), height));
            }
            let modules = views.backend().modules_of_block(height)?;
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
                        until: next.map(|next| next.from),
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
        let (info, height) = self.module_at(&module, at).await?;
        let Some(signature) = info.interface.function(function.as_str()) else {
            let text = format!("the module {module} has no function {function}");
            return Err(error(Code::UnknownFunction, text));
        };
        let arguments = signature
            .arguments_from_json(self.network, &arguments.0)
            .map_err(|problem| error(Code::BadArguments, problem.to_string()))?;
        let sender = sender.map(|text| self.address(&text)).transpose()?;
        let signature = signature.clone();
        self.run(move |views| {
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
    /// A module as it was installed, with the height of the requested state.
    async fn module_at(
        &self,
        name: &Name,
        at: Option<At>,
    ) -> RpcResult<(Arc<ModuleInfo>, Option<u64>)> {
        if at.is_none() {
            return Ok((self.module(name)?, None));
        }
        let name = name.clone();
        self.run(move |views| {
            let backend = views.backend();
            let found = read_state(backend, at, |height| {
                Ok((backend.module_at(name.as_str(), height)?, height))
            });
            let (module, height) = found?;
            let module = module.ok_or_else(|| {
                let problem = format!("no module was installed under the name {name} then");
                Refusal::new(Code::UnknownModule, problem)
            })?;
            Ok((module, height))
        })
        .await
    }

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
        self.backend.module(name.as_str()).ok_or_else(|| {
            error(Code::UnknownModule, format!("no module is installed under the name {name}"))
        })
    }
}
