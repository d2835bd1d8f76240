//! Another process is at work: status 75, nothing changed, and who it is.

use std::fs;

use history::History;

use crate::support::{Bench, program, run};

#[test]
fn a_locked_history_is_temporary() {
    let bench = Bench::published(1);
    bench.create(2);
    let before = fs::read(bench.repomd()).unwrap();
    let lock = History::open(&bench.history()).unwrap();
    let holder = format!("`ps -fp {}`", std::process::id());
    bench.generate(&[]).expect(75).says(&[
        &format!("the history `{}` is in use by process {} (", bench.history().display(), std::process::id()),
        "\nhint: run this again",
        &holder,
        ", which has it since 20",
    ]);
    let repo = bench.repo().display().to_string();
    let rest: [(&str, &[&str]); 4] = [
        ("drop", &["--newest"]),
        ("prune", &["--keep", "1"]),
        ("verify", &["--repair"]),
        ("import", &[&repo]),
    ];
    for (action, options) in rest {
        bench.history_command(action, options).expect(75);
    }
    assert_eq!(fs::read(bench.repomd()).unwrap(), before);

    // Looking does not need the lock.
    bench.history_command("list", &[]).expect(0);
    bench.history_command("verify", &[]).expect(0);
    // A dry run gives the answer of the run.
    bench.generate(&["--dry-run"]).expect(75);
    drop(lock);
    bench.generate(&[]).expect(0);
}

#[test]
fn a_running_createrepo_is_temporary() {
    let bench = Bench::published(1);
    bench.create(2);
    let busy = bench.repo().join(".repodata");
    fs::create_dir(&busy).unwrap();
    let remove = format!("`rm -r {}`", busy.display());
    bench.generate(&[]).expect(75).says(&["createrepo_c is at work", "hint: wait", &remove]);
    run(program("verify").arg(bench.repo())).expect(75);
    run(program("strip").arg(bench.repo())).expect(75);
    run(program("inspect").arg(bench.repo())).expect(0);
}
