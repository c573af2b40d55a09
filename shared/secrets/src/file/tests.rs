//! The encrypted file against wrong keys, damage and second writers.

use super::*;

fn at(folder: &Path) -> File {
    let option = |name: &str, file: &str| (name.to_owned(), folder.join(file).display().to_string());
    File::new(&Options::new([option("file", "strongbox.age"), option("key_file", "strongbox.key")])).unwrap()
}

fn filled(folder: &Path) -> File {
    let file = at(folder);
    let (access, refresh) = (Secret::new("tøken"), Secret::new("line\nline\0"));
    file.write("swit", &[Change::set("access_token", &access), Change::set("refresh_token", &refresh)])
        .unwrap();
    file
}

fn values(file: &File) -> Vec<Option<String>> {
    let found = file.read("swit", &["access_token", "refresh_token", "other"]).unwrap();
    found.into_iter().map(|found| found.map(|found| found.secret.reveal().to_owned())).collect()
}

#[test]
fn what_is_written_is_read_and_can_be_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let file = filled(folder.path());
    assert_eq!(values(&file), [Some("tøken".to_owned()), Some("line\nline\0".to_owned()), None]);
    file.write("swit", &[Change::remove("access_token"), Change::set("other", &Secret::new("x"))]).unwrap();
    assert_eq!(values(&file), [None, Some("line\nline\0".to_owned()), Some("x".to_owned())]);
    let listed = file.list(Some("swit")).unwrap();
    assert_eq!(
        listed.iter().map(|listed| listed.key.as_str()).collect::<Vec<_>>(),
        ["other", "refresh_token"]
    );
    assert_eq!(file.list(Some("ldap")).unwrap(), []);
}

#[test]
fn nothing_of_it_is_in_the_clear_and_nobody_else_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path());
    for entry in std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap()) {
        let content = String::from_utf8_lossy(&std::fs::read(entry.path()).unwrap()).into_owned();
        assert!(!content.contains("swit") && !content.contains("token"), "{:?}", entry.path());
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.path());
    }
}

#[test]
fn another_key_is_told_apart_from_damage_at_any_byte() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (file, _) = (filled(folder.path()), filled(other.path()));
    let whole = std::fs::read(file.path()).unwrap();
    for place in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[place] ^= 1;
        std::fs::write(file.path(), damaged).unwrap();
        // A head that is damaged where nobody looks still opens; what it gives is then what was written.
        if let Err(error) = file.read("swit", &["access_token"]) {
            assert_eq!(error.exit(), Exit::Data, "byte {place}: {error}");
        }
    }
    for length in 0..whole.len() {
        std::fs::write(file.path(), &whole[..length]).unwrap();
        assert_eq!(file.read("swit", &["x"]).unwrap_err().exit(), Exit::Data, "cut at {length}");
    }
    std::fs::write(file.path(), &whole).unwrap();
    std::fs::copy(other.path().join("strongbox.key"), folder.path().join("strongbox.key")).unwrap();
    let error = file.read("swit", &["x"]).unwrap_err();
    assert_eq!(error.exit(), Exit::NoPerm, "{error}");
}

#[test]
fn two_writers_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    filled(folder.path());
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let folder = folder.path();
            scope.spawn(move || {
                for turn in 0..10 {
                    let key = format!("{writer}-{turn}");
                    at(folder).write("swit", &[Change::set(&key, &Secret::new("x"))]).unwrap();
                }
            });
        }
    });
    assert_eq!(at(folder.path()).list(None).unwrap().len(), 42);
}

#[test]
fn a_file_or_key_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    for name in ["strongbox.age", "strongbox.key"] {
        let folder = tempfile::tempdir().unwrap();
        let file = filled(folder.path());
        let path = folder.path().join(name);
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
        let error = file.read("swit", &["x"]).unwrap_err();
        assert!(error.exit() == Exit::Config && error.to_string().contains("chmod 600"), "{error}");
    }
}
