use super::*;
use crate::fixture::*;

const BODY: &[u8] = b"cancel 0123 --undo";

fn code(usage: Usage, now: UnixSeconds, body: &[u8], record: &SignatureRecord) -> &'static str {
    verify_message(&accepted(draft()), usage, now, body, record).unwrap_err().code()
}

#[test]
fn a_message_has_an_owner() {
    let root = accepted(draft());
    let record = sign_message(&secret(CAROL), BODY).unwrap();
    for usage in [Usage::Operator, Usage::Approval] {
        let message = verify_message(&root, usage, NOW, BODY, &record).unwrap();
        assert_eq!(message.body(), BODY);
        assert_eq!(message.owner(), &owner("carol"));
        assert_eq!(message.key_id(), id(CAROL));
    }
}

#[test]
fn a_changed_body_or_signature_is_refused() {
    let mut record = sign_message(&secret(CAROL), BODY).unwrap();
    assert_eq!(code(Usage::Operator, NOW, b"cancel 0123 --keep", &record), "E_SIG_INVALID");
    record.signature.0[0] ^= 1;
    assert_eq!(code(Usage::Operator, NOW, BODY, &record), "E_SIG_INVALID");
}

#[test]
fn a_key_counts_for_its_usages_in_its_time() {
    let record = sign_message(&secret(CAROL), BODY).unwrap();
    assert_eq!(code(Usage::Trigger, NOW, BODY, &record), "E_NO_TRUSTED_SIG");
    assert_eq!(code(Usage::Operator, at(-31), BODY, &record), "E_NO_TRUSTED_SIG");
    assert_eq!(code(Usage::Operator, at(300), BODY, &record), "E_NO_TRUSTED_SIG");
    let foreign = sign_message(&secret(MALLORY), BODY).unwrap();
    assert_eq!(code(Usage::Operator, NOW, BODY, &foreign), "E_NO_TRUSTED_SIG");
    // A key id proves nothing.
    let claimed = SignatureRecord { key_id: id(CAROL), ..foreign };
    assert_eq!(code(Usage::Operator, NOW, BODY, &claimed), "E_SIG_INVALID");
}

#[test]
fn an_expired_trust_root_does_not_stop_an_operator() {
    let record = sign_message(&secret(CAROL), BODY).unwrap();
    let root = accepted(draft());
    assert!(root.root().expires_at() < at(250));
    assert!(verify_message(&root, Usage::Operator, at(250), BODY, &record).is_ok());
}

#[test]
fn a_message_may_be_as_long_as_its_limit_and_no_longer() {
    let root = accepted(draft());
    let mut body = vec![b'x'; INBOX_MESSAGE_BYTES_MAX];
    let record = sign_message(&secret(CAROL), &body).unwrap();
    assert!(verify_message(&root, Usage::Operator, NOW, &body, &record).is_ok());
    body.push(b'x');
    assert_eq!(code(Usage::Operator, NOW, &body, &record), "E_SIZE");
}
