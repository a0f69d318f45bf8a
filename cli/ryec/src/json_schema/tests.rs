use rye_bytecode::assemble;
use serde_json::json;

use super::*;

/// The schema of an input whose one member `x` is of the type `ty`.
fn schema(types: &str, ty: &str) -> Value {
    let text = format!(
        "type unit Unit\n{types}\n\
         function main \"main\" playbook (x: {ty}) -> unit {{ return r0 }}\n\
         playbook \"main\" main (\"x\") severity low deadline 1m on_failure inherit"
    );
    of_input(&assemble(&text).unwrap(), 0).unwrap()
}

fn member(types: &str, ty: &str) -> Value {
    schema(types, ty)["properties"]["x"].clone()
}

#[test]
fn numbers_and_texts_carry_their_limits() {
    assert_eq!(
        member("type t Port", "t"),
        json!({ "type": "integer", "minimum": 0, "maximum": 65535 })
    );
    assert_eq!(member("type t Bool", "t"), json!({ "type": "boolean" }));
    let text = member("type t Text max 20", "t");
    assert_eq!((&text["type"], &text["maxLength"]), (&json!("string"), &json!(20)));
    let bytes = member("type t Bytes max 64", "t");
    assert_eq!(bytes["maxLength"], json!(88), "64 bytes are 88 characters of base64");
}

#[test]
fn lists_and_maps_carry_theirs() {
    let list = member("type int Int\ntype t List(int) max 7", "t");
    assert_eq!((&list["type"], &list["maxItems"]), (&json!("array"), &json!(7)));
    assert_eq!(list["items"]["type"], json!("integer"));
    let map = member("type int Int\ntype text Text max 9\ntype t Map(text, int) max 3", "t");
    assert_eq!((&map["type"], &map["maxProperties"]), (&json!("object"), &json!(3)));
    assert_eq!(map["additionalProperties"]["type"], json!("integer"));
}

#[test]
fn what_may_be_missing_is_not_required_and_may_be_null() {
    let types = "type int Int\ntype maybe Optional(int)\n\
                 type t record \"Host\" {\"risk\": int, \"rank\": maybe}";
    let schema = schema(types, "t");
    assert_eq!(schema["required"], json!(["x"]));
    assert_eq!(schema["properties"]["x"], json!({ "$ref": "#/$defs/Host" }));
    let host = &schema["$defs"]["Host"];
    assert_eq!(host["required"], json!(["risk"]));
    assert_eq!(host["properties"]["rank"]["anyOf"][1], json!({ "type": "null" }));
    assert!(host.get("additionalProperties").is_none(), "other members are passed over");
}

#[test]
fn an_alternative_is_its_name_or_an_object_of_what_it_carries() {
    let types = "type int Int\ntype t enum \"Verdict\" {\"clean\", \"odd\"(int, int)}";
    let verdict = schema(types, "t")["$defs"]["Verdict"]["anyOf"].clone();
    assert_eq!(verdict[0], json!({ "enum": ["clean"] }));
    assert_eq!(verdict[1]["required"], json!(["odd"]));
    assert_eq!(verdict[1]["properties"]["odd"]["minItems"], json!(2));
}

#[test]
fn an_asset_is_what_names_it() {
    let types = "type ip Ip\ntype t asset \"Address\" value ip";
    let schema = schema(types, "t");
    assert_eq!(schema["properties"]["x"], json!({ "$ref": "#/$defs/asset.Address" }));
    assert_eq!(schema["$defs"]["asset.Address"]["type"], json!("string"));
}
