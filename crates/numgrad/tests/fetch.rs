//! `numgrad data fetch` as a user drives it, where there is no network to be had.
#![cfg(feature = "download")]
use std::net::TcpListener;
use std::process::Command;

#[test]
fn where_there_is_no_network_it_is_said_with_what_else_can_be_done() {
    let folder = tempfile::tempdir().unwrap();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    for (words, status) in [
        (vec!["mnist", "--mirror", &address], 69),
        (vec!["fashion-mnist", "--mirror", &address], 69),
        (vec!["cifar"], 2),
    ] {
        let mut fetch = Command::new(env!("CARGO_BIN_EXE_numgrad"));
        fetch.args(["data", "fetch"]).args(&words);
        fetch
            .env("XDG_CACHE_HOME", folder.path())
            .env("HOME", folder.path());
        let ran = fetch.output().unwrap();
        let said = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(ran.status.code(), Some(status), "{said}");
        assert_eq!((said.lines().count(), ran.stdout.len()), (1, 0), "{said}");
        let advice = ["is there a network?", "--mirror", "--data mnist:FOLDER"];
        assert!(
            status == 2 || advice.iter().all(|part| said.contains(part)),
            "{said}"
        );
    }
}
