//! `pipe`: rows through an external command, as lines.
//!
//! Three threads serve each command: one writes its standard input, one reads its output, one keeps
//! the end of what it says on standard error. The task itself makes the input rows and hands on the
//! output rows, whichever the command is ready for, so a command that writes before it has read
//! everything, or reads everything before it writes, never waits for a reader that waits for it.
//! Buffers are bounded. When the rows are dropped early the command is killed, with what it started
//! in its process group, and waited for.

use std::fmt::{self, Display};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use std::vec;

use crossbeam::channel::{Receiver, Sender, bounded};
use crossbeam::select;

use crate::data::Data;
use crate::error::{Error, Result};
use crate::exec::{Rows, raise};
use crate::rdd::Rdd;

/// Input text that is handed over at once.
const BATCH_BYTES: usize = 64 << 10;
/// Output lines that are handed over at once.
const BATCH_LINES: usize = 1 << 10;
/// Batches that may wait on either side.
const WAITING_BATCHES: usize = 2;
/// How much of standard error an error message has.
const TAIL_BYTES: usize = 2 << 10;
/// How long a command that has failed may keep standard error open, through what it started.
const LAST_WORDS: Duration = Duration::from_secs(1);

impl<T: Data + Display> Rdd<T> {
    /// Sends the rows of each partition, one a line, to the standard input of a `command` (the
    /// program and its arguments, without a shell), and returns the lines of its standard output in
    /// their order. The command is started once a partition, also for an empty one.
    ///
    /// Nothing moves, and rows stream through the command in bounded memory. A row whose text
    /// contains line ends becomes several lines. Reading only the first rows, as
    /// [`take`](Self::take) does, kills the command early; one that ends without reading all of its
    /// input, such as `head`, is no error.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let words = ctx.parallelize(["to", "be", "or", "not"].map(str::to_owned), 2);
    /// assert_eq!(words.pipe(["tr", "a-z", "A-Z"])?.collect()?, ["TO", "BE", "OR", "NOT"]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Argument`](crate::ErrorKind::Argument) when the command is empty. When the
    /// lines are computed: [`ErrorKind::Io`](crate::ErrorKind::Io) when the program cannot be
    /// started, and a failed task, with the end of what it wrote to standard error, when it does
    /// not exit with status 0 or a line is not UTF-8.
    pub fn pipe<A: Into<String>>(
        &self,
        command: impl IntoIterator<Item = A>,
    ) -> Result<Rdd<String>> {
        self.pipe_with_env(command, std::iter::empty::<(String, String)>())
    }

    /// Like [`pipe`](Self::pipe), with environment variables set for the command besides those it
    /// inherits.
    ///
    /// ```
    /// # use superstep::prelude::*;
    /// let ctx = Context::local(2)?;
    /// let command = ["sh", "-c", "cat; echo $LAST"];
    /// let lines = ctx.parallelize(1..=2, 1).pipe_with_env(command, [("LAST", "end")])?;
    /// assert_eq!(lines.collect()?, ["1", "2", "end"]);
    /// # Ok::<(), superstep::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`pipe`](Self::pipe).
    pub fn pipe_with_env<A: Into<String>, N: Into<String>, W: Into<String>>(
        &self,
        command: impl IntoIterator<Item = A>,
        variables: impl IntoIterator<Item = (N, W)>,
    ) -> Result<Rdd<String>> {
        let mut words = command.into_iter().map(Into::into);
        let program = words.next().ok_or_else(|| Error::argument("pipe needs a command"))?;
        let invocation = Arc::new(Invocation {
            program,
            arguments: words.collect(),
            variables: variables.into_iter().map(|(n, w)| (n.into(), w.into())).collect(),
        });
        Ok(self.narrow("pipe", None, move |_, rows| Ok(Box::new(invocation.start(rows)?))))
    }
}

/// What is run for each partition.
struct Invocation {
    program: String,
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
}

impl Invocation {
    /// Starts the command and the threads that serve it.
    fn start<T: Display>(self: &Arc<Self>, rows: Rows<T>) -> Result<Piped<T>> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).envs(self.variables.iter().cloned());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let child = command.spawn().map_err(|error| Error::io(&self.program, "run", error))?;
        // From here on dropping it ends the command.
        let mut running = Running { child, ended: false };
        let pipes =
            (running.child.stdin.take(), running.child.stdout.take(), running.child.stderr.take());
        let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
            return Err(Error::internal("a command without its pipes"));
        };
        let (input, to_write) = bounded(WAITING_BATCHES);
        let (lines, output) = bounded(WAITING_BATCHES);
        let (tail, last_words) = bounded(1);
        let problems = lines.clone();
        self.serve(move || write_input(stdin, &to_write, &problems))?;
        self.serve(move || read_output(stdout, &lines))?;
        self.serve(move || drop(tail.send(read_tail(stderr))))?;
        Ok(Piped {
            invocation: Arc::clone(self),
            rows,
            input: Some(input),
            batch: Vec::new(),
            output,
            lines: Vec::new().into_iter(),
            last_words,
            running,
        })
    }

    /// Starts a thread. It ends when the command has ended or closed its pipe, and nobody waits for
    /// it: a process that left the command's group may hold the pipe.
    fn serve(&self, body: impl FnOnce() + Send + 'static) -> Result<()> {
        let thread = thread::Builder::new().name("superstep-pipe".to_owned()).spawn(body);
        thread.map_err(|error| Error::io(&self.program, "start a thread to run", error))?;
        Ok(())
    }
}

impl Display for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}", self.program)?;
        self.arguments.iter().try_for_each(|argument| write!(f, " {argument}"))?;
        f.write_str("`")
    }
}

/// Writes what it gets to a command, until there is no more or the command takes no more.
fn write_input(
    mut stdin: impl Write,
    batches: &Receiver<Vec<u8>>,
    problems: &Sender<Result<Vec<String>>>,
) {
    for batch in batches {
        match stdin.write_all(&batch) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return,
            // The receiver may have gone; then the rows are not wanted.
            Err(error) => return drop(problems.send(Err(Error::io("pipe", "write", error)))),
        }
    }
}

/// Hands the lines of a command on, until there are no more or nobody wants them.
fn read_output(stdout: impl Read, output: &Sender<Result<Vec<String>>>) {
    let mut reader = BufReader::with_capacity(BATCH_BYTES, stdout);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        let problem = match reader.read_line(&mut line) {
            Ok(0) => break,
            Ok(_) => None,
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                Some(Error::user("a line from the command is not UTF-8"))
            }
            Err(error) => Some(Error::io("pipe", "read", error)),
        };
        if let Some(problem) = problem {
            return drop(output.send(Err(problem)));
        }
        if line.ends_with('\n') {
            line.pop();
            if line.ends_with('\r') {
                line.pop();
            }
        }
        lines.push(line);
        // What is here is handed on before waiting for more.
        if lines.len() == BATCH_LINES || reader.buffer().is_empty() {
            let full = std::mem::take(&mut lines);
            if output.send(Ok(full)).is_err() {
                return;
            }
        }
    }
    drop(output.send(Ok(lines)));
}

/// Reads to the end and returns the last of it.
fn read_tail(mut stderr: impl Read) -> String {
    let (mut tail, mut buffer) = (Vec::new(), [0; TAIL_BYTES]);
    loop {
        match stderr.read(&mut buffer) {
            Ok(read @ 1..) => {
                tail.extend_from_slice(&buffer[..read]);
                tail.drain(..tail.len().saturating_sub(TAIL_BYTES));
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(_) | Err(_) => break,
        }
    }
    String::from_utf8_lossy(&tail).trim().to_owned()
}

/// A command at work; dropping it kills the command.
struct Running {
    child: Child,
    ended: bool,
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        #[cfg(unix)]
        {
            use rustix::process::{Pid, Signal, kill_process_group};
            // Until the command is waited for, its number cannot mean another process.
            let group = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
            let _ = group.map(|group| kill_process_group(group, Signal::KILL));
        }
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The output lines of a command, which takes rows as its input meanwhile.
struct Piped<T> {
    invocation: Arc<Invocation>,
    rows: Rows<T>,
    /// `None` when all input is handed over, or the command takes no more.
    input: Option<Sender<Vec<u8>>>,
    /// Input that waits for the command.
    batch: Vec<u8>,
    /// Ends when the command has closed its output and its input is written.
    output: Receiver<Result<Vec<String>>>,
    lines: vec::IntoIter<String>,
    last_words: Receiver<String>,
    running: Running,
}

impl<T: Display> Piped<T> {
    /// Makes the next batch of input, empty after the last row.
    fn fill(&mut self) -> Result<()> {
        while self.batch.len() < BATCH_BYTES
            && let Some(row) = self.rows.next()
        {
            writeln!(self.batch, "{row}").map_err(Error::user)?;
        }
        Ok(())
    }

    /// Returns the next lines of output, giving the command input as long as it takes some; `None`
    /// after it has ended well.
    fn next_lines(&mut self) -> Result<Option<Vec<String>>> {
        while let Some(input) = &self.input {
            if self.batch.is_empty() {
                self.fill()?;
                if self.batch.is_empty() {
                    self.input = None;
                    break;
                }
                continue;
            }
            select! {
                recv(self.output) -> lines => match lines {
                    Ok(lines) => return lines.map(Some),
                    Err(_) => self.input = None,
                },
                send(input, std::mem::take(&mut self.batch)) -> sent => if sent.is_err() {
                    self.input = None;
                },
            }
        }
        match self.output.recv() {
            Ok(lines) => lines.map(Some),
            Err(_) => self.finish().map(|()| None),
        }
    }

    /// Waits for the command and checks its status.
    fn finish(&mut self) -> Result<()> {
        if self.running.ended {
            return Ok(());
        }
        let waited = self.running.child.wait();
        let status =
            waited.map_err(|error| Error::io(&self.invocation.program, "wait for", error))?;
        self.running.ended = true;
        if status.success() {
            return Ok(());
        }
        let mut message = format!("{} failed with {status}", self.invocation);
        let tail = self.last_words.recv_timeout(LAST_WORDS).unwrap_or_default();
        if !tail.is_empty() {
            message += &format!("; on standard error it said: {tail}");
        }
        Err(Error::user(message))
    }
}

impl<T: Display> Iterator for Piped<T> {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        loop {
            if let Some(line) = self.lines.next() {
                return Some(line);
            }
            match self.next_lines() {
                Ok(Some(lines)) => self.lines = lines.into_iter(),
                Ok(None) => return None,
                Err(error) => raise(error),
            }
        }
    }
}
