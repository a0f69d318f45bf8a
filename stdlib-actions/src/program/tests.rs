use std::path::Path;
use std::time::Duration;

use rye_core::limit::PROGRAM_COMPLAINT_BYTES_MAX;

use super::*;

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

fn shell(script: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", script]);
    command
}

#[test]
fn input_goes_in_and_both_outputs_come_out() {
    let output = run(&mut shell("cat; echo oh >&2; exit 3"), b"hello", soon()).unwrap();
    assert_eq!((output.success, output.stdout.as_slice()), (false, b"hello".as_slice()));
    assert_eq!(output.stderr, "oh\n");
}

#[test]
fn a_program_sees_no_environment_and_no_working_directory_of_ours() {
    let output = run(&mut Command::new("/usr/bin/env"), b"", soon()).unwrap();
    assert_eq!(output.stdout, b"");
    let output = run(&mut shell("pwd"), b"", soon()).unwrap();
    assert_eq!(output.stdout, b"/\n");
}

#[test]
fn a_program_that_reads_nothing_does_not_hang_us() {
    let input = vec![b'x'; 1 << 20];
    assert!(run(&mut Command::new("/bin/true"), &input, soon()).unwrap().success);
}

#[test]
fn time_is_limited_also_when_the_output_is_closed_already() {
    let deadline = || Instant::now() + Duration::from_millis(50);
    let ends = |script| run(&mut shell(script), b"", deadline()).unwrap_err();
    assert_eq!(ends("exec sleep 60"), ProgramError::Timeout);
    assert_eq!(ends("exec sleep 60 >&- 2>&-"), ProgramError::Timeout);
}

#[test]
fn a_killed_program_and_one_that_says_too_much_are_told_apart() {
    assert_eq!(run(&mut shell("kill -9 $$"), b"", soon()).unwrap_err(), ProgramError::Killed);
    let endless = run(&mut Command::new("/usr/bin/yes"), b"", soon()).unwrap_err();
    assert_eq!(endless, ProgramError::TooMuch);
}

#[test]
fn what_a_program_complained_of_outlives_its_end() {
    let ends = |script, most| run_limited(&mut shell(script), b"", most, soon()).unwrap_err();
    let killed = ends("echo stuck >&2; kill -9 $$", 10);
    assert_eq!((killed.error, &*killed.stderr), (ProgramError::Killed, "stuck\n"));
    let too_much = ends("echo much >&2; exec 2>&-; yes", 10);
    assert_eq!((too_much.error, &*too_much.stderr), (ProgramError::TooMuch, "much\n"));
}

#[test]
fn output_may_be_as_long_as_the_limit_and_no_longer() {
    let print =
        |length: usize| run(&mut shell(&format!("head -c {length} /dev/zero")), b"", soon());
    let output = print(PROGRAM_OUTPUT_BYTES_MAX).unwrap();
    assert_eq!(output.stdout.len(), PROGRAM_OUTPUT_BYTES_MAX);
    assert_eq!(print(PROGRAM_OUTPUT_BYTES_MAX + 1).unwrap_err(), ProgramError::TooMuch);
}

#[test]
fn what_is_not_there_is_not_started() {
    let missing = Path::new("/nowhere/nft");
    let error = run(&mut Command::new(missing), b"", soon()).unwrap_err();
    assert_eq!(error, ProgramError::NotStarted);
}

#[test]
fn complaints_never_stop_a_program_and_only_their_beginning_is_kept() {
    let output = run(&mut shell("head -c 9000000 /dev/zero >&2; echo done"), b"", soon()).unwrap();
    assert_eq!((output.success, output.stdout.as_slice()), (true, b"done\n".as_slice()));
    assert_eq!(output.stderr.len(), PROGRAM_COMPLAINT_BYTES_MAX);
}

#[test]
fn nothing_that_a_program_started_outlives_the_call() {
    let left = |script: &str| {
        let output = run(&mut shell(script), b"", soon()).unwrap();
        let end = soon();
        let pid = String::from_utf8(output.stdout).unwrap().trim().to_owned();
        assert!(!pid.is_empty());
        // It was killed; how long the machine takes over it is not ours to say.
        let is_there = || {
            let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            !state.is_empty() && !state.contains(") Z ")
        };
        while is_there() {
            assert!(Instant::now() < end, "{pid} lives on");
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    // It holds the output open, and is waited for all the same.
    left("sleep 60 & echo $!");
    left("sleep 60 >&- 2>&- & echo $!");
}
