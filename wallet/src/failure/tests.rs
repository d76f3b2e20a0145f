//! Exit codes, and errors of modules as text.

use ehb_sdk::api::{Bytes, ErrorData, TypedErrorView, ValueView};
use ehb_sdk::{Code, Error as SdkError};
use expect_test::expect;
use serde_json::{Value, json};

use super::{Exit, Failure};

fn refused(code: Code, error: Option<Value>) -> SdkError {
    let mut data = ErrorData::new(code, "refused by a test");
    data.error = error.map(|value| TypedErrorView {
        module: "wallet".parse().unwrap(),
        function: "transfer".parse().unwrap(),
        value: ValueView { data: Bytes(vec![]), value },
    });
    SdkError::Refused(Box::new(data))
}

#[test]
fn each_kind_of_failure_has_its_exit_code() {
    let unreachable = SdkError::Unreachable { url: "http://x:1".into(), reason: "refused".into() };
    let unknown = SdkError::OutcomeUnknown { id: ehb_types::Hash([7; 32]), reason: "gone".into() };
    for (error, exit) in [
        (SdkError::Url("ftp://x".into()), Exit::Usage),
        (unreachable, Exit::Unreachable),
        (SdkError::Protocol("html".into()), Exit::Unreachable),
        (unknown, Exit::Unknown),
        (refused(Code::NotReady, None), Exit::Unreachable),
        (refused(Code::Halted, None), Exit::Unreachable),
        (refused(Code::UnknownSender, None), Exit::Refused),
        (refused(Code::ModuleError, None), Exit::Refused),
        (refused(Code::BadSignature, None), Exit::Key),
        (refused(Code::NotAuthorised, None), Exit::Key),
    ] {
        let text = format!("{error:?}");
        assert_eq!(Failure::from(error).exit, exit, "{text}");
    }
}

#[test]
fn a_modules_error_is_shown_as_text() {
    let shortfall = json!({"insufficient-balance": {"asset": "EUR", "available": "5"}});
    let failure = Failure::from(refused(Code::ModuleError, Some(shortfall)));
    expect![[r#"
        error: refused by a test
          because: the module wallet says: insufficient balance (asset EUR, available 5)
          hint: a rule of the module rejects the call: the error value has the details, and module_describe documents what the function requires"#]]
    .assert_eq(&failure.to_text());
    for (error, text) in [
        (json!("zero-amount"), "zero amount"),
        (json!({"unknown-asset": "XYZ"}), "unknown asset (XYZ)"),
    ] {
        let failure = Failure::from(refused(Code::ModuleError, Some(error)));
        assert_eq!(failure.causes, [format!("the module wallet says: {text}")]);
    }
}
