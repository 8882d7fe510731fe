//! The line program of test/negentropy/harness.ts over the crate `negentropy`, which nobody here wrote.
use std::env;
use std::io::{self, BufRead, Write};

use negentropy::{Id, Negentropy, NegentropyStorageVector};

fn bytes_of(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
}

fn hex_of(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn say(line: String) {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}").unwrap();
    out.flush().unwrap();
}

fn main() {
    let limit: u64 = env::var("FRAMESIZELIMIT").ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut lines = io::stdin().lock().lines().map(|line| line.unwrap());
    let mut storage = NegentropyStorageVector::new();
    for line in lines.by_ref() {
        let parts: Vec<&str> = line.trim().split(',').collect();
        if parts[0] == "seal" {
            break;
        }
        storage.insert(parts[1].parse().unwrap(), Id::from_slice(&bytes_of(parts[2])).unwrap()).unwrap();
    }
    storage.seal().unwrap();
    let mut negentropy = Negentropy::borrowed(&storage, limit).unwrap();
    for line in lines {
        let parts: Vec<&str> = line.trim().split(',').collect();
        if parts[0] == "initiate" {
            say(format!("msg,{}", hex_of(&negentropy.initiate().unwrap())));
        } else if !negentropy.is_initiator() {
            say(format!("msg,{}", hex_of(&negentropy.reconcile(&bytes_of(parts[1])).unwrap())));
        } else {
            let (mut have, mut need) = (Vec::new(), Vec::new());
            let next = negentropy.reconcile_with_ids(&bytes_of(parts[1]), &mut have, &mut need).unwrap();
            have.iter().for_each(|id| say(format!("have,{}", hex_of(id.as_bytes()))));
            need.iter().for_each(|id| say(format!("need,{}", hex_of(id.as_bytes()))));
            say(next.map_or("done".to_string(), |message| format!("msg,{}", hex_of(&message))));
        }
    }
}
