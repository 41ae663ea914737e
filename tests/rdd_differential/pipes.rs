//! Rows through external commands.
#![cfg(unix)]

use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use superstep::prelude::Context;
use superstep::{ErrorKind, Result};

use crate::{assert_rows, check_some};

#[test]
fn each_partition_goes_through_the_command_in_order() -> Result<(), String> {
    check_some(12, |ctx, input| {
        let values = input.left(ctx)?.values();
        let expected = input.left.iter().map(|(_, value)| value.to_string());
        assert_rows(&values.pipe(["cat"])?, expected)?;
        // Also for empty partitions.
        let lengths = input.left_parts().into_iter().map(|rows| rows.len().to_string());
        let counted = values.pipe_with_env(["sh", "-c", "$COUNT"], [("COUNT", "grep -c ^ -")])?;
        let counted = counted.map(|line| line.trim().to_owned());
        // grep's status is 1 where it finds nothing.
        if input.left_parts().iter().all(|rows| !rows.is_empty()) {
            assert_rows(&counted, lengths)?;
        }
        Ok(())
    })
}

#[test]
fn a_command_may_write_much_before_it_reads_and_read_much_before_it_writes() -> Result<()> {
    let ctx = Context::local(2)?;
    // Far more than the pipes hold, in both directions.
    let rows = ctx.parallelize(0..200_000_u64, 1);
    let early = rows.pipe(["sh", "-c", "seq 1 200000; cat"])?;
    assert_eq!(early.count()?, 400_000);
    let late = rows.pipe(["sort", "-rn"])?.take(2)?;
    assert_eq!(late, ["199999", "199998"]);
    let mixed = rows.pipe(["cat"])?.map(|line| line.len() as u64).sum()?;
    assert_eq!(mixed, (0..200_000_u64).map(|n| n.to_string().len() as u64).sum::<u64>());
    Ok(())
}

#[test]
fn a_command_that_stops_reading_is_no_error() -> Result<()> {
    let ctx = Context::local(2)?;
    let rows = ctx.parallelize(0..1_000_000_u64, 2);
    assert_eq!(rows.pipe(["head", "-n", "1"])?.collect()?, ["0", "500000"]);
    assert_eq!(rows.pipe(["true"])?.count()?, 0);
    assert_eq!(rows.pipe(["sh", "-c", "exec >&-; cat >/dev/null"])?.count()?, 0);
    Ok(())
}

#[test]
fn a_command_that_fails_is_an_error_with_its_status_and_last_words() -> Result<()> {
    let ctx = Context::builder().threads(2).task_attempts(2).build()?;
    let rows = ctx.parallelize(0..10, 2);
    let command = ["sh", "-c", "seq 1 9999 >&2; echo no such luck >&2; cat; exit 3"];
    let error = rows.pipe(command)?.collect().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Task { attempt: 2, .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("exit status: 3") && text.ends_with("9999\nno such luck"), "{text}");
    assert!(text.len() < 3000);
    let text = rows.pipe(["sh", "-c", "kill -9 $$"])?.count().unwrap_err().to_string();
    assert!(text.contains("signal: 9"), "{text}");

    let text = rows.pipe(["/no/such/program"])?.count().unwrap_err().to_string();
    assert!(text.starts_with("/no/such/program: cannot run: "), "{text}");
    let text = rows.pipe(["printf", "\\377"])?.count().unwrap_err().to_string();
    assert!(text.contains("not UTF-8"), "{text}");
    assert!(rows.pipe([""; 0]).is_err());
    let panicking = rows.map(|n: i32| assert!(n < 5)).map(|()| 1).pipe(["cat"])?;
    assert!(panicking.count().unwrap_err().to_string().contains("n < 5"));
    Ok(())
}

#[test]
#[cfg(target_os = "linux")]
fn nothing_is_left_running_when_the_rows_are_not_read_to_their_end() -> Result<()> {
    let ctx = Context::local(2)?;
    let command = ["sh", "-c", "sleep 1000 & echo $!; echo $$; cat; wait"];
    let pids = ctx.parallelize(0..1_000_000, 1).pipe(command)?.take(2)?;
    assert_eq!(pids.len(), 2);
    let begin = Instant::now();
    for pid in pids {
        // Gone, or dead and not yet buried by whoever inherited it.
        let runs = || {
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            stat.rsplit(") ")
                .next()
                .is_some_and(|state| !state.is_empty() && !state.starts_with('Z'))
        };
        while runs() {
            assert!(begin.elapsed() < Duration::from_secs(10), "process {pid} is left");
            sleep(Duration::from_millis(5));
        }
    }
    Ok(())
}
