//! The bill of materials of the program, in the format `CycloneDX` 1.5.
//!
//! Crates of this workspace have no package URL: the registry has others of these names.

use crate::commit::Commit;
use crate::linked::{Crate, Library};
use anyhow::Result;
use serde_json::{Value, json};

/// The document.
pub(crate) fn document(commit: &Commit, crates: &[Crate], libraries: &[Library]) -> Result<String> {
    let program = crates.iter().position(|one| one.name == "createrepo-delta");
    let others = crates.iter().enumerate().filter(|(place, _)| Some(*place) != program);
    let mut components: Vec<Value> = others.map(|(_, one)| component(one)).collect();
    let mut uses: Vec<(String, Vec<String>)> = crates
        .iter()
        .map(|one| (reference(one), one.uses.iter().map(|place| reference(&crates[*place])).collect()))
        .collect();
    for library in libraries {
        let url = format!("pkg:generic/{}@{}", library.name, library.version);
        uses[library.place].1.push(url.clone());
        uses.push((url.clone(), Vec::new()));
        components.push(json!({
            "type": "library", "bom-ref": url, "purl": url, "name": library.name,
            "version": library.version, "licenses": [{ "expression": library.licence }],
        }));
    }
    let mut main = program.map_or(Value::Null, |place| component(&crates[place]));
    main["type"] = json!("application");
    let dependencies: Vec<Value> = uses
        .into_iter()
        .map(|(from, mut to)| {
            to.sort();
            json!({ "ref": from, "dependsOn": to })
        })
        .collect();
    let bill = json!({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": { "timestamp": commit.date, "component": main },
        "components": components, "dependencies": dependencies,
    });
    Ok(format!("{}\n", serde_json::to_string_pretty(&bill)?))
}

fn component(one: &Crate) -> Value {
    let mut component = json!({
        "type": "library", "bom-ref": reference(one), "name": one.name, "version": one.version,
        "licenses": [{ "expression": one.licence }],
    });
    if let Some(sha256) = &one.sha256 {
        component["purl"] = json!(reference(one));
        component["hashes"] = json!([{ "alg": "SHA-256", "content": sha256 }]);
    }
    component
}

fn reference(one: &Crate) -> String {
    let Crate { name, version, .. } = one;
    match one.sha256 {
        Some(_) => format!("pkg:cargo/{name}@{}", version.replace('+', "%2B")),
        None => format!("createrepo-delta/{name}@{version}"),
    }
}
