//! Completions, a manual, help with examples, and advice for what is mistyped.
use crate::command::{numgrad, program, succeeds};
use std::process::Command;

/// Every command that help lists.
fn commands() -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let help = succeeds(folder.path(), "--help").stdout;
    let (_, list) = help.split_once("Commands:").unwrap();
    let (list, _) = list.split_once("Options:").unwrap();
    let names = list
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = names.filter_map(|line| line.split_whitespace().next());
    names
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_help_of_every_command_has_examples() {
    let folder = tempfile::tempdir().unwrap();
    let commands = commands();
    assert!(commands.len() >= 14, "{commands:?}");
    for command in commands {
        let help = succeeds(folder.path(), &format!("{command} --help")).stdout;
        let example = format!("\n  numgrad {command}");
        assert!(
            help.contains("Examples:") && help.contains(&example),
            "{command}: {help}"
        );
    }
}

#[test]
fn completions_of_every_shell_know_commands_and_flags() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = succeeds(folder.path(), &format!("completions {shell}")).stdout;
        for word in ["differentiate", "learning-rate", "print-config"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    let ran = numgrad(folder.path(), "completions bsh");
    assert_eq!(ran.status, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("bash"), "{}", ran.stderr);
}

/// The script completes in the shell itself, where that is installed.
#[cfg(unix)]
#[test]
fn bash_completes_a_flag() {
    let folder = tempfile::tempdir().unwrap();
    let script = succeeds(folder.path(), "completions bash").stdout;
    let ask = "COMP_WORDS=(numgrad train --learn); COMP_CWORD=2; _numgrad numgrad --learn train; \
               echo \"${COMPREPLY[@]}\"";
    let asked = Command::new("bash")
        .args(["-c", &format!("{script}\n{ask}")])
        .output();
    let Ok(asked) = asked else {
        eprintln!("skipped: there is no bash");
        return;
    };
    let reply = String::from_utf8(asked.stdout).unwrap();
    assert!(
        reply
            .split_whitespace()
            .any(|word| word == "--learning-rate"),
        "{reply}"
    );
}

/// What a value may be is offered, and taken.
#[cfg(unix)]
#[test]
fn names_of_a_closed_set_are_completed_and_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let script = succeeds(folder.path(), "completions bash").stdout;
    let zsh = succeeds(folder.path(), "completions zsh").stdout;
    for (flag, some) in [
        ("perturb", "neuron directions"),
        ("optimizer", "adamw gd"),
        ("loss", "hinge huber"),
        ("activation", "gelu leaky-relu"),
        ("output", "softmax identity"),
        ("init", "he xavier-normal"),
        ("precision", "f32"),
        ("scheme", "five-point"),
        ("scaling", "unit"),
        ("missing", "median"),
        ("watch", "test-accuracy"),
        ("distribution", "orthogonal"),
        ("rank", "centred"),
        ("distribute", "coordinates"),
        ("task", "regression"),
    ] {
        let listed = format!("'--{flag}=[");
        let line = zsh.lines().find(|line| line.contains(&listed)).unwrap();
        let ask = format!(
            "COMP_WORDS=(numgrad train --{flag} ''); COMP_CWORD=3; _numgrad numgrad '' --{flag}; \
             echo \"${{COMPREPLY[@]}}\""
        );
        let asked = Command::new("bash")
            .args(["-c", &format!("{script}\n{ask}")])
            .output();
        let Ok(asked) = asked else {
            eprintln!("skipped: there is no bash");
            return;
        };
        let reply = String::from_utf8(asked.stdout).unwrap();
        let offered: Vec<&str> = reply.split_whitespace().collect();
        for name in some.split(' ') {
            assert!(offered.contains(&name), "--{flag} {name}: {reply}");
        }
        for name in offered {
            assert!(line.contains(name), "--{flag} {name}: {line}");
            let ran = numgrad(
                folder.path(),
                &format!("train --{flag} {name} --print-config"),
            );
            assert!(!ran.stderr.contains("invalid value"), "{}", ran.stderr);
        }
    }
}

#[test]
fn the_manual_has_a_page_for_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let ran = succeeds(folder.path(), "man --output pages --json");
    let pages = ran.json()[0]["pages"].as_array().unwrap().len();
    // `data` has commands of its own, with a page each.
    let nested = ["data-describe", "data-fetch"];
    assert_eq!(pages, 1 + commands().len() + nested.len());
    for command in nested {
        let page = succeeds(folder.path(), &format!("man {command}")).stdout;
        assert!(page.contains(".SH EXAMPLES"), "{page}");
    }
    for command in commands() {
        let page = folder.path().join(format!("pages/numgrad-{command}.1"));
        let page = std::fs::read_to_string(page).unwrap();
        for part in [
            ".TH numgrad",
            ".SH SYNOPSIS",
            ".SH EXAMPLES\n.nf\nnumgrad ",
            ".SH \"EXIT STATUS\"\n.TP\n\\fB0\\fR\ndone\n.TP\n\\fB2\\fR\n",
            ".SH ENVIRONMENT",
            "\\fBnumgrad\\fR(1)",
        ] {
            assert!(page.contains(part), "{part} in {page}");
        }
        assert!(
            !page.contains("EXTRA") && !page.contains("Examples:"),
            "{page}"
        );
    }
    let page = succeeds(folder.path(), "man train").stdout;
    assert!(
        page.contains("learning") && page.contains(".SH OPTIONS"),
        "{page}"
    );
    let synopsis = page
        .split(".SH ")
        .find(|part| part.starts_with("SYNOPSIS"))
        .unwrap();
    let help = succeeds(folder.path(), "train --help").stdout;
    let flags = help
        .lines()
        .filter_map(|line| line.trim().strip_prefix("--"));
    let flags: Vec<&str> = flags
        .filter_map(|line| line.split([' ', ',']).next())
        .collect();
    assert!(flags.len() > 40, "{flags:?}");
    for flag in flags {
        let name = format!("--{flag}").replace('-', "\\-");
        assert!(
            synopsis.contains(&format!("\\fB{name}\\fR")),
            "{flag} in {synopsis}"
        );
    }
    assert!(
        synopsis.contains("\\fB\\-\\-data\\fR \\fISOURCE\\fR"),
        "{synopsis}"
    );
    assert_eq!(numgrad(folder.path(), "man nothing").status, 2);
}

#[test]
fn what_is_mistyped_is_answered_with_what_is_like_it() {
    let folder = tempfile::tempdir().unwrap();
    for (words, says) in [
        ("trian", "'train'"),
        ("train --lerning-rate 1", "'--learning-rate'"),
        ("train --activation rleu", "did you mean 'relu'"),
        ("train --activation Relu", "did you mean 'relu'"),
        ("train --perturb nueron", "did you mean 'neuron'"),
        ("train --optimizer adma", "did you mean 'adam'"),
        ("train --loss cross-entopy", "did you mean 'cross-entropy'"),
        ("train --scheme centrl", "did you mean 'central'"),
        ("train --task regresion", "'regression'"),
        ("train --data digit", "did you mean 'digits'"),
        ("train --schedule warm-up:2,cosin", "did you mean 'cosine'"),
        (
            "export run --output a.b --format onx",
            "did you mean 'onnx'",
        ),
    ] {
        let ran = numgrad(folder.path(), words);
        assert_eq!(ran.status, 2, "{words}: {}", ran.stderr);
        assert_eq!(ran.stderr.lines().count(), 1, "{words}: {}", ran.stderr);
        assert!(ran.stderr.contains(says), "{words}: {}", ran.stderr);
    }
}

#[test]
fn nothing_is_suggested_that_was_said() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("iris.csv"), "a,b\n1,2\n").unwrap();
    for (words, says) in [
        ("train --schedule warm-up:0", "the epochs of warm-up are 0"),
        ("train --seed -3", "it is no whole number of at least 0"),
        ("compare a b --output c.html", "unknown output 'c.html'"),
        ("train --data no/file", "there is no such file or folder"),
        ("scale --ranks 10..1", "10..1"),
        ("train --layers 784-50-10", "commas between them"),
        (
            "train iris.csv",
            "a file of data is given with --data iris.csv",
        ),
        (
            "train --momentum 0.9",
            "unexpected argument '--momentum' found; Usage",
        ),
    ] {
        let ran = numgrad(folder.path(), words);
        assert_eq!(ran.status, 2, "{words}: {}", ran.stderr);
        assert!(ran.stderr.contains(says), "{words}: {}", ran.stderr);
        assert!(
            !ran.stderr.contains("did you mean"),
            "{words}: {}",
            ran.stderr
        );
    }
}

#[test]
fn without_a_command_the_help_is_shown_as_it_is_laid_out() {
    let folder = tempfile::tempdir().unwrap();
    let asked = succeeds(folder.path(), "--help").stdout;
    let ran = numgrad(folder.path(), "");
    assert_eq!(ran.status, 2);
    for line in asked.lines().filter(|line| line.starts_with("  ")) {
        assert!(ran.stderr.contains(line), "{line} in {}", ran.stderr);
    }
}

#[test]
fn nothing_is_coloured_where_nobody_asked_for_colours() {
    let folder = tempfile::tempdir().unwrap();
    for words in [
        "--help",
        "train --help",
        "trian",
        "train --epochs 1 --layers 64,2,10",
    ] {
        let ran = Command::new(program())
            .args(words.split_whitespace())
            .current_dir(folder.path())
            .env("NO_COLOR", "1")
            .output()
            .unwrap();
        let text = [ran.stdout, ran.stderr].concat();
        assert!(!text.contains(&0x1b), "{words}");
    }
}
