//! The settings file of every command: what it may hold, what is said of what it may not.

mod files;
mod layers;

use muster_tests::cli::{Cli, Ran, bin_dir, root};
use std::process::Command;

/// Every command but those whose section is another's.
fn commands() -> Vec<String> {
    let names = std::fs::read_dir(root().join("bins")).unwrap();
    let mut names: Vec<_> = names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| !["diff", "map", "README.md"].contains(&name.as_str()));
    names.sort();
    names
}

fn shown(command: &str, config: &str) -> Ran {
    Cli::new(command).args(["--show-settings"]).file("config.ini", config).run().with_status(0)
}

#[test]
fn an_example_is_read_without_complaint_and_sets_nothing() {
    for command in commands() {
        let example = Cli::new(&command).args(["--example-config"]).run().with_status(0).stdout;
        let ran = shown(&command, &example);
        assert_eq!(ran.stderr, "", "{command}");
        assert_eq!(ran.stdout, shown(&command, "").stdout, "{command}");
    }
}

#[test]
fn every_line_of_an_example_is_a_setting_when_its_comment_is_taken_away() {
    for command in commands() {
        let example = Cli::new(&command).args(["--example-config"]).run().with_status(0).stdout;
        let open: Vec<_> = example
            .lines()
            .map(|line| line.strip_prefix('#').filter(|l| !l.starts_with(' ')).unwrap_or(line))
            .collect();
        assert_eq!(shown(&command, &open.join("\n")).stderr, "", "{command}");
    }
}

#[test]
fn a_section_that_is_switched_off_is_respected() {
    let read = |config: &str| {
        Cli::new("extract-os2mo")
            .args(["--url", "http://127.0.0.1:1", "--retries", "0"])
            .file("config.ini", config)
    };
    for config in
        ["[os2mo]\nenable = False\n", "[os2mo]\nenable =\n", "[os2mo]\nenable = True\n[os2mo]\nenable = no\n"]
    {
        let ran = read(config).run().with_status(78);
        assert!(ran.stderr.contains("'os2mo' is switched off (config.ini:"), "{}", ran.stderr);
        assert_eq!(ran.stdout, "");
    }
    for config in ["[os2mo]\nenable = Yes\n", "[os2mo]\n", "[os2sync]\nenable = False\n"] {
        read(config).run().with_status(69);
    }
    read("[os2mo]\nenable = False\n").env("OS2MO_ENABLED", "1").run().with_status(69);
    let ran = read("").env("OS2MO_ENABLED", "0").run().with_status(78);
    assert!(ran.stderr.contains("(OS2MO_ENABLED)"), "{}", ran.stderr);
}

#[test]
fn a_section_with_a_suffix_stands_for_itself() {
    let config = "[os2mo]\nurl = https://one.example.org\n[os2mo.Fjordby]\nurl = https://two.example.org\n";
    let ran = Cli::new("extract-os2mo")
        .args(["--show-settings", "--section", "os2mo.Fjordby"])
        .file("config.ini", config);
    assert!(ran.run().with_status(0).stdout.contains("url = https://two.example.org"));
}

#[test]
fn keys_of_the_connectors_pipeline_are_no_mistakes_but_a_slip_is() {
    let config = "[os2mo]\nurl = https://os2mo.example.org\nmapping.USER = {\"source\": \"user_key\"}\nuse_server_map = True\n\
                  recordfilter:\n  return True\nsync_field = USER\nssl_protocol = tls1\npage_sise = 7\n";
    let ran = shown("extract-os2mo", config);
    let told: Vec<_> = ran.stderr.lines().collect();
    assert_eq!(
        told,
        [
            "extract-os2mo: warning: the setting 'ssl_protocol' has no effect: TLS 1.2 or newer is spoken, whatever it says (config.ini:8)",
            "extract-os2mo: warning: nobody knows the setting 'page_sise' (config.ini:9); did you mean 'page_size'?"
        ]
    );
}

#[test]
fn a_whole_file_is_written_and_the_one_before_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("config.ini");
    let write = || {
        let script = root().join("scripts/example-config");
        let status = Command::new(script).arg(&file).env("MUSTER_BIN_DIR", bin_dir()).status().unwrap();
        assert!(status.success());
        std::fs::read_to_string(&file).unwrap()
    };
    let example = write();
    for command in commands() {
        assert!(example.contains(&format!("# {command}: ")), "{command}");
    }
    std::fs::write(&file, "[os2mo]\n").unwrap();
    assert_eq!(write(), example);
    assert_eq!(std::fs::read_to_string(dir.path().join("config.ini.bak")).unwrap(), "[os2mo]\n");
    // What was the first stays, however often it is called.
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    write();
    assert_eq!(std::fs::read_to_string(dir.path().join("config.ini.bak")).unwrap(), "[os2mo]\n");
    assert_eq!(std::fs::read_to_string(dir.path().join("config.ini.bak.1")).unwrap(), example);
    for name in ["config.ini", "config.ini.bak", "config.ini.bak.1"] {
        let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(dir.path().join(name)).unwrap());
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 3);
}

#[test]
fn a_folder_is_not_taken_for_a_settings_file() {
    let dir = tempfile::tempdir().unwrap();
    let script = root().join("scripts/example-config");
    let ran = Command::new(script).arg(dir.path()).env("MUSTER_BIN_DIR", bin_dir()).output().unwrap();
    assert_eq!(ran.status.code(), Some(64));
    assert!(dir.path().is_dir() && std::fs::read_dir(dir.path()).unwrap().next().is_none());
}

#[test]
fn the_example_of_all_commands_is_one_file_for_each_of_them() {
    let example =
        Command::new(root().join("scripts/example-config")).env("MUSTER_BIN_DIR", bin_dir()).output();
    let example = String::from_utf8(example.unwrap().stdout).unwrap();
    for command in commands() {
        let ran = shown(&command, &example);
        assert_eq!((ran.stderr.as_str(), ran.stdout), ("", shown(&command, "").stdout), "{command}");
    }
}
